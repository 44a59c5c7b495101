"""Who owns the demo's cohorts, how many places they have and which rules fill them."""

import io
from dataclasses import replace

from accounts.models import User
from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.planning import RuleDraft
from cohorts.queries.counts import PeopleCounts, counts_by_cohort
from cohorts.services.editing import edit_cohort, freeze_cohort, settings_of
from cohorts.services.roster import import_people
from cohorts.services.rules import add_rule
from projects.models import Project
from rollout.demo.people import DOMAIN, TEAMS

SPARE, ROUND = 5, 10


def shape_cohorts(project: Project, manager: User) -> None:
    """Cohorts get owners, the coming ones places and a rule each; the next one is frozen, and
    somebody has begun in one of its departments since."""
    owners = list(project.stakeholders.filter(user=None).order_by("pk"))
    counts = counts_by_cohort([project.pk])
    coming = []
    for number, cohort in enumerate(project.cohorts.select_related("project")):
        settings = replace(settings_of(cohort), owner_id=owners[number % len(owners)].pk)
        if cohort.status == CohortStatus.PLANNED:
            coming.append(cohort)
            people = counts.get(cohort.pk, PeopleCounts()).people
            places = -(-(people + SPARE) // ROUND) * ROUND
            settings = replace(settings, capacity=settings.capacity or places)
            _add_rule(cohort, manager)
        edit_cohort(cohort=cohort, settings=settings, acting_user=manager)
    if coming:
        freeze_cohort(cohort=coming[0], acting_user=manager)
        _newcomer(coming[0], manager)


def _departments(cohort: Cohort) -> tuple[str, ...]:
    return tuple(team.department for team in TEAMS if team.cohort == cohort.position)


def _add_rule(cohort: Cohort, manager: User) -> None:
    draft = RuleDraft(field="department", values=_departments(cohort))
    add_rule(cohort=cohort, draft=draft, acting_user=manager)


def _newcomer(cohort: Cohort, manager: User) -> None:
    """In no cohort yet: the rule of a frozen one takes nobody."""
    address = f"nora.neumann@{DOMAIN}"
    department = _departments(cohort)[0]
    text = f"upn,mail,name,department\n{address},{address},Nora Neumann,{department}\n"
    import_people(
        project=cohort.project,
        stream=io.BytesIO(text.encode()),
        cohort=None,
        is_strict=True,
        is_dry_run=False,
        acting_user=manager,
    )
