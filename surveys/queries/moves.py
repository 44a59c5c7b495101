"""When each survey that was not opened is planned for, by the dates of its cohort. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cohorts.models import Cohort
from projects.models import Project
from projects.schedule_plan import Anchors
from surveys.enums import SurveyStatus
from surveys.models import Survey


@dataclass(frozen=True, slots=True)
class SurveyMove:
    pk: int
    title: str
    cohort_name: str
    old_opens_on: date | None
    opens_on: date


def survey_moves(
    project: Project, anchors: Anchors, cohorts: Sequence[Cohort]
) -> tuple[SurveyMove, ...]:
    """Drafts whose planned day is another one by ``anchors`` and by ``cohorts``. One query.

    Both may be what somebody is only thinking of; a survey of a cohort not among them stays.
    """
    known = {cohort.pk: cohort for cohort in cohorts}
    drafts = Survey.objects.filter(project=project, status=SurveyStatus.DRAFT, cohort__in=known)
    moves = [_move(survey, known[survey.cohort_id], anchors) for survey in drafts]
    return tuple(move for move in moves if move.opens_on != move.old_opens_on)


def planned_day(cohort: Cohort, anchors: Anchors, anchor: str, offset_days: int) -> date:
    """The day of ``anchor``, of the cohort or of the project, and so many days later."""
    own = {"cohort_switch": cohort.switch_on, "cohort_end": cohort.ends_on}
    day = own[anchor] if anchor in own else anchors.day(anchor)
    return day + timedelta(days=offset_days)


def _move(survey: Survey, cohort: Cohort, anchors: Anchors) -> SurveyMove:
    opens_on = planned_day(cohort, anchors, survey.open_anchor, survey.open_offset_days)
    return SurveyMove(survey.pk, survey.title, cohort.name, survey.opens_on, opens_on)
