"""The picture of a plan that is not saved yet. Pure: playbook and schedule in, drawing out."""

from datetime import date, timedelta

from dashboards.charts.timeline_input import (
    Band,
    CohortRow,
    MilestoneMark,
    PhaseRow,
    Stage,
    StepBar,
    TimelineInput,
)
from playbooks.schema import MessageTemplate, Phase, Playbook
from projects.schedule_plan import PlannedCohort, SchedulePlan


def timeline_of_plan(
    playbook: Playbook, plan: SchedulePlan, *, title: str, today: date
) -> TimelineInput:
    """Every phase, step, cohort and milestone that the plan would make."""
    phases = {phase.key: _phase(phase, plan) for phase in playbook.phases}
    stages = tuple(
        Stage(
            title=stage.title,
            starts_on=min(phases[phase.key].starts_on for phase in stage.phases),
            ends_on=max(phases[phase.key].ends_on for phase in stage.phases),
        )
        for stage in playbook.stages
    )
    return TimelineInput(
        title=title,
        starts_on=plan.anchors.project_start,
        ends_on=max(plan.target_on, plan.natural_end_on),
        today=today,
        stages=stages,
        phases=tuple(phases.values()),
        cohorts=tuple(_cohort(playbook, cohort) for cohort in plan.cohorts),
        milestones=tuple(MilestoneMark(title=m.title, on=m.on) for m in plan.milestones),
        window=Band(
            title="", starts_on=plan.anchors.first_switch, ends_on=plan.anchors.last_switch
        ),
    )


def _phase(phase: Phase, plan: SchedulePlan) -> PhaseRow:
    steps = tuple(
        StepBar(
            key=step.key,
            title=step.title,
            starts_on=plan.step(step.key).starts_on,
            ends_on=plan.step(step.key).ends_on,
        )
        for step in phase.steps
    )
    return PhaseRow(
        key=phase.key,
        title=phase.title,
        starts_on=min(step.starts_on for step in steps),
        ends_on=max(step.ends_on for step in steps),
        total=len(steps),
        steps=steps,
    )


def _cohort(playbook: Playbook, cohort: PlannedCohort) -> CohortRow:
    return CohortRow(
        name=cohort.name,
        people=0,
        announce_on=first_announcement(playbook, cohort),
        switch_on=cohort.switch_on,
        ends_on=cohort.ends_on,
    )


def first_announcement(playbook: Playbook, cohort: PlannedCohort) -> date | None:
    """The day of the first message that counts from this cohort's switch."""
    offsets = [
        message.timing.offset_days
        for message in playbook.messages
        if message.cohort_kind == cohort.kind and _counts_from_switch(message, cohort)
    ]
    return cohort.switch_on + timedelta(days=min(offsets)) if offsets else None


def _counts_from_switch(message: MessageTemplate, cohort: PlannedCohort) -> bool:
    anchors = {"cohort_switch"} | ({"pilot_start"} if cohort.kind == "pilot" else set())
    return message.timing.anchor in anchors
