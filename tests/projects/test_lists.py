"""What lists show and what they cost: the same number of queries for one row and for many."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Event, Evidence, Measurement, ReadinessCheck
from projects.queries.activity import PAGE, activity_page
from projects.queries.people import stakeholder_rows
from projects.queries.steps import StepFilter, StepWarning, step_board
from projects.services.steps import change_step_status
from tests.factories.projects import (
    GoalFactory,
    PhaseFactory,
    RiskFactory,
    StakeholderFactory,
    StepFactory,
)

TODAY = date(2038, 1, 20)


def test_board_shows_phases_with_sums_and_warnings(planned, manager):
    change_step_status(step=planned.steps.get(key="think-2"), status="active", acting_user=manager)
    planned.steps.filter(key="think-2").update(owner=None)
    board = step_board(planned, today=TODAY)
    assert (board.total, board.done, board.overdue, board.shown) == (7, 0, 1, 7)
    think = board.phases[0]
    assert (think.total, think.done, think.starts_on, think.ends_on) == (
        2,
        0,
        date(2038, 1, 4),
        date(2038, 1, 23),
    )
    assert [(row.step.key, row.is_overdue, row.warnings) for row in think.rows] == [
        ("think-1", True, (StepWarning("warn", "Overdue by 7 days."),)),
        (
            "think-2",
            False,
            (
                StepWarning("warn", "Out of order: “Do think-1” is not done yet."),
                StepWarning("bad", "Nobody owns this step."),
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (StepFilter(status="active"), ["think-2"]),
        (StepFilter(owner="nobody"), ["go-3"]),
        (StepFilter(show="overdue"), ["think-1"]),
        (StepFilter(show="warning"), ["think-1", "think-2"]),
        (StepFilter(text="GO-2"), ["go-2"]),
        (StepFilter(status="done", text="go"), []),
    ],
)
def test_board_filters_rows_and_keeps_the_sums(wanted, keys, planned, manager):
    change_step_status(step=planned.steps.get(key="think-2"), status="active", acting_user=manager)
    planned.steps.filter(key="go-3").update(owner=None)
    board = step_board(planned, today=TODAY, wanted=wanted)
    assert [row.step.key for phase in board.phases for row in phase.rows] == keys
    assert board.total == 7


def test_step_that_is_not_needed_counts_as_done(planned, manager):
    change_step_status(step=planned.steps.get(key="think-1"), status="done", acting_user=manager)
    change_step_status(step=planned.steps.get(key="try-1"), status="skipped", acting_user=manager)
    board = step_board(planned, today=TODAY)
    assert (board.done, [phase.done for phase in board.phases]) == (2, [1, 1, 0])


def test_people_come_with_roles_and_open_steps(planned, manager):
    change_step_status(step=planned.steps.get(key="think-1"), status="done", acting_user=manager)
    assert [
        (row.stakeholder.name, [role.title for role in row.roles], row.stakeholder.open_steps)
        for row in stakeholder_rows(planned)
    ] == [
        ("Carl Contributor", [], 0),
        ("Mona Manager", ["Lead"], 6),
        ("Vera Viewer", [], 0),
    ]


def test_activity_pages_join_without_gap_or_repeat(project):
    Event.objects.bulk_create(
        Event(project=project, verb="x.y", sentence=f"Line {n}") for n in range(2 * PAGE + 3)
    )
    first = activity_page(project)
    second = activity_page(project, before=first.older)
    third = activity_page(project, before=second.older)
    seen = [event.pk for page in (first, second, third) for event in page.events]
    assert seen == list(Event.objects.values_list("pk", flat=True))
    assert (first.newer, third.older) == (None, None)
    assert activity_page(project, after=third.newer).events == second.events
    back = activity_page(project, after=second.newer)
    assert (back.events, back.newer) == (first.events, None)


def fill(project, n):
    """``n`` more of everything the pages list."""
    at = datetime(2038, 1, 5, tzinfo=UTC)
    for i in range(n):
        phase = PhaseFactory(project=project)
        owner = StakeholderFactory(project=project)
        step = StepFactory(phase=phase, owner=owner)
        step.after.add(project.steps.first())
        planned_step = project.steps.first()
        planned_step.followers.add(step)
        Evidence.objects.create(step=planned_step, note=f"N{i}", added_by=owner.user)
        goal = GoalFactory(project=project, owner=owner)
        Measurement.objects.create(goal=goal, value=i, measured_at=at, entered_by=owner.user)
        Measurement.objects.create(goal=project.goals.get(key="calls"), value=i)
        RiskFactory(project=project, owner=owner)
        Event.objects.create(project=project, verb="x.y", sentence="s", actor=owner.user)
        ReadinessCheck.objects.create(
            project=project, key=f"k{i}-{n}", position=9, area=f"A{i}", question="?", kind="text"
        )


@pytest.mark.parametrize(
    "where",
    [
        "steps/",
        "steps/think-1/",
        "goals/",
        "goals/calls/",
        "risks/",
        "readiness/",
        "stakeholders/",
        "activity/",
        "scope/",
        "settings/",
    ],
)
def test_page_costs_the_same_with_one_and_with_many_rows(where, planned, manager, as_user):
    client, address = as_user(manager), f"/projects/{planned.slug}/{where}"
    fill(planned, 1)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    fill(planned, 3)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)
    assert len(few) <= 12
