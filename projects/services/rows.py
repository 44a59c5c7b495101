"""Turns a playbook and its plan into rows that are not saved yet. Nothing here writes."""

from collections.abc import Mapping

from playbooks import schema
from projects.models import Goal, Milestone, Phase, Project, ReadinessCheck, Risk, Stakeholder, Step
from projects.schedule_plan import SchedulePlan

Holders = Mapping[str, Stakeholder]


def first_holder(codes: tuple[str, ...], holders: Holders) -> Stakeholder | None:
    """Who carries the first of these roles that somebody carries."""
    return next((holders[code] for code in codes if code in holders), None)


def phase_rows(project: Project, playbook: schema.Playbook) -> list[Phase]:
    placed = [(stage, phase) for stage in playbook.stages for phase in stage.phases]
    return [
        Phase(
            project=project,
            key=phase.key,
            title=phase.title,
            summary=phase.summary,
            stage_key=stage.key,
            stage_title=stage.title,
            position=position,
        )
        for position, (stage, phase) in enumerate(placed, start=1)
    ]


def step_rows(
    project: Project,
    playbook: schema.Playbook,
    schedule: SchedulePlan,
    phases: Mapping[str, Phase],
    holders: Holders,
) -> list[Step]:
    planned = {step.key: step for step in schedule.steps}
    placed = [(phase, step) for phase in playbook.phases for step in phase.steps]
    return [
        Step(
            project=project,
            phase=phases[phase.key],
            key=step.key,
            position=position,
            title=step.title,
            why=step.why,
            produces=step.produces,
            done_text=step.done_when.text,
            done_metric=step.done_when.metric or "",
            done_params=plain(step.done_when.params),
            done_operator=step.done_when.operator or "",
            done_threshold=step.done_when.threshold,
            role_codes=list(step.roles.responsible),
            owner=first_holder(step.roles.responsible + step.roles.accountable, holders),
            anchor=planned[step.key].anchor,
            offset_days=planned[step.key].offset_days,
            length_days=planned[step.key].length_days,
            starts_on=planned[step.key].starts_on,
            ends_on=planned[step.key].ends_on,
            baseline_starts_on=planned[step.key].starts_on,
            baseline_ends_on=planned[step.key].ends_on,
        )
        for position, (phase, step) in enumerate(placed, start=1)
    ]


def goal_rows(project: Project, playbook: schema.Playbook, holders: Holders) -> list[Goal]:
    return [
        Goal(
            project=project,
            key=goal.key,
            position=position,
            title=goal.title,
            kind=goal.kind,
            metric=goal.metric,
            params=plain(goal.params),
            operator=goal.operator,
            target=goal.target,
            unit=goal.unit,
            how_measured=goal.how_measured,
            cadence=goal.when,
            owner=first_holder((goal.owner_role,), holders),
        )
        for position, goal in enumerate(playbook.goals, start=1)
    ]


def risk_rows(project: Project, playbook: schema.Playbook, holders: Holders) -> list[Risk]:
    return [
        Risk(
            project=project,
            title=risk.title,
            likelihood=risk.likelihood,
            impact=risk.impact,
            mitigation=risk.mitigation,
            owner=first_holder((risk.owner_role,), holders),
        )
        for risk in playbook.risks
    ]


def readiness_rows(project: Project, playbook: schema.Playbook) -> list[ReadinessCheck]:
    return [
        ReadinessCheck(
            project=project,
            key=question.key,
            position=position,
            area=question.area,
            question=question.question,
            kind=question.answer,
            choices=list(question.choices),
        )
        for position, question in enumerate(playbook.readiness, start=1)
    ]


def milestone_rows(project: Project, schedule: SchedulePlan) -> list[Milestone]:
    return [
        Milestone(project=project, key=mark.key, title=mark.title, on=mark.on)
        for mark in schedule.milestones
    ]


def plain(params: schema.Params) -> dict[str, str | list[str]]:
    """Metric parameters as JSON keeps them."""
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in params.items()
    }
