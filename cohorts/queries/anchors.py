"""The days a running project is counted from, read off its cohorts. One query."""

from datetime import date

from cohorts.enums import CohortKind, CohortStatus
from cohorts.models import Cohort
from projects.models import Project
from projects.schedule_plan import Anchors


def anchors_of(project: Project) -> Anchors:
    """As the cohorts stand now; a project without pilot or waves counts from its own two dates."""
    cohorts = list(project.cohorts.exclude(status=CohortStatus.CANCELLED))
    return anchors_from(project, cohorts)


def anchors_from(project: Project, cohorts: list[Cohort]) -> Anchors:
    """The same of ``cohorts`` that may not be saved yet: what a preview counts from."""
    pilots = [one for one in cohorts if one.kind == CohortKind.PILOT]
    switches = [one.switch_on for one in cohorts if one.kind == CohortKind.WAVE]
    return Anchors(
        project_start=project.starts_on,
        pilot_start=_first([one.switch_on for one in pilots], project.starts_on),
        pilot_end=max([one.ends_on for one in pilots], default=project.starts_on),
        first_switch=_first(switches, project.target_on),
        last_switch=max(switches, default=project.target_on),
        project_target=project.target_on,
    )


def _first(days: list[date], otherwise: date) -> date:
    return min(days, default=otherwise)
