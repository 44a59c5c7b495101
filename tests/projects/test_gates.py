from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from common.exceptions import Conflict
from playbooks.schema import DoneWhen
from projects.enums import GateChoice, GateState, ProjectStatus, StepStatus
from projects.exceptions import GateClosed, GateError, NotAllowedHere
from projects.models import Event, Gate, GateCriterion, Project, Step
from projects.queries.gates import (
    closed_mark,
    gate_rows,
    gate_standing,
    gates_without_go,
    standing_of,
)
from projects.services.deciding import confirm_criterion, decide_gate, unconfirm_criterion
from projects.services.gates import create_gate, require_gate_open
from projects.services.steps import change_step_status
from tests.factories.projects import PhaseFactory, ProjectFactory, StepFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 3, 1, 9, 0, tzinfo=UTC)
TODAY = date(2038, 3, 1)
STEPS = DoneWhen(
    text="All steps are done.", metric="steps_done", operator=">=", threshold=Decimal(100)
)
BY_HAND = DoneWhen(text="The help desk knows.")


@pytest.fixture
def step(project: Project) -> Step:
    return StepFactory(phase=PhaseFactory(project=project), status=StepStatus.TODO)


@pytest.fixture
def gate(project: Project, manager: User, step: Step) -> Gate:
    return create_gate(
        project=project,
        key="cohort:7",
        title="Switch of Wave 1",
        criteria=[STEPS, BY_HAND],
        params={"cohort": 7},
        acting_user=manager,
    )


def by_hand(gate: Gate) -> GateCriterion:
    return gate.criteria.get(metric="")


def finish(step: Step, manager: User) -> None:
    change_step_status(step=step, status=StepStatus.DONE, acting_user=manager)


def make_hold(gate: Gate, step: Step, manager: User) -> None:
    finish(step, manager)
    confirm_criterion(criterion=by_hand(gate), acting_user=manager, at=AT)


def states(gate: Gate) -> list[tuple[str, Decimal | None]]:
    return [(one.state.value, one.value) for one in gate_standing(gate, AT).criteria]


def decide(gate: Gate, manager: User, choice: str, **more: Any) -> Any:
    return decide_gate(gate=gate, choice=choice, acting_user=manager, at=AT, **more)


def test_new_gate_is_closed_and_shows_its_criteria(gate, manager):
    standing = gate_standing(gate, AT)
    assert (standing.state, standing.why) == (GateState.CLOSED, "Nobody has decided yet.")
    assert states(gate) == [("fails", Decimal("0.00")), ("unconfirmed", None)]
    assert list(gate.criteria.values_list("position", "text", "metric", "threshold")) == [
        (1, "All steps are done.", "steps_done", Decimal("100.00")),
        (2, "The help desk knows.", "", None),
    ]
    assert Event.objects.filter(verb="gate.created").count() == 1


def test_gate_is_made_once(gate, manager, project):
    again = create_gate(
        project=project, key="cohort:7", title="X", criteria=[], params={}, acting_user=manager
    )
    assert (again.pk, again.title, again.criteria.count()) == (gate.pk, "Switch of Wave 1", 2)


def test_go_needs_everything_to_hold(gate, manager, step):
    with pytest.raises(GateError) as refusal:
        decide(gate, manager, GateChoice.GO)
    assert str(refusal.value) == (
        "Go needs everything to hold. Missing: All steps are done. The help desk knows."
        " Or decide a waiver with a reason."
    )
    finish(step, manager)
    with pytest.raises(GateError, match="Missing: The help desk knows\\."):
        decide(gate, manager, GateChoice.GO)
    confirm_criterion(criterion=by_hand(gate), acting_user=manager, at=AT)
    decision = decide(gate, manager, GateChoice.GO)
    assert decision.readings == [
        {
            "text": "All steps are done.",
            "state": "holds",
            "metric": "steps_done",
            "value": "100.00",
            "n": 1,
            "unit": "%",
            "operator": ">=",
            "threshold": "100.00",
            "confirmed_by": None,
        },
        {
            "text": "The help desk knows.",
            "state": "holds",
            "metric": "",
            "value": None,
            "n": None,
            "unit": "",
            "operator": "",
            "threshold": None,
            "confirmed_by": str(manager),
        },
    ]
    assert gate_standing(gate, AT).state == GateState.OPEN
    event = Event.objects.get(verb="gate.decided")
    assert (event.actor, event.data) == (manager, {"choice": "go", "until": None})


def test_go_ends_as_soon_as_something_no_longer_holds(gate, manager, step, project):
    make_hold(gate, step, manager)
    decide(gate, manager, GateChoice.GO)
    require_gate_open(project=project, key=gate.key, at=AT)
    unconfirm_criterion(criterion=by_hand(gate), acting_user=manager)
    with pytest.raises(GateClosed) as refusal:
        require_gate_open(project=project, key=gate.key, at=AT)
    assert str(refusal.value) == (
        "“Switch of Wave 1” is closed. The decision was go, but since then not everything holds"
        " any more. Missing: The help desk knows. Decide under Go/no-go."
    )
    assert refusal.value.status == 409


def test_metric_without_a_figure_does_not_hold(project, manager):
    gate = create_gate(
        project=project, key="k", title="T", criteria=[STEPS], params={}, acting_user=manager
    )
    assert states(gate) == [("unknown", None)]
    with pytest.raises(GateError):
        decide(gate, manager, GateChoice.GO)


@pytest.mark.parametrize(
    ("choice", "more"),
    [
        (GateChoice.WAIVER, {"note": "Board says so."}),
        (GateChoice.WAIVER, {"note": "Board says so.", "until": TODAY - timedelta(days=1)}),
        (GateChoice.WAIVER, {"note": "  ", "until": TODAY}),
        (GateChoice.NO_GO, {"note": ""}),
        (GateChoice.NO_GO, {"note": "Too early.", "until": TODAY}),
        (GateChoice.NO_GO, {"note": "x" * 501}),
        ("perhaps", {"note": "Hm."}),
    ],
)
def test_decision_that_says_too_little_is_refused(choice, more, gate, manager):
    with pytest.raises(GateError):
        decide(gate, manager, choice, **more)
    assert gate.decisions.count() == 0


def test_waiver_opens_the_gate_to_the_end_of_its_last_day(gate, manager, project):
    project.timezone = "Pacific/Auckland"  # it is 22:00 there
    project.save()
    gate = Gate.objects.get(pk=gate.pk)
    decide(gate, manager, GateChoice.WAIVER, note="The board wants it.", until=TODAY)
    standing = gate_standing(gate, AT)
    assert (standing.state, standing.is_open) == (GateState.WAIVED, True)
    assert gate_standing(gate, AT + timedelta(hours=1)).is_open
    later = gate_standing(gate, AT + timedelta(hours=3))
    assert (later.state, later.why) == (GateState.CLOSED, "The waiver ended with 1 Mar 2038.")


def test_last_decision_counts(gate, manager, step, project):
    make_hold(gate, step, manager)
    decide(gate, manager, GateChoice.GO)
    decide(gate, manager, GateChoice.NO_GO, note="The network is down.")
    with pytest.raises(GateClosed, match="The decision is no-go: The network is down"):
        require_gate_open(project=project, key=gate.key, at=AT)
    decide(gate, manager, GateChoice.GO)
    assert gate_standing(gate, AT).is_open
    assert gate.decisions.count() == 3


def test_reminders_do_not_stop_a_go(project, manager):
    gate = create_gate(
        project=project,
        key="k",
        title="T",
        criteria=[],
        reminders=["Call the help desk"],
        params={},
        acting_user=manager,
    )
    standing = gate_standing(gate, AT)
    assert (standing.required, standing.missing) == ((), ())
    assert [(one.criterion.text, one.state.value) for one in standing.reminders] == [
        ("Call the help desk", "unconfirmed")
    ]
    assert decide(gate, manager, GateChoice.GO).readings == []
    assert gate_standing(gate, AT).is_open


def test_old_figures_are_no_ground_for_a_decision(gate, manager, step):
    seen = gate_standing(gate, AT).digest
    finish(step, manager)
    with pytest.raises(Conflict):
        decide(gate, manager, GateChoice.NO_GO, note="Too early.", seen=seen)
    seen = gate_standing(gate, AT).digest
    decide(gate, manager, GateChoice.NO_GO, note="Too early.", seen=seen)
    with pytest.raises(Conflict):
        decide(gate, manager, GateChoice.NO_GO, note="Too early.", seen=seen)


def test_confirming_names_who_and_can_be_taken_back(gate, manager, admin):
    row = by_hand(gate)
    confirm_criterion(criterion=row, acting_user=manager, at=AT)
    confirm_criterion(criterion=by_hand(gate), acting_user=admin, at=AT + timedelta(days=1))
    row.refresh_from_db()
    assert (row.confirmed_by, row.confirmed_at) == (manager, AT)
    unconfirm_criterion(criterion=row, acting_user=admin)
    row.refresh_from_db()
    assert (row.confirmed_by, row.confirmed_at) == (None, None)
    verbs = Event.objects.filter(verb__startswith="gate.").order_by("pk").values_list("verb")
    assert [verb for (verb,) in verbs] == ["gate.created", "gate.confirmed", "gate.unconfirmed"]


def test_measured_criterion_is_not_confirmed_by_hand(gate, manager):
    with pytest.raises(GateError):
        confirm_criterion(criterion=gate.criteria.get(position=1), acting_user=manager, at=AT)


def test_closed_project_keeps_its_gates_as_they_are(gate, manager, project):
    project.status = ProjectStatus.CLOSED
    project.save()
    gate = Gate.objects.get(pk=gate.pk)
    with pytest.raises(NotAllowedHere):
        decide(gate, manager, GateChoice.NO_GO, note="Too early.")
    with pytest.raises(NotAllowedHere):
        confirm_criterion(criterion=by_hand(gate), acting_user=manager, at=AT)


def test_no_gate_is_nothing_to_wait_for(project):
    assert require_gate_open(project=project, key="cohort:9", at=AT) is None
    assert standing_of(project, "cohort:9", AT) is None
    assert closed_mark(project, "cohort:9", AT) == {}


def test_closed_gate_leaves_a_mark(gate, manager, project):
    assert closed_mark(project, gate.key, AT) == {"gate": "closed"}
    decide(gate, manager, GateChoice.WAIVER, note="Go on.", until=TODAY)
    assert closed_mark(project, gate.key, AT) == {}


def test_gates_of_other_projects_are_not_asked(gate, manager, project):
    assert require_gate_open(project=ProjectFactory(), key=gate.key, at=AT) is None


def test_lists_look_at_decisions_alone(gate, manager, step, project, django_assert_num_queries):
    keys = {}
    for name, choice, more in (
        ("go", GateChoice.GO, {}),
        ("no", GateChoice.NO_GO, {"note": "No."}),
        ("waived", GateChoice.WAIVER, {"note": "Yes.", "until": TODAY}),
        ("over", GateChoice.WAIVER, {"note": "Yes.", "until": TODAY + timedelta(days=1)}),
    ):
        one = create_gate(
            project=project, key=name, title=name, criteria=[], params={}, acting_user=manager
        )
        decide(one, manager, choice, **more)
        keys[name] = one
    later = AT + timedelta(days=1)
    with django_assert_num_queries(2):
        rows = gate_rows(project, later)
    assert [(row.gate.key, row.is_decided_open) for row in rows] == [
        ("cohort:7", False),
        ("go", True),
        ("no", False),
        ("waived", False),
        ("over", True),
    ]
    with django_assert_num_queries(1):
        without = {one.key for one in gates_without_go(project, later)}
    assert without == {"cohort:7", "no", "waived"}
