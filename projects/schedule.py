"""From a playbook and a few dates to a plan: anchors, steps, milestones, cohorts, warnings.

Pure: plain dates in, plain dates out, no clock, no database. All lengths come from the playbook.
A plan that does not fit is made all the same and says so in its warnings.
"""

from dataclasses import replace
from datetime import date, timedelta

from django.utils.translation import gettext as _

from common.dates import zone_fault
from playbooks.schema import Playbook, Step
from projects.exceptions import ScheduleError
from projects.pace import Pace, hurried, typical
from projects.schedule_plan import (
    Anchors,
    PlannedCohort,
    PlannedMilestone,
    PlannedStep,
    SchedulePlan,
)
from projects.schedule_warnings import warnings_of

MAX_WAVES = 60
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


def plan_schedule(
    playbook: Playbook,
    *,
    starts_on: date,
    target_on: date | None,
    wave_count: int,
    timezone: str,
) -> SchedulePlan:
    """The plan of a project that starts on ``starts_on`` with a pilot and ``wave_count`` waves.

    Without a target the project ends when its last step does. With an earlier one preparation is
    shortened (see ``pace``) and the plan says so; with a later one the spare days come at the end.
    Raises ScheduleError for dates and numbers no plan can be made from.
    """
    _refuse_nonsense(starts_on, target_on, wave_count, timezone)
    plan = _laid_out(playbook, starts_on, target_on, wave_count, typical(playbook.cohort_recipe))
    pace = None
    if target_on is not None and target_on < plan.natural_end_on:
        pace = hurried(playbook.cohort_recipe, (plan.natural_end_on - target_on).days)
        plan = _laid_out(playbook, starts_on, target_on, wave_count, pace)
    warnings = warnings_of(
        playbook,
        anchors=plan.anchors,
        switches=tuple((cohort.name, cohort.switch_on) for cohort in plan.cohorts),
        natural_end_on=plan.natural_end_on,
        saved_days=pace.saved_days if pace else 0,
    )
    return replace(plan, warnings=warnings)


def _refuse_nonsense(
    starts_on: date, target_on: date | None, wave_count: int, timezone: str
) -> None:
    if fault := zone_fault(timezone):
        raise ScheduleError(fault)
    if wave_count < 1:
        raise ScheduleError(_("A project needs at least one wave after the pilot."))
    if wave_count > MAX_WAVES:
        raise ScheduleError(
            _("At most %(n)s waves fit into one project. Make them larger, or make two projects.")
            % {"n": MAX_WAVES}
        )
    if any(not FIRST_DAY <= day <= LAST_DAY for day in (starts_on, target_on or starts_on)):
        raise ScheduleError(_("Choose dates between 2000 and 2100."))
    if target_on is not None and starts_on >= target_on:
        raise ScheduleError(
            _("The target date must lie after the start. Choose a later target or leave it out.")
        )


def _laid_out(
    playbook: Playbook, starts_on: date, target_on: date | None, wave_count: int, pace: Pace
) -> SchedulePlan:
    """The plan at this pace, without warnings."""
    anchors = _anchors(playbook, starts_on, wave_count, pace)
    cohorts = _cohorts(playbook, anchors, wave_count)
    end = _natural_end(playbook, anchors, cohorts, pace)
    target = target_on or end
    anchors = replace(anchors, project_target=target)
    return SchedulePlan(
        anchors=anchors,
        steps=tuple(_dated(step, anchors, pace) for step in playbook.steps),
        milestones=tuple(
            PlannedMilestone(
                mark.key,
                mark.title,
                _after(anchors.day(mark.anchor), pace.scaled(mark.anchor, mark.offset_days, 0)[0]),
            )
            for mark in playbook.milestones
        ),
        cohorts=cohorts,
        target_on=target,
        natural_end_on=end,
        warnings=(),
    )


def _anchors(playbook: Playbook, starts_on: date, wave_count: int, pace: Pace) -> Anchors:
    """The anchors; the target stands on the last switch until the end of the plan is known."""
    recipe = playbook.cohort_recipe
    pilot_start = _after(starts_on, pace.lead)
    pilot_end = _after(pilot_start, recipe.pilot.length_days)
    first_switch = _after(pilot_end, pace.gap)
    last_switch = _after(first_switch, recipe.wave_every_days * (wave_count - 1))
    return Anchors(starts_on, pilot_start, pilot_end, first_switch, last_switch, last_switch)


def _cohorts(playbook: Playbook, anchors: Anchors, wave_count: int) -> tuple[PlannedCohort, ...]:
    recipe = playbook.cohort_recipe
    pilot = PlannedCohort("pilot", _("Pilot"), 0, anchors.pilot_start, anchors.pilot_end)
    switches = (_after(anchors.first_switch, recipe.wave_every_days * i) for i in range(wave_count))
    waves = (
        PlannedCohort(
            "wave", _("Wave %(n)s") % {"n": n}, n, on, _after(on, recipe.wave_length_days)
        )
        for n, on in enumerate(switches, start=1)
    )
    return (pilot, *waves)


def _natural_end(
    playbook: Playbook, anchors: Anchors, cohorts: tuple[PlannedCohort, ...], pace: Pace
) -> date:
    """The last day of all that does not hang on the target; what is counted back from the target
    starts no earlier than the last switch."""
    bound = [step for step in playbook.steps if "project_target" in (step.anchor, step.until)]
    free = [step for step in playbook.steps if step not in bound]
    ends = [_dated(step, anchors, pace).ends_on for step in free]
    ends += [cohort.ends_on for cohort in cohorts]
    ends += [
        _after(anchors.last_switch, -step.offset_days)
        for step in bound
        if step.anchor == "project_target"
    ]
    ends += [
        _dated(step, anchors, pace).ends_on for step in bound if step.anchor != "project_target"
    ]
    return max(*ends, _after(anchors.project_start, 1))


def _dated(step: Step, anchors: Anchors, pace: Pace) -> PlannedStep:
    offset, length = pace.scaled(step.anchor, step.offset_days, step.length_days)
    starts_on = _after(anchors.day(step.anchor), offset)
    ends_on = _after(starts_on, length - 1)
    if step.until is not None:
        ends_on = max(starts_on, _after(anchors.day(step.until), step.until_offset_days))
        length = (ends_on - starts_on).days + 1
    return PlannedStep(
        key=step.key,
        starts_on=starts_on,
        ends_on=ends_on,
        anchor=step.anchor,
        offset_days=offset,
        length_days=length,
    )


def _after(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise ScheduleError(_("This plan would leave the calendar. Use fewer waves.")) from error
