"""The life of a cohort: planned, moved, switched, finished. Who is in it: ``members``; what it is
called and how many places it has: ``editing``.

Nothing here sends or withdraws mail and nothing moves occurrences; ``rollout`` composes that.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import COHORT_TRANSITIONS, CohortKind, CohortStatus, ParticipantStatus
from cohorts.exceptions import CohortError
from cohorts.gates import gate_key
from cohorts.models import Cohort, Membership
from cohorts.planning import CohortPlan
from common.dates import zone_fault
from common.doorbell import ring
from common.state import change_status
from projects.models import Project
from projects.services import events
from projects.services.gates import require_gate_open
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def create_cohorts(
    *, project: Project, plan: Sequence[CohortPlan], acting_user: "User | None"
) -> list[Cohort]:
    """Make the planned cohorts, all or none. Raises CohortError for a plan that cannot be."""
    require_open(project)
    # Two managers who add a wave at once wait for each other here, not at the unique constraint.
    lock_row(project)
    names = [*project.cohorts.values_list("name", flat=True)]
    for wanted in plan:
        _refuse_nonsense(wanted, names)
        names.append(wanted.name.strip())
    cohorts = Cohort.objects.bulk_create(_row(project, wanted) for wanted in plan)
    if cohorts:
        events.record(
            project=project,
            verb="cohort.created",
            sentence=ngettext("%(n)s cohort planned.", "%(n)s cohorts planned.", len(cohorts))
            % {"n": len(cohorts)},
            acting_user=acting_user,
            subject=cohorts[0] if len(cohorts) == 1 else None,
            data={"cohorts": [cohort.pk for cohort in cohorts]},
        )
    return cohorts


@transaction.atomic
def switch_cohort(*, cohort: Cohort, at: datetime, acting_user: "User | None") -> Cohort:
    """Record that the cohort's people changed mode at ``at``. A second try is a StaleState.

    Raises GateClosed while the cohort's go/no-go is closed at ``at``.
    """
    require_open(cohort.project)
    require_gate_open(project=cohort.project, key=gate_key(cohort), at=at)
    change_status(cohort, CohortStatus.SWITCHED, transitions=COHORT_TRANSITIONS, switched_at=at)
    people = Membership.objects.filter(
        cohort=cohort, participant__status=ParticipantStatus.ACTIVE, switched_at=None
    ).update(switched_at=at)
    events.record(
        project=cohort.project,
        verb="cohort.switched",
        sentence=ngettext(
            "“%(name)s” switched: %(n)s person.", "“%(name)s” switched: %(n)s people.", people
        )
        % {"name": cohort.name, "n": people},
        acting_user=acting_user,
        subject=cohort,
        data={"people": people},
    )
    ring("projects.tasks.measure_project_goals", cohort.project_id)
    return cohort


@transaction.atomic
def finish_cohort(*, cohort: Cohort, acting_user: "User | None") -> Cohort:
    """Close a switched cohort: nobody joins it any more. Raises StaleState for another status."""
    require_open(cohort.project)
    change_status(cohort, CohortStatus.FINISHED, transitions=COHORT_TRANSITIONS)
    events.record(
        project=cohort.project,
        verb="cohort.finished",
        sentence=_("“%(name)s” is finished.") % {"name": cohort.name},
        acting_user=acting_user,
        subject=cohort,
    )
    return cohort


def _row(project: Project, plan: CohortPlan) -> Cohort:
    return Cohort(project=project, **{**asdict(plan), "name": plan.name.strip()})


def _refuse_nonsense(plan: CohortPlan, names: Sequence[str]) -> None:
    refuse_name(plan.name.strip(), names)
    if plan.kind not in CohortKind:
        raise CohortError(_("A cohort is a pilot or a wave."))
    if fault := zone_fault(plan.timezone):
        raise CohortError(fault)
    if plan.ends_on < plan.switch_on:
        raise CohortError(
            _("“%(name)s” ends before it switches. Choose a later end.") % {"name": plan.name}
        )


def refuse_name(name: str, names: Sequence[str]) -> None:
    """Raises CohortError for a name that is none, or one of ``names``."""
    if not name or len(name) > 100 or not name.isprintable():
        raise CohortError(_("Give the cohort a name of at most 100 characters on one line."))
    if name.casefold() in {other.casefold() for other in names}:
        raise CohortError(
            _("There is already a cohort called “%(name)s”. Choose another name.") % {"name": name}
        )
