"""Gives each cohort its go/no-go, with what the playbook asks of such a cohort."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from cohorts.gates import gate_key, is_asked
from cohorts.models import Cohort
from playbooks.reading import read
from playbooks.schema import GoCriterion
from projects.models import Gate, Project
from projects.services.gates import GatePlan, create_gate, create_gates

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def create_cohort_gate(*, cohort: Cohort, acting_user: "User | None") -> Gate:
    """The gate that ``cohort`` switches through; the one it has where it has one."""
    plan = _plan(cohort.project, cohort)
    return create_gate(
        project=cohort.project,
        key=plan.key,
        title=plan.title,
        criteria=plan.criteria,
        reminders=plan.reminders,
        params=plan.params,
        acting_user=acting_user,
    )


@transaction.atomic
def create_cohort_gates(
    *, project: Project, cohorts: Iterable[Cohort], acting_user: "User | None"
) -> list[Gate]:
    """The same for several cohorts of one project."""
    plans = [_plan(project, cohort) for cohort in cohorts]
    return create_gates(project=project, plans=plans, acting_user=acting_user)


def _plan(project: Project, cohort: Cohort) -> GatePlan:
    recipe = project.playbook_snapshot.get("cohort_recipe", {})
    criteria = [read(GoCriterion, one) for one in recipe.get("go_criteria", ())]
    return GatePlan(
        key=gate_key(cohort),
        title=cohort.name,
        criteria=[one for one in criteria if is_asked(one, cohort.kind)],
        reminders=recipe.get("checklist", ()),
        params={"cohort": cohort.pk},
    )
