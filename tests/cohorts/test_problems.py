"""Problems of people, and what they block."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from cohorts.enums import CohortKind, ParticipantStatus
from cohorts.exceptions import ProblemError
from cohorts.models import Cohort, Membership, Participant, Problem
from cohorts.queries.problems import ProblemFilter, blocking_problems, problem_page
from cohorts.services.champions import set_champion
from cohorts.services.links import revoke_links
from cohorts.services.problems import (
    MOST_OPEN,
    reopen_problem,
    report_problem,
    set_blocking,
    solve_problem,
)
from common.exceptions import Conflict, StaleState
from projects.models import Event, Project
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

AT = datetime(2038, 5, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def cohort(project: Project) -> Cohort:
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def person(cohort: Cohort) -> Participant:
    return MembershipFactory(cohort=cohort).participant


def report(person: Participant, text: str = "No sound.", **more: object) -> Problem:
    given = {"is_blocking": True, "acting_user": None, "at": AT}
    return report_problem(participant=person, text=text, **{**given, **more})


def blocked_since() -> datetime | None:
    return Membership.objects.get().blocked_since


def test_blocking_problem_blocks_the_membership(person: Participant, cohort: Cohort) -> None:
    problem = report(person, "  No sound. ")
    stored = Problem.objects.get()
    assert (stored.text, stored.cohort, stored.reported_by) == ("No sound.", cohort, None)
    assert blocked_since() == AT
    event = Event.objects.get(verb="problem.reported")
    assert event.sentence == "A problem was reported that blocks one person’s switch."
    assert event.data == {"cohort": cohort.pk, "blocking": True}
    assert problem == stored


def test_the_oldest_open_blocking_problem_counts(person: Participant, manager: User) -> None:
    first, second = report(person), report(person, "No picture.", at=AT + HOUR)
    report(person, "Wrong colour.", is_blocking=False, at=AT - HOUR)
    assert blocked_since() == AT
    solve_problem(problem=first, note="New headset.", acting_user=manager, at=AT)
    assert blocked_since() == AT + HOUR
    set_blocking(problem=second, is_blocking=False, acting_user=manager)
    assert blocked_since() is None
    reopen_problem(problem=first, acting_user=manager)
    assert blocked_since() == AT
    assert (first.solved_at, first.solved_by, first.note) == (None, None, "New headset.")


def test_who_has_switched_is_not_blocked(
    person: Participant, cohort: Cohort, project: Project
) -> None:
    Membership.objects.update(switched_at=AT)
    report(person)
    assert blocked_since() is None
    wave = CohortFactory(project=project, kind=CohortKind.PILOT)
    MembershipFactory(cohort=wave, participant=person)
    report(person, "No picture.")
    rows = Membership.objects.order_by("pk").values_list("blocked_since", flat=True)
    assert list(rows) == [None, AT]


def test_problem_is_solved_once_and_with_a_note(person: Participant, manager: User) -> None:
    problem = report(person)
    with pytest.raises(ProblemError, match="Say how"):
        solve_problem(problem=problem, note=" ", acting_user=manager, at=AT)
    stale = Problem.objects.get()
    solve_problem(problem=problem, note="New headset.", acting_user=manager, at=AT)
    with pytest.raises(StaleState):
        solve_problem(problem=stale, note="Again.", acting_user=manager, at=AT)
    stored = Problem.objects.get()
    assert (stored.status, stored.note, stored.solved_by, stored.solved_at) == (
        "solved",
        "New headset.",
        manager,
        AT,
    )


def test_weighing_twice_records_once(person: Participant, manager: User) -> None:
    problem = report(person, is_blocking=False)
    for _ in range(2):
        set_blocking(problem=problem, is_blocking=True, acting_user=manager)
    assert Event.objects.filter(verb="problem.weighed").count() == 1
    assert blocked_since() == AT


def test_same_problem_twice_is_told(person: Participant) -> None:
    report(person)
    with pytest.raises(Conflict, match="reported already"):
        report(person)
    assert Problem.objects.count() == 1


def test_one_link_fills_no_table(person: Participant) -> None:
    for number in range(MOST_OPEN):
        report(person, f"Problem {number}")
    with pytest.raises(ProblemError, match="20 problems are open"):
        report(person, "One more")


@pytest.mark.parametrize("text", ["", " \n", "x" * 2001])
def test_problem_needs_words(person: Participant, text: str) -> None:
    with pytest.raises(ProblemError, match="Say in a few words"):
        report(person, text)


def test_problem_of_somebody_in_no_cohort(project: Project) -> None:
    problem = report(ParticipantFactory(project=project))
    assert problem.cohort is None


def test_list_shows_blocking_ones_first_and_pages(
    project: Project, person: Participant, cohort: Cohort, manager: User
) -> None:
    people = [MembershipFactory(cohort=cohort).participant for _ in range(51)]
    blocking = [report(one) for one in people[:20]]
    plain = [report(one, is_blocking=False) for one in people[20:49]]
    solved = [report(one) for one in people[49:]]
    for problem in solved:
        solve_problem(problem=problem, note="Done.", acting_user=manager, at=AT)
    wanted = [*blocking[::-1], *plain[::-1], *solved[::-1]]
    page = problem_page(project, ProblemFilter())
    assert (list(page.rows), page.open) == (wanted[:50], 49)
    assert list(problem_page(project, ProblemFilter(), after=page.after).rows) == wanted[50:]
    assert list(problem_page(project, ProblemFilter(), after=wanted[9].pk).rows) == wanted[10:]
    assert list(problem_page(project, ProblemFilter("blocking")).rows) == blocking[::-1]
    assert list(problem_page(project, ProblemFilter("solved", cohort)).rows) == solved[::-1]
    Participant.objects.filter(pk=people[0].pk).update(status=ParticipantStatus.LEFT)
    assert blocking_problems(project) == 19


def test_revoking_raises_the_generation(person: Participant, manager: User) -> None:
    assert revoke_links(participant=person, acting_user=manager).link_generation == 2
    event = Event.objects.get(verb="participant.links_revoked")
    assert event.sentence == "The personal links of one person were made invalid."


def test_champions_sign_up_and_step_back(person: Participant) -> None:
    for is_champion in (True, True, False, False):
        set_champion(participant=person, is_champion=is_champion, acting_user=None, at=AT)
    assert Event.objects.filter(verb="participant.champion").count() == 2
    assert Participant.objects.get().champion_since is None
