"""Figures: read through the port, typed in by hand, compared with targets."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import metrics
from projects.enums import GoalStatus, Operator, ProjectStatus
from projects.exceptions import NotAllowedHere
from projects.measures import steps_done
from projects.metrics import Reading
from projects.models import Event, Measurement
from projects.queries.goals import goal_rows
from projects.services.goals import record_measurement
from projects.services.measuring import measure_goals
from projects.services.steps import change_step_status
from projects.standing import standing
from projects.tasks import measure_all_goals, measure_project_goals

AT = datetime(2038, 1, 10, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def test_goal_gets_a_row_only_when_its_figure_moves(planned, manager):
    goal = planned.goals.get(key="progress")
    new = measure_goals(project=planned, at=AT)
    assert [(m.goal, m.value, m.n) for m in new] == [(goal, Decimal("0.00"), 7)]
    assert measure_goals(project=planned, at=LATER) == []
    row = Measurement.objects.get()
    assert (row.measured_at, row.checked_at) == (AT, LATER)
    change_step_status(step=planned.steps.first(), status="done", acting_user=manager)
    measure_goals(project=planned, at=LATER + timedelta(hours=1))
    assert list(Measurement.objects.values_list("value", "n")) == [
        (Decimal("14.29"), 7),
        (Decimal("0.00"), 7),
    ]


def test_goal_gets_a_row_when_only_the_number_of_cases_moves(planned, manager):
    measure_goals(project=planned, at=AT)
    change_step_status(step=planned.steps.first(), status="skipped", acting_user=manager)
    measure_goals(project=planned, at=LATER)
    assert list(Measurement.objects.values_list("value", "n")) == [(0, 6), (0, 7)]


@pytest.mark.parametrize(
    ("params", "reading"),
    [
        ({}, Reading(Decimal(100) / 6, 6)),
        ({"phase": "think"}, Reading(Decimal(100), 1)),
        ({"phases": ["think", "try"]}, Reading(Decimal(100) / 3, 3)),
        ({"steps": ["think-1", "go-1"]}, Reading(Decimal(50), 2)),
        ({"steps": "think-2"}, None),
        ({"phase": "nowhere"}, None),
    ],
)
def test_steps_done_counts_what_is_needed(params, reading, planned, manager):
    one, two = planned.steps.filter(phase__key="think")
    change_step_status(step=one, status="done", acting_user=manager)
    change_step_status(step=two, status="skipped", acting_user=manager)
    assert steps_done(planned, params, AT) == reading


def test_metric_is_registered_once():
    assert metrics.get("steps_done").read is steps_done
    with pytest.raises(ValueError, match="twice"):
        metrics.register("steps_done", "%", "", steps_done)


def test_figure_by_hand(planned, manager):
    goal = planned.goals.get(key="calls")
    record_measurement(
        goal=goal, value=Decimal("2.5"), n=400, note=" CQD ", acting_user=manager, at=AT
    )
    row = Measurement.objects.get()
    assert (row.goal, row.value, row.n, row.note, row.entered_by, row.measured_at) == (
        goal,
        Decimal("2.50"),
        400,
        "CQD",
        manager,
        AT,
    )
    assert Event.objects.first().sentence == "Goal “Few poor calls”: 2.5 % entered."


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e12"])
def test_figure_that_is_none_is_refused(value, planned, manager):
    goal = planned.goals.get(key="calls")
    with pytest.raises(NotAllowedHere):
        record_measurement(goal=goal, value=Decimal(value), note="", acting_user=manager)
    assert not Measurement.objects.exists()


def test_measured_goal_takes_no_figure_by_hand(planned, manager):
    goal = planned.goals.get(key="progress")
    with pytest.raises(NotAllowedHere):
        record_measurement(goal=goal, value=Decimal(100), note="", acting_user=manager)
    assert not Measurement.objects.exists()


def test_rows_carry_latest_figure_formula_and_standing(planned, manager):
    calls = planned.goals.get(key="calls")
    for value, at in ((Decimal(9), LATER), (Decimal(2), AT)):
        record_measurement(goal=calls, value=value, note="", acting_user=manager, at=at)
    rows = goal_rows(planned)
    assert [
        (row.goal.key, row.value, row.n, row.measured_at, row.status, row.formula) for row in rows
    ] == [
        ("progress", None, None, None, GoalStatus.NO_DATA, "Steps done ÷ steps that are needed."),
        ("calls", Decimal(9), None, LATER, GoalStatus.OFF_TRACK, "Entered by hand."),
    ]


@pytest.mark.parametrize(
    ("value", "operator", "target", "status"),
    [
        (80, ">=", 80, "on_target"),
        (Decimal("79.99"), ">=", 80, "close"),
        (72, ">=", 80, "close"),
        (71, ">=", 80, "off_track"),
        (3, "<", 3, "close"),
        (Decimal("3.31"), "<", 3, "off_track"),
        (0, ">", 0, "close"),
        (-5, ">", 0, "close"),
        (-6, ">", 0, "off_track"),
        (1, "==", 1, "on_target"),
        (None, ">=", 80, "no_data"),
    ],
)
def test_standing_of_a_figure(value, operator, target, status):
    figure = None if value is None else Decimal(value)
    assert standing(figure, operator, Decimal(target)) == status


@given(
    value=st.decimals(-1000, 1000, places=2),
    target=st.decimals(-1000, 1000, places=2),
    operator=st.sampled_from(Operator.values),
)
def test_standing_is_on_target_exactly_when_the_target_holds(value, target, operator):
    on_target = standing(value, operator, target) == GoalStatus.ON_TARGET
    assert on_target == metrics.holds(value, operator, target)


def test_tasks_measure_running_projects_only(planned):
    measure_project_goals(planned.pk)
    assert Measurement.objects.count() == 1
    Measurement.objects.all().delete()
    planned.status = ProjectStatus.PAUSED
    planned.save()
    measure_project_goals(planned.pk)
    measure_project_goals(planned.pk + 1)
    measure_all_goals()
    assert not Measurement.objects.exists()


def test_growing_figure_is_under_way_until_the_target_date(planned):
    """Nothing done in mid-flight is no alarm; the same after the target date is one."""
    during = datetime.combine(planned.target_on, time(12), tzinfo=UTC)
    measure_goals(project=planned, at=during)
    before = {row.goal.key: row.status for row in goal_rows(planned)}
    measure_goals(project=planned, at=during + timedelta(days=1))
    after = {row.goal.key: row.status for row in goal_rows(planned)}
    assert (before["progress"], after["progress"]) == (
        GoalStatus.UNDER_WAY,
        GoalStatus.OFF_TRACK,
    )
