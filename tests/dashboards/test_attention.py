"""What needs somebody: every kind of item from rows as they come about, worst first."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import User
from cohorts.enums import ModeState
from cohorts.gates import gate_key
from cohorts.models import Cohort, Participant
from cohorts.services.deferrals import ask_deferral
from cohorts.services.problems import report_problem
from communications.enums import Channel
from communications.services.items import tick_item
from communications.services.pausing import pause_message, resume_message
from communications.services.pipeline.pause import pause_by_itself
from dashboards.queries.attention import NextStep, attention, next_step
from dashboards.queries.attention_item import AttentionItem, days_ago
from dashboards.queries.situation import project_state
from projects.models import Measurement, Project, Step
from projects.services.deciding import decide_gate
from tests.rollout.whole import AT, add_people, let_through, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("march")]
TODAY = AT.date()


def items(project: Project, at: datetime = AT) -> tuple[AttentionItem, ...]:
    return attention(project_state(project, at).situation)


def short(found: tuple[AttentionItem, ...]) -> list[tuple[str, ...]]:
    return [(item.state, item.word, item.title, item.detail, item.age) for item in found]


@pytest.fixture
def calm(upgrade: Project) -> Project:
    """Nothing is late: every step ends, every mail and switch comes, in a year."""
    later = TODAY + timedelta(days=365)
    Step.objects.filter(project=upgrade).update(ends_on=later)
    upgrade.cohorts.update(switch_on=later, ends_on=later)
    upgrade.surveys.update(opens_on=later)
    upgrade.occurrences.update(due_at=AT + timedelta(days=365))
    return upgrade


@pytest.fixture
def wave(calm: Project) -> Cohort:
    return calm.cohorts.get(name="Wave 1")


def test_calm_project_needs_nobody(calm: Project, manager: User) -> None:
    assert items(calm) == ()


@pytest.mark.parametrize(
    ("state", "look", "word", "one", "many"),
    [
        (
            "uncertain",
            "uncertain",
            "Uncertain",
            "1 mail may or may not have arrived",
            "3 mails may or may not have arrived",
        ),
        (
            "quarantined",
            "failed",
            "Quarantined",
            "1 mail was set aside after repeated crashes",
            "3 mails were set aside after repeated crashes",
        ),
        (
            "failed",
            "failed",
            "Failed",
            "1 mail could not be delivered",
            "3 mails could not be delivered",
        ),
    ],
)
def test_mails_in_trouble(
    wave: Cohort, state: str, look: str, word: str, one: str, many: str
) -> None:
    occurrence = wave.occurrences.get(message__key="U1")
    send(occurrence, add_people(wave, 2))  # what was sent needs nobody
    where = f"{occurrence.message.title}, Wave 1"
    send(occurrence, add_people(wave, 1), state=state)
    assert short(items(wave.project)) == [(look, word, one, where, "")]
    send(occurrence, add_people(wave, 2), state=state)
    (item,) = items(wave.project)
    assert item.title == many
    assert item.url == f"/projects/{wave.project.slug}/communications/{occurrence.pk}/"


def test_message_that_stopped_by_itself(wave: Cohort, manager: User) -> None:
    message = wave.occurrences.get(message__key="U1").message
    pause_message(message=message, acting_user=manager)
    assert items(wave.project) == ()  # somebody knows already
    resume_message(message=message, acting_user=manager)
    pause_by_itself(message.pk, "Too many of its mails were refused: 550 no")
    (item,) = items(wave.project)
    assert (item.state, item.word, item.title, item.age) == (
        "bad",
        "Stopped",
        f"“{message.title}” stopped by itself",
        "today",
    )
    assert item.detail.endswith("Too many of its mails were refused: 550 no")
    assert item.url == f"/projects/{wave.project.slug}/communications/messages/{message.pk}/"
    message.refresh_from_db()
    resume_message(message=message, acting_user=manager)
    assert items(wave.project) == ()


def test_cohort_that_should_have_been_switched(wave: Cohort, manager: User) -> None:
    let_through(wave, manager)
    Cohort.objects.filter(pk=wave.pk).update(switch_on=TODAY - timedelta(days=3))
    assert items(wave.project) == ()  # nobody is in it
    add_people(wave, 1)
    (item,) = items(wave.project)
    assert short((item,)) == [
        (
            "bad",
            "Not switched",
            "Wave 1 should have been switched",
            "Switch it or move its date.",
            "3 days ago",
        )
    ]
    assert item.url == f"/projects/{wave.project.slug}/cohorts/{wave.pk}/"
    Cohort.objects.filter(pk=wave.pk).update(switch_on=TODAY)
    assert items(wave.project) == ()


def test_switch_that_waits_for_a_go(wave: Cohort, manager: User) -> None:
    Cohort.objects.filter(pk=wave.pk).update(switch_on=TODAY + timedelta(days=7))
    assert items(wave.project) == ()  # nobody is in it
    add_people(wave, 1)
    (item,) = items(wave.project)
    assert short((item,)) == [
        (
            "warn",
            "Go/no-go",
            "The go/no-go of Wave 1 is closed",
            "Nobody switches before it is decided.",
            "in 7 days",
        )
    ]
    assert item.url == f"/projects/{wave.project.slug}/gates/cohort:{wave.pk}/"
    Cohort.objects.filter(pk=wave.pk).update(switch_on=TODAY + timedelta(days=8))
    assert items(wave.project) == ()
    Cohort.objects.filter(pk=wave.pk).update(switch_on=TODAY)
    assert [item.age for item in items(wave.project)] == ["today"]
    let_through(wave, manager)
    assert items(wave.project) == ()


def test_go_that_its_figures_no_longer_bear(wave: Cohort, manager: User) -> None:
    Cohort.objects.filter(pk=wave.pk).update(switch_on=TODAY + timedelta(days=2))
    add_people(wave, 1)
    gate = wave.project.gates.get(key=gate_key(wave))
    gate.criteria.exclude(metric="cohort_people").delete()
    decide_gate(gate=gate, choice="go", acting_user=manager, at=AT)
    assert items(wave.project) == ()
    gate.criteria.update(threshold=2)
    (item,) = items(wave.project)
    assert item.title == "The go/no-go of Wave 1 is closed"


def test_people_seen_in_another_mode(wave: Cohort) -> None:
    add_people(wave, 3)
    assert items(wave.project) == ()
    wave.memberships.update(mode_state=ModeState.DRIFT)
    (item,) = items(wave.project)
    title = "3 people are seen in another mode than intended"
    assert short((item,)) == [("bad", "Mode drift", title, "Wave 1", "")]
    assert item.url == f"/projects/{wave.project.slug}/people/modes/?cohort={wave.pk}"


def test_message_that_waits_for_approval_or_was_missed(wave: Cohort) -> None:
    occurrence = wave.occurrences.get(message__key="U1")
    due_at = AT + timedelta(days=2)
    wave.occurrences.filter(pk=occurrence.pk).update(due_at=due_at, wall_at=due_at)
    title = occurrence.message.title
    assert short(items(wave.project)) == [("warn", "Approval", title, "Wave 1", "in 2 days")]
    wave.occurrences.filter(pk=occurrence.pk).update(state="approved")
    assert items(wave.project) == ()
    late = AT - timedelta(days=1)
    wave.occurrences.filter(pk=occurrence.pk).update(state="missed", due_at=late, wall_at=late)
    missed = f"“{title}” was not sent in time"
    assert short(items(wave.project)) == [
        ("missed", "Missed", missed, "Wave 1 · 0 people", "1 day ago")
    ]
    person, _no_address = add_people(wave, 2)
    Participant.objects.filter(project=wave.project).exclude(pk=person.pk).update(mail="", upn="")
    (item,) = items(wave.project)
    assert (item.detail, item.url, item.action) == (
        "Wave 1 · 1 person",
        f"/projects/{wave.project.slug}/communications/{occurrence.pk}/",
        "Decide",
    )
    wave.occurrences.filter(pk=occurrence.pk).update(approved_count=1204)
    assert [item.detail for item in items(wave.project)] == ["Wave 1 · 1,204 people"]
    occurrence.message.status = "paused"
    occurrence.message.save()
    assert items(wave.project) == ()


def test_poster_that_nobody_ticked_off_in_time(wave: Cohort, manager: User) -> None:
    add_people(wave, 1)
    occurrence = wave.occurrences.get(message__key="U1")
    occurrence.message.channel = Channel.POSTER
    occurrence.message.save()
    late = AT - timedelta(days=1)
    rows = wave.occurrences.filter(pk=occurrence.pk)
    rows.update(due_at=late, wall_at=late)
    assert items(wave.project) == ()  # it is to be put up, and nobody approves it
    rows.update(state="missed")
    title = f"“{occurrence.message.title}” was not ticked off in time"
    assert short(items(wave.project)) == [("missed", "Missed", title, "Wave 1", "1 day ago")]
    occurrence.refresh_from_db()
    tick_item(occurrence=occurrence, acting_user=manager)
    assert items(wave.project) == ()


def test_what_a_person_ordered_counts_its_days_in_the_zone_of_the_mail(wave: Cohort) -> None:
    late_in_berlin = datetime(2038, 3, 1, 23, 30, tzinfo=UTC)
    wave.occurrences.filter(message__key="U1").update(due_at=late_in_berlin, wall_at=None)
    (item,) = items(wave.project)
    assert item.age == "in 1 day"


def test_step_that_is_overdue(calm: Project) -> None:
    step = Step.objects.filter(project=calm).order_by("position")[0]
    Step.objects.filter(pk=step.pk).update(
        starts_on=TODAY - timedelta(days=9), ends_on=TODAY - timedelta(days=1), owner=None
    )
    (item,) = items(calm)
    assert short((item,)) == [
        ("overdue", "Overdue", step.title, "Nobody owns it yet.", "1 day late"),
    ]
    assert item.url == f"/projects/{calm.slug}/steps/{step.key}/"
    Step.objects.filter(pk=step.pk).update(ends_on=TODAY)
    assert items(calm) == ()
    Step.objects.filter(pk=step.pk).update(ends_on=TODAY - timedelta(days=1), status="skipped")
    assert items(calm) == ()


def test_goal_that_is_off_track(calm: Project) -> None:
    goal = calm.goals.filter(metric="manual", operator="<")[0]
    at = AT - timedelta(days=4)
    Measurement.objects.create(
        goal=goal, value=Decimal(20), note="a bad week", measured_at=at, checked_at=at
    )
    assert short(items(calm)) == [("off_track", "Goal", goal.title, "a bad week", "4 days ago")]
    Measurement.objects.create(goal=goal, value=Decimal(1), measured_at=AT, checked_at=AT)
    assert items(calm) == ()


def test_goal_counts_its_days_in_the_projects_zone(calm: Project) -> None:
    calm.timezone = "America/Los_Angeles"
    calm.save()
    goal = calm.goals.filter(metric="manual", operator="<")[0]
    at = datetime(2038, 3, 1, 2, 0, tzinfo=UTC)  # still February there
    Measurement.objects.create(goal=goal, value=Decimal(20), measured_at=at, checked_at=at)
    (item,) = items(calm, datetime(2038, 3, 1, 4, 0, tzinfo=UTC))
    assert item.age == "today"


def test_survey_whose_day_has_come(wave: Cohort) -> None:
    survey = wave.surveys.get()
    wave.surveys.update(opens_on=TODAY)
    (item,) = items(wave.project)
    assert short((item,)) == [
        ("warn", "Survey", f"{survey.title} has not been opened", "Wave 1", "")
    ]
    assert item.url == f"/projects/{wave.project.slug}/surveys/{survey.pk}/"


def test_worst_comes_first(wave: Cohort) -> None:
    project = wave.project
    mail = wave.occurrences.get(message__key="U1")
    people = add_people(wave, 3)
    for person, state in zip(people, ("failed", "uncertain", "quarantined"), strict=True):
        send(mail, [person], state=state)
    Cohort.objects.filter(pk=wave.pk).update(switch_on=TODAY - timedelta(days=1))
    wave.surveys.update(opens_on=TODAY)
    wave.occurrences.filter(message__key="U3").update(due_at=AT, state="missed")
    # Overdue for longer than it can be: still below what was missed.
    wave.occurrences.filter(message__key="U4").update(
        due_at=AT - timedelta(days=100), wall_at=AT - timedelta(days=100)
    )
    step = Step.objects.filter(project=project)[0]
    Step.objects.filter(pk=step.pk).update(
        starts_on=TODAY - timedelta(days=9), ends_on=TODAY - timedelta(days=1)
    )
    goal = project.goals.filter(metric="manual", operator="<")[0]
    Measurement.objects.create(goal=goal, value=Decimal(20), measured_at=AT, checked_at=AT)
    assert [item.word for item in items(project)] == [
        "Uncertain",
        "Quarantined",
        "Not switched",
        "Missed",
        "Approval",
        "Failed",
        "Overdue",
        "Survey",
        "Goal",
    ]


def following(project: Project) -> NextStep | None:
    situation = project_state(project, AT).situation
    return next_step(situation, attention(situation))


def test_next_step_is_people_then_the_worst_then_the_plan(wave: Cohort) -> None:
    project = wave.project
    wave.surveys.update(opens_on=TODAY)
    assert following(project) == NextStep(
        title="Import the people",
        why="Cohorts, messages and surveys wait for them.",
        url=f"/projects/{project.slug}/people/import/",
        action="Import people",
    )
    add_people(wave, 1)
    survey = wave.surveys.get()
    assert following(project) == NextStep(
        title=f"{survey.title} has not been opened",
        why="Survey · Wave 1",
        url=f"/projects/{project.slug}/surveys/{survey.pk}/",
        action="Open survey",
    )
    wave.surveys.update(opens_on=None)
    step = Step.objects.filter(project=project).order_by("position")[0]
    assert following(project) == NextStep(
        title=step.title,
        why="Next step of the plan, due in 365 days.",
        url=f"/projects/{project.slug}/steps/{step.key}/",
        action="Open step",
    )
    Step.objects.filter(project=project).update(status="skipped")
    assert following(project) is None


def test_next_step_says_what_approving_is_good_for(wave: Cohort) -> None:
    occurrence = wave.occurrences.get(message__key="U1")
    due_at = AT + timedelta(days=2)
    wave.occurrences.filter(pk=occurrence.pk).update(due_at=due_at, wall_at=due_at)
    add_people(wave, 1)
    assert following(wave.project) == NextStep(
        title=f"Approve “{occurrence.message.title}” for Wave 1",
        why="It is due in 2 days. Nothing is sent before somebody has approved it.",
        url=f"/projects/{wave.project.slug}/communications/{occurrence.pk}/",
        action="Look and approve",
    )
    situation = project_state(wave.project, AT).situation
    others = next_step(situation, attention(situation), is_manager=False)
    assert others is not None
    assert others.action == "Open step"


def test_people_who_ask_or_are_blocked(wave: Cohort) -> None:
    for person in add_people(wave, 2):
        ask_deferral(participant=person, reason="At sea.", acting_user=None, at=AT)
        report_problem(
            participant=person, text="No sound.", is_blocking=True, acting_user=None, at=AT
        )
    assert [(item.state, item.word, item.title, item.weight) for item in items(wave.project)] == [
        ("blocked", "Blocked", "2 problems block people’s switch", 75),
        ("defer", "Deferral", "2 people ask for a later date", 65),
    ]


def test_every_way_out_leads_somewhere(wave: Cohort, manager: User) -> None:
    people = add_people(wave, 1)
    ask_deferral(participant=people[0], reason="At sea.", acting_user=None, at=AT)
    send(wave.occurrences.get(message__key="U1"), people, state="uncertain")
    Cohort.objects.filter(pk=wave.pk).update(switch_on=TODAY - timedelta(days=1))
    wave.surveys.update(opens_on=TODAY)
    Step.objects.filter(project=wave.project).update(
        starts_on=TODAY - timedelta(days=9), ends_on=TODAY - timedelta(days=1)
    )
    client = Client()
    client.force_login(manager)
    urls = {item.url for item in items(wave.project)}
    assert len(urls) > 4
    assert {client.get(url).status_code for url in urls} == {200}


@pytest.mark.parametrize(
    ("days", "words"),
    [(-40, "40 days ago"), (-1, "1 day ago"), (0, "today"), (1, "in 1 day"), (12, "in 12 days")],
)
def test_days_in_words(days: int, words: str) -> None:
    assert days_ago(TODAY + timedelta(days=days), TODAY) == words
