"""The loop of one cohort as a picture: date → messages → switch → survey → goals. Pure.

Each stage says how it stands and what comes; the first that is not past is where the cohort is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import CohortStatus
from communications.enums import OccurrenceState
from communications.models import Occurrence
from dashboards.queries.attention_item import days_ago
from dashboards.queries.cohorts import CohortFigures
from projects.queries.goals import GoalRow
from rollout.queries.gates import CohortGate
from surveys.enums import SurveyStatus
from surveys.models import Survey

OVER = (OccurrenceState.DONE, OccurrenceState.CANCELLED, OccurrenceState.MISSED)
SWITCHED = (CohortStatus.SWITCHED, CohortStatus.FINISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """``place`` is past, now or empty (to come); ``shape`` is a look of the status tag."""

    title: str
    state: str
    detail: str = ""
    place: str = ""
    url: str = ""

    @property
    def shape(self) -> str:
        return {"past": "done", "now": "active"}.get(self.place, "todo")


def stages_of(
    figures: CohortFigures,
    occurrences: Sequence[Occurrence],
    surveys: Sequence[Survey],
    goals: Sequence[GoalRow],
    *,
    today: date,
    can_verify: bool = False,
) -> tuple[Stage, ...]:
    """``can_verify``: the playbook says how an export shows modes."""
    return (
        _date(figures, today),
        _messages(occurrences),
        _switch(figures, today),
        *([_verify(figures)] if can_verify else []),
        *(_survey(survey, today) for survey in surveys[:1]),
        _goals(goals),
    )


def with_gate(stages: Sequence[Stage], gate: CohortGate) -> tuple[Stage, ...]:
    """The stages with the go/no-go behind the date, where one is set up."""
    if not gate.key:
        return tuple(stages)
    return (*stages[:1], _gate(gate), *stages[1:])


def _gate(gate: CohortGate) -> Stage:
    standing = gate.standing
    if standing is None:
        state = gate.decision.get_choice_display() if gate.decision else _("not decided")
        return Stage(title=_("Go/no-go"), state=capfirst(state), place="past")
    words = {"holding": standing.holding, "all": len(standing.required)}
    return Stage(
        title=_("Go/no-go"),
        state=str(capfirst(standing.state.label)),
        detail=_("%(holding)s of %(all)s criteria hold.") % words,
        place="past" if standing.is_open else "now",
    )


def _date(figures: CohortFigures, today: date) -> Stage:
    number = figures.counts.told
    told = ngettext("%(n)s person told", "%(n)s people told", number) % {"n": number}
    return Stage(
        title=_("Date"),
        state=date_format(figures.cohort.switch_on, "D j M"),
        detail=told if number else _("Nobody has been told yet."),
        place="past" if number else "now",
    )


def _messages(occurrences: Sequence[Occurrence]) -> Stage:
    out = sum(row.state == OccurrenceState.DONE for row in occurrences)
    ahead = [row for row in occurrences if row.state not in OVER and row.wall_at]
    following = min(ahead, key=lambda row: row.wall_at or row.created_at, default=None)
    if not occurrences:
        return Stage(title=_("Messages"), state=_("none"), place="past")
    return Stage(
        title=_("Messages"),
        state=_("%(out)s of %(all)s out") % {"out": out, "all": len(occurrences)},
        detail=_("Next: %(title)s, %(day)s.")
        % {"title": following.message.title, "day": date_format(following.wall_at, "j M")}
        if following and following.wall_at
        else "",
        place="past" if not ahead else "now" if out else "",
    )


def _switch(figures: CohortFigures, today: date) -> Stage:
    cohort = figures.cohort
    if cohort.status in SWITCHED:
        switched = ngettext("%(n)s person", "%(n)s people", figures.counts.switched)
        return Stage(
            title=_("Switch"),
            state=_("Switched"),
            detail=switched % {"n": figures.counts.switched},
            place="past",
        )
    return Stage(
        title=_("Switch"),
        state=days_ago(cohort.switch_on, today),
        detail=cohort.switch_time.strftime("%H:%M"),
        place="now" if cohort.switch_on <= today else "",
    )


def _verify(figures: CohortFigures) -> Stage:
    seen = _("%(seen)s of %(all)s seen") % {"seen": figures.counts.verified, "all": figures.people}
    if figures.cohort.status not in SWITCHED:
        first = figures.cohort.switch_on + timedelta(days=1)
        return Stage(
            title=_("Verify"),
            state=seen
            if figures.counts.verified
            else _("from %(day)s") % {"day": date_format(first, "D j M")},
            detail=_("The first report comes the morning after."),
        )
    drift = ngettext("%(n)s person in drift", "%(n)s people in drift", figures.counts.drift)
    return Stage(
        title=_("Verify"),
        state=seen,
        detail=drift % {"n": figures.counts.drift} if figures.counts.drift else "",
        place="past" if figures.counts.verified == figures.people else "now",
    )


def _survey(survey: Survey, today: date) -> Stage:
    if survey.status == SurveyStatus.CLOSED:
        place, state = "past", _("closed")
    elif survey.status == SurveyStatus.OPEN and survey.closes_at:
        place, state = "now", _("open")
    else:
        place, state = "", _("not open yet")
    detail = ""
    if survey.status == SurveyStatus.OPEN and survey.closes_at:
        detail = _("Closes %(day)s.") % {"day": date_format(survey.closes_at, "j M")}
    elif survey.opens_on and survey.status == SurveyStatus.DRAFT:
        detail = _("Planned for %(day)s.") % {"day": date_format(survey.opens_on, "j M")}
    return Stage(title=_("Survey"), state=state, detail=detail, place=place)


def _goals(goals: Sequence[GoalRow]) -> Stage:
    measured = sum(row.value is not None for row in goals)
    return Stage(
        title=_("Goals"),
        state=_("%(measured)s of %(all)s measured") % {"measured": measured, "all": len(goals)},
        place="now" if measured else "",
    )
