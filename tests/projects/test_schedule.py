"""The plan from a playbook and dates, whole results, for more than one playbook."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks.schema import Playbook
from projects.exceptions import ScheduleError
from projects.schedule import plan_schedule
from projects.schedule_plan import (
    Anchors,
    PlannedCohort,
    PlannedMilestone,
    PlannedStep,
    SchedulePlan,
    ScheduleWarning,
)
from tests.factories.playbooks import tiny_playbook

MONDAY = date(2038, 1, 4)


def plan(playbook: Playbook | None = None, **changes: object) -> SchedulePlan:
    asked = {
        "starts_on": MONDAY,
        "target_on": None,
        "wave_count": 2,
        "timezone": "Europe/Berlin",
        **changes,
    }
    return plan_schedule(playbook or tiny_playbook(), **asked)  # type: ignore[arg-type]


def test_plan_without_target_ends_with_the_last_step() -> None:
    pilot, pilot_end, first = date(2038, 2, 13), date(2038, 3, 15), date(2038, 4, 4)
    last, end = date(2038, 4, 11), date(2038, 5, 1)
    assert plan() == SchedulePlan(
        anchors=Anchors(MONDAY, pilot, pilot_end, first, last, end),
        steps=(
            PlannedStep("think-1", MONDAY, date(2038, 1, 13), "project_start", 0, 10),
            PlannedStep("think-2", date(2038, 1, 14), date(2038, 1, 23), "project_start", 10, 10),
            PlannedStep("try-1", date(2038, 2, 6), date(2038, 2, 12), "pilot_start", -7, 7),
            PlannedStep("try-2", pilot, date(2038, 3, 14), "pilot_start", 0, 30),
            PlannedStep("go-1", date(2038, 3, 21), date(2038, 4, 3), "first_switch", -14, 14),
            PlannedStep("go-2", first, last, "first_switch", 0, 8),
            PlannedStep("go-3", date(2038, 4, 12), end, "last_switch", 1, 20),
        ),
        milestones=(
            PlannedMilestone("pilot-over", "Pilot over", pilot_end),
            PlannedMilestone("all-moved", "All moved", last),
        ),
        cohorts=(
            PlannedCohort("pilot", "Pilot", 0, pilot, pilot_end),
            PlannedCohort("wave", "Wave 1", 1, first, date(2038, 4, 14)),
            PlannedCohort("wave", "Wave 2", 2, last, date(2038, 4, 21)),
        ),
        target_on=end,
        natural_end_on=end,
        warnings=(
            ScheduleWarning(
                "weekend_switch",
                "Pilot, Wave 1, Wave 2 switch on a weekend. Is the service desk there?",
            ),
        ),
    )


def test_plan_with_a_later_target_keeps_its_dates_and_has_days_to_spare() -> None:
    late = date(2038, 12, 31)
    assert plan(target_on=late).steps == plan().steps
    assert plan(target_on=late).anchors == replace(plan().anchors, project_target=late)


def test_plan_with_an_earlier_target_shortens_preparation_and_says_so() -> None:
    target = plan().target_on - timedelta(days=15)
    hurried = plan(target_on=target)
    assert hurried.target_on == target
    # By whole weeks, so that nobody's switch slips to another weekday.
    assert hurried.natural_end_on == plan().natural_end_on - timedelta(days=21)
    assert [cohort.switch_on.weekday() for cohort in hurried.cohorts] == [
        cohort.switch_on.weekday() for cohort in plan().cohorts
    ]
    assert [w.code for w in hurried.warnings] == ["shortened", "weekend_switch"]
    assert hurried.warnings[0].sentence == (
        "Preparation is 21 days shorter than the playbook advises, to meet the target."
    )
    pilots = [cohort for cohort in hurried.cohorts if cohort.kind == "pilot"]
    assert [(cohort.ends_on - cohort.switch_on).days for cohort in pilots] == [30]
    waves = [cohort.switch_on for cohort in hurried.cohorts if cohort.kind == "wave"]
    assert [(b - a).days for a, b in itertools.pairwise(waves)] == [7]
    assert hurried.step("try-1").ends_on < hurried.anchors.pilot_start


@pytest.mark.parametrize(
    ("days_early", "codes"),
    [
        (40, ["target_not_reachable", "shortened"]),
        (60, ["target_before_last_switch", "shortened"]),
    ],
)
def test_plan_that_cannot_meet_its_target_warns(days_early: int, codes: list[str]) -> None:
    target = plan().target_on - timedelta(days=days_early)
    hurried = plan(target_on=target)
    assert [w.code for w in hurried.warnings if w.code != "weekend_switch"] == codes
    assert hurried.target_on == hurried.anchors.project_target == target
    assert hurried.natural_end_on == plan().target_on - timedelta(days=21)


def test_plan_warns_of_a_long_window_and_a_short_pilot() -> None:
    playbook = tiny_playbook(pilot_days=31)
    wednesday = MONDAY + timedelta(days=2)  # all switches fall on working days
    assert plan(playbook, starts_on=wednesday, wave_count=5).warnings == (
        ScheduleWarning(
            "window_long",
            "From the first to the last switch it takes 29 days; the playbook advises at most 22."
            " Use fewer, larger waves.",
        ),
        ScheduleWarning(
            "pilot_short", "The pilot lasts 30 days; the playbook advises at least 31."
        ),
    )
    assert plan(starts_on=wednesday, wave_count=4).warnings == ()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"target_on": MONDAY},
            "The target date must lie after the start. Choose a later target or leave it out.",
        ),
        ({"wave_count": 0}, "A project needs at least one wave after the pilot."),
        ({"wave_count": -1}, "A project needs at least one wave after the pilot."),
        (
            {"wave_count": 61},
            "At most 60 waves fit into one project. Make them larger, or make two projects.",
        ),
        (
            {"timezone": "Mars/Base"},
            "“Mars/Base” is not a time zone. Write it like Europe/Berlin.",
        ),
        ({"timezone": ""}, "“” is not a time zone. Write it like Europe/Berlin."),
        ({"starts_on": date.max}, "Choose dates between 2000 and 2100."),
        ({"target_on": date.max}, "Choose dates between 2000 and 2100."),
    ],
)
def test_plan_refuses_nonsense(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        plan(**changes)
    assert str(refused.value) == sentence


def test_anchor_of_a_cohort_is_not_the_projects() -> None:
    with pytest.raises(ValueError, match="cohort_switch"):
        plan().anchors.day("cohort_switch")


@settings(max_examples=200, deadline=None)
@given(
    starts_on=st.dates(date(2024, 1, 1), date(2040, 1, 1)),
    days=st.none() | st.integers(1, 400),
    waves=st.integers(1, 60),
)
def test_plan_holds_together_whatever_is_asked(
    starts_on: date, days: int | None, waves: int
) -> None:
    target = starts_on + timedelta(days=days) if days else None
    made = plan(starts_on=starts_on, target_on=target, wave_count=waves)
    anchors = made.anchors
    assert (
        starts_on
        == anchors.project_start
        <= anchors.pilot_start
        < anchors.pilot_end
        <= anchors.first_switch
        <= anchors.last_switch
    )
    assert len(made.cohorts) == waves + 1
    assert all(step.starts_on <= step.ends_on for step in made.steps)
    assert all(
        step.starts_on == anchors.day(step.anchor) + timedelta(days=step.offset_days)
        for step in made.steps
    )
    fits = made.natural_end_on <= made.target_on
    codes = {warning.code for warning in made.warnings}
    assert fits == (not codes & {"target_not_reachable", "target_before_last_switch"})
