"""The pages of go/no-go."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import localdate, now

from playbooks.schema import DoneWhen
from projects.enums import GateState
from projects.models import Gate, GateCriterion, GateDecision
from projects.queries.gates import gate_standing
from projects.services.gates import create_gate
from tests.factories.projects import PhaseFactory, StepFactory

pytestmark = pytest.mark.django_db
STEPS = DoneWhen(
    text="All steps are done.", metric="steps_done", operator=">=", threshold=Decimal(100)
)


@pytest.fixture
def gate(project, manager) -> Gate:
    return create_gate(
        project=project,
        key="cohort:7",
        title="Wave <1>",
        criteria=[STEPS, DoneWhen(text="The help desk knows.")],
        reminders=["Name champions"],
        params={},
        acting_user=manager,
    )


def url(gate: Gate, end: str = "") -> str:
    return f"/projects/{gate.project.slug}/gates/{gate.key}/{end}"


def tick(gate: Gate, client, text: str, **data: str):
    row = gate.criteria.get(text=text)
    return client.post(url(gate, f"criteria/{row.pk}/"), data)


def seen(gate: Gate) -> str:
    return gate_standing(gate, now()).digest


def test_page_shows_figures_and_who_may_decide(gate, project, manager, viewer, as_user):
    StepFactory(phase=PhaseFactory(project=project), status="todo")
    page = as_user(manager).get(url(gate)).content.decode()
    for text in (
        "Wave &lt;1&gt;",
        "Nobody has decided yet.",
        "All steps are done.",
        "Does not hold",
        "Save decision",
        "Name champions",
        "It holds",
    ):
        assert text in page
    page = as_user(viewer).get(url(gate)).content.decode()
    assert "All steps are done." in page
    assert "Save decision" not in page
    assert "It holds" not in page


def test_ticking_and_deciding_go(gate, project, manager, contributor, as_user):
    StepFactory(phase=PhaseFactory(project=project), status="done", done_at=now())
    client = as_user(contributor)
    assert tick(gate, client, "The help desk knows.", holds="1").status_code == 302
    assert tick(gate, client, "Name champions", holds="1").status_code == 302
    confirmed = GateCriterion.objects.filter(confirmed_by=contributor).values_list("text")
    assert sorted(confirmed) == [("Name champions",), ("The help desk knows.",)]
    assert tick(gate, client, "Name champions").status_code == 302
    assert gate.criteria.get(text="Name champions").confirmed_at is None

    answer = as_user(manager).post(url(gate), {"choice": "go", "seen": seen(gate)})
    assert answer.status_code == 302
    decision = GateDecision.objects.get()
    assert (decision.choice, decision.decided_by) == ("go", manager)
    page = as_user(manager).get(url(gate)).content.decode()
    assert "Figures at that time" in page
    assert "Open" in page


def test_go_without_everything_is_422_and_keeps_what_was_typed(gate, manager, as_user):
    data = {"choice": "go", "note": "We want it", "seen": seen(gate)}
    answer = as_user(manager).post(url(gate), data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Go needs everything to hold." in page
    assert "We want it" in page
    assert GateDecision.objects.count() == 0


def test_old_figures_are_409_and_the_next_attempt_counts(gate, manager, as_user):
    client = as_user(manager)
    old = seen(gate)
    tick(gate, client, "The help desk knows.", holds="1")
    data = {"choice": "no_go", "note": "Too early", "seen": old}
    answer = client.post(url(gate), data)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f'value="{seen(gate)}"' in page
    assert "Too early" in page
    assert client.post(url(gate), {**data, "seen": seen(gate)}).status_code == 302


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"choice": "waiver", "note": "Because"},
        {"choice": "waiver", "until": "2100-01-01"},
        {"choice": "no_go"},
        {"choice": "perhaps", "note": "x"},
        {"choice": "waiver", "until": "31 June", "note": "x"},
        {"choice": "waiver", "until": "2001-01-01", "note": "x"},
        {"choice": "no_go", "note": "x" * 501},
    ],
)
def test_incomplete_decision_is_422(data, gate, manager, as_user):
    answer = as_user(manager).post(url(gate), {**data, "seen": seen(gate)})
    assert answer.status_code == 422
    assert GateDecision.objects.count() == 0


def test_waiver_from_the_page(gate, manager, as_user):
    until = localdate() + timedelta(days=3)
    data = {"choice": "waiver", "until": until.isoformat(), "note": "Board", "seen": seen(gate)}
    assert as_user(manager).post(url(gate), data).status_code == 302
    assert gate_standing(gate, now()).state == GateState.WAIVED
    listed = as_user(manager).get(f"/projects/{gate.project.slug}/gates/").content.decode()
    assert "Waiver until" in listed


def test_measured_criterion_cannot_be_ticked(gate, manager, as_user):
    answer = tick(gate, as_user(manager), "All steps are done.", holds="1")
    assert answer.status_code == 422
    assert "This is measured." in answer.content.decode()


def test_foreign_gates_and_criteria_are_404(gate, manager, stranger, foreign_project, as_user):
    other = create_gate(
        project=foreign_project,
        key="cohort:7",
        title="Theirs",
        criteria=[DoneWhen(text="Theirs")],
        params={},
        acting_user=stranger,
    )
    row = other.criteria.get()
    client = as_user(manager)
    assert client.post(url(gate, f"criteria/{row.pk}/"), {"holds": "1"}).status_code == 404
    assert client.get(f"/projects/{gate.project.slug}/gates/cohort:8/").status_code == 404
    assert client.get(url(other)).status_code == 404
    assert client.get(f"/projects/{gate.project.slug}/gates/%00/").status_code == 400


def test_pages_ask_the_same_for_many(gate, project, manager, as_user, django_assert_num_queries):
    def more(number: int) -> None:
        for n in range(number):
            one = create_gate(
                project=project,
                key=f"cohort:{number}{n}",
                title="T",
                criteria=[DoneWhen(text="A"), STEPS],
                params={},
                acting_user=manager,
            )
            GateDecision.objects.create(gate=one, choice="no_go", note="No", decided_by=manager)

    client = as_user(manager)
    address = f"/projects/{project.slug}/gates/"
    client.get(address)
    more(1)
    with django_assert_num_queries(6):
        client.get(address)
    more(12)
    with django_assert_num_queries(6):
        client.get(address)


@pytest.mark.parametrize("key", ["x" * 3000, "'; --", "cohort:7 ", "ÿ", "%F0%9F%92%A9"])
def test_odd_keys_are_not_found(key, gate, manager, as_user):
    client = as_user(manager)
    assert client.get(f"/projects/{gate.project.slug}/gates/{key}/").status_code == 404


def test_odd_answers_are_refused(gate, manager, as_user):
    client = as_user(manager)
    number = 10**30
    assert client.post(url(gate, f"criteria/{number}/"), {"holds": "1"}).status_code == 404
    good = {"choice": "waiver", "until": "9999-12-31", "note": "Because", "seen": seen(gate)}
    for name, value in (
        ("choice", ["go", "no_go"]),
        ("until", "0001-01-01"),
        ("until", "10000-01-01"),
        ("seen", "x" * 100),
        ("seen", ""),
        ("note", "\0"),
    ):
        answer = client.post(url(gate), {**good, name: value})
        assert (name, value, answer.status_code) in [(name, value, 400), (name, value, 422)]
    assert client.post(url(gate), good).status_code == 302
