"""Problems: reported by a person or somebody of the team, solved with a note, opened again.

While a blocking one is open the person's memberships say since when; each writer here keeps that
true in its own transaction. The record names nobody.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from cohorts.enums import PROBLEM_TRANSITIONS, ProblemStatus
from cohorts.exceptions import ProblemError
from cohorts.lengths import MOST_NOTE, MOST_WORDS
from cohorts.models import Cohort, Membership, Participant, Problem
from cohorts.modes.counting import counting
from cohorts.services.moving import lock_person
from common.exceptions import Conflict
from common.state import change_status
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User

# Of one person at a time: a link that got into the wrong hands fills no table.
MOST_OPEN = 20


@transaction.atomic
def report_problem(
    *,
    participant: Participant,
    text: str,
    is_blocking: bool,
    acting_user: "User | None",
    at: datetime,
) -> Problem:
    """Take down what stands in a person's way. ``acting_user`` None: the person, by their link.

    Raises ProblemError for an empty text or too many open ones, Conflict for the same once more.
    """
    require_open(participant.project)
    person = lock_person(participant)
    text = text.strip()
    _refuse_report(person, text)
    problem = Problem.objects.create(
        participant=person,
        cohort=_counting(person, at),
        text=text,
        is_blocking=is_blocking,
        reported_by=acting_user,
        reported_at=at,
    )
    _keep_blocked(person)
    sentence = (
        _("A problem was reported that blocks one person’s switch.")
        if is_blocking
        else _("A problem was reported.")
    )
    _tell(problem, "reported", sentence, acting_user)
    return problem


@transaction.atomic
def solve_problem(*, problem: Problem, note: str, acting_user: "User", at: datetime) -> Problem:
    """Close it, with a note that the person reads. Raises StaleState when it is closed already."""
    require_open(problem.participant.project)
    if not note.strip():
        raise ProblemError(_("Say how it was solved; the person reads it."))
    _lock(problem.participant)
    change_status(
        problem,
        ProblemStatus.SOLVED,
        transitions=PROBLEM_TRANSITIONS,
        solved_by=acting_user,
        solved_at=at,
        note=note.strip()[:MOST_NOTE],
    )
    _keep_blocked(problem.participant)
    _tell(problem, "solved", _("A problem was solved."), acting_user)
    return problem


@transaction.atomic
def reopen_problem(*, problem: Problem, acting_user: "User") -> Problem:
    """It was not solved after all. The note stays until the next one. StaleState when open."""
    require_open(problem.participant.project)
    _lock(problem.participant)
    change_status(
        problem,
        ProblemStatus.OPEN,
        transitions=PROBLEM_TRANSITIONS,
        solved_by=None,
        solved_at=None,
    )
    _keep_blocked(problem.participant)
    _tell(problem, "reopened", _("A problem is open again."), acting_user)
    return problem


@transaction.atomic
def set_blocking(*, problem: Problem, is_blocking: bool, acting_user: "User") -> Problem:
    """Say whether it blocks the switch. Saying it twice changes nothing."""
    require_open(problem.participant.project)
    _lock(problem.participant)
    changed = Problem.objects.filter(pk=problem.pk).exclude(is_blocking=is_blocking)
    if changed.update(is_blocking=is_blocking):
        problem.is_blocking = is_blocking
        _keep_blocked(problem.participant)
        sentence = (
            _("A problem blocks one person’s switch.")
            if is_blocking
            else _("A problem no longer blocks a switch.")
        )
        _tell(problem, "weighed", sentence, acting_user)
    return problem


def _refuse_report(person: Participant, text: str) -> None:
    if not text or len(text) > MOST_WORDS:
        raise ProblemError(
            _("Say in a few words what is wrong (at most %(n)s characters).") % {"n": MOST_WORDS}
        )
    waiting = list(person.problems.filter(status=ProblemStatus.OPEN)[:MOST_OPEN])
    if any(problem.text == text for problem in waiting):
        raise Conflict(_("This was reported already and is being looked at."))
    if len(waiting) >= MOST_OPEN:
        raise ProblemError(
            _("%(n)s problems are open already. Ask for help before you add another one.")
            % {"n": MOST_OPEN}
        )


def _lock(participant: Participant) -> None:
    """Two problems of one person are solved one after the other, or both see the other open."""
    Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)


def _counting(person: Participant, at: datetime) -> Cohort | None:
    cohorts = {row.cohort.pk: row.cohort for row in person.memberships.select_related("cohort")}
    order = counting(cohorts.values(), at)
    return cohorts[order[0].cohort] if order else None


def _keep_blocked(person: Participant) -> None:
    """``blocked_since`` is when the oldest blocking problem that is open was reported."""
    since = person.problems.filter(status=ProblemStatus.OPEN, is_blocking=True).aggregate(
        since=Min("reported_at")
    )["since"]
    rows = Membership.objects.filter(participant=person)
    if since is None:
        rows.filter(blocked_since__isnull=False).update(blocked_since=None)
    else:
        # Who has switched is not blocked any more; the problem itself stays open.
        rows.filter(switched_at=None).update(blocked_since=since)


def _tell(problem: Problem, verb: str, sentence: str, acting_user: "User | None") -> None:
    events.record(
        project=problem.participant.project,
        verb=f"problem.{verb}",
        sentence=sentence,
        acting_user=acting_user,
        subject=problem,
        data={"cohort": problem.cohort_id, "blocking": problem.is_blocking},
    )
