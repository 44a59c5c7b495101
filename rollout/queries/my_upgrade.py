"""Everything a participant's own page says, read once in a fixed number of queries.

What the mode changes for people comes from the project's copy of the playbook.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus, DeferralStatus, ModeState
from cohorts.models import Cohort, Deferral, Membership, Participant, Problem
from cohorts.modes.plan import ModePlan
from cohorts.queries.choices import Choice, choices_instead_of
from common.dates import local_day
from playbooks.schema import Mode
from rollout.my_moment import Moment, first_name, moment_of, zone_of
from surveys.enums import SurveyStatus
from surveys.models import Invitation, Survey
from surveys.wording import moment_words

MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the person is: ``state`` is a look of the status tag."""

    state: str
    word: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MySurvey:
    """``pk`` is None where there is nothing to answer (any more)."""

    title: str
    detail: str
    state: str
    word: str
    pk: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyUpgrade:
    """``cohort``, ``moment`` and ``mode`` are None for somebody without a date.

    ``is_ahead``: the switch is still to come. ``deferral`` waits for a decision, ``answer`` is the
    last one that was decided about this date.
    """

    person: Participant
    name: str
    zone: str
    cohort: Cohort | None
    moment: Moment | None
    mode: Mode | None
    is_ahead: bool
    marks: tuple[Mark, ...]
    choices: tuple[Choice, ...]
    deferral: Deferral | None
    answer: Deferral | None
    problems: tuple[Problem, ...]
    surveys: tuple[MySurvey, ...]

    @property
    def mode_title(self) -> str:
        """A mode that the project's copy of the playbook does not know stands for itself."""
        if self.mode is not None:
            return self.mode.title
        return self.cohort.to_mode if self.cohort else ""


def my_upgrade(person: Participant, at: datetime) -> MyUpgrade:
    """``person`` comes with the project."""
    memberships = tuple(person.memberships.select_related("cohort"))
    shown = shown_membership(memberships)
    cohort = shown.cohort if shown else None
    is_ahead = shown is not None and shown.switched_at is None
    deferrals = _deferrals(person)
    waiting = next((one for one in deferrals if one.status == DeferralStatus.ASKED), None)
    plan = ModePlan.of(person.project.playbook_snapshot)
    return MyUpgrade(
        person=person,
        name=first_name(person.display_name),
        zone=zone_of(person, cohort),
        cohort=cohort,
        moment=moment_of(person, cohort, at) if cohort else None,
        mode=plan.mode(cohort.to_mode) if cohort else None,
        is_ahead=is_ahead,
        marks=marks_of(shown, zone_of(person, cohort)) if shown else (),
        choices=choices_instead_of(cohort, at) if cohort and is_ahead else (),
        deferral=waiting,
        answer=_answer(deferrals, cohort) if waiting is None else None,
        problems=tuple(person.problems.order_by("-pk")[:MOST_LINES]),
        surveys=_surveys(person, memberships, at),
    )


def shown_membership(memberships: Sequence[Membership]) -> Membership | None:
    """The next switch ahead, else the last one made. A cancelled cohort is no date."""
    rows = [row for row in memberships if row.cohort.status != CohortStatus.CANCELLED]
    ahead = [row for row in rows if row.switched_at is None]
    if ahead:
        return min(ahead, key=lambda row: (row.cohort.switch_on, row.cohort.switch_time, row.pk))
    return max(rows, key=lambda row: (row.cohort.switch_on, row.pk), default=None)


def marks_of(row: Membership, zone: str) -> tuple[Mark, ...]:
    """Told, switched, verified: in the words of the person's own page."""
    marks = [_mark(row.told_at, zone, _("We wrote to you"), _("We have not written to you yet"))]
    if row.blocked_since is not None and row.switched_at is None:
        marks.append(Mark("bad", _("Something is in the way"), _("We are looking into it.")))
    marks.append(_mark(row.switched_at, zone, _("You have switched"), _("Not switched yet")))
    if row.mode_state == ModeState.DRIFT:
        detail = _("It can take a day. If it stays so, we look into it.")
        marks.append(Mark("warn", _("Not in the new way yet"), detail))
    elif row.mode_state == ModeState.VERIFIED:
        marks.append(_mark(row.observed_at, zone, _("We see you in the new way"), ""))
    else:
        marks.append(Mark("todo", _("Not checked yet")))
    return tuple(marks)


def _mark(at: datetime | None, zone: str, done: str, not_yet: str) -> Mark:
    if at is None:
        return Mark("todo" if not_yet else "done", not_yet or done)
    return Mark("done", done, date_format(local_day(at, zone), "j F Y"))


def _deferrals(person: Participant) -> Sequence[Deferral]:
    rows = person.deferrals.select_related("from_cohort", "to_cohort").order_by("-pk")
    return list(rows[:MOST_LINES])


def _answer(deferrals: Sequence[Deferral], cohort: Cohort | None) -> Deferral | None:
    """Of a request about the cohort the person is in now, or that brought them there."""
    if cohort is None or not deferrals:
        return None
    last = deferrals[0]
    about = {
        DeferralStatus.REFUSED: last.from_cohort_id,
        DeferralStatus.APPROVED: last.to_cohort_id,
    }
    return last if about.get(DeferralStatus(last.status)) == cohort.pk else None


def _surveys(
    person: Participant, memberships: Sequence[Membership], at: datetime
) -> tuple[MySurvey, ...]:
    """Those the person was invited to, then those still to come. Two queries."""
    invitations = Invitation.objects.filter(participant=person).select_related("survey__cohort")
    invited = [_invited(row, at) for row in invitations.order_by("-invited_at")[:MOST_LINES]]
    planned = Survey.objects.filter(
        cohort__in=[row.cohort_id for row in memberships],
        status=SurveyStatus.DRAFT,
        opens_on__gte=local_day(at, person.project.timezone),
    ).exclude(cohort__status=CohortStatus.CANCELLED)
    return (*invited, *map(_to_come, planned.order_by("opens_on", "pk")))


def _to_come(survey: Survey) -> MySurvey:
    day = date_format(survey.opens_on, "l j F") if survey.opens_on else ""
    detail = _("Opens on %(day)s; we write to you.") % {"day": day}
    return MySurvey(survey.title, detail, "todo", _("Not open yet"))


def _invited(invitation: Invitation, at: datetime) -> MySurvey:
    survey = invitation.survey
    if invitation.answered_at is not None:
        return MySurvey(survey.title, _("Thank you."), "done", _("Answered"))
    if not survey.is_open(at) or survey.closes_at is None:
        return MySurvey(survey.title, "", "closed", _("Closed"))
    closes = moment_words(survey.closes_at, survey.cohort.timezone)
    detail = _("Open until %(closes)s.") % {"closes": closes}
    return MySurvey(survey.title, detail, "active", _("Open"), survey.pk)


def invitation_to(person: Participant, survey_pk: int) -> Invitation | None:
    """This person's invitation to the survey."""
    return Invitation.objects.filter(participant=person, survey=survey_pk).first()
