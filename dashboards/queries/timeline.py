"""A project as input for the timeline's drawing: milestones, freezes, what was announced when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts.enums import CohortKind, CohortStatus
from cohorts.models import Cohort
from communications.models import Occurrence
from dashboards.charts.timeline_input import (
    Band,
    CohortRow,
    MilestoneMark,
    PhaseRow,
    Stage,
    StepBar,
    TimelineInput,
)
from dashboards.queries.cohorts import CohortFigures
from dashboards.queries.plan import PhaseFigures, is_overdue
from projects.enums import STEP_CLOSED, StepStatus
from projects.models import FreezeWindow, Milestone, Project, Step


def project_timeline(
    project: Project,
    phases: Sequence[PhaseFigures],
    cohorts: Sequence[CohortFigures],
    *,
    today: date,
    full: bool,
) -> TimelineInput:
    """``full`` gives every step a row of its own. Three queries."""
    announced = _announced_on(project)
    milestones = Milestone.objects.filter(project=project)
    freezes = FreezeWindow.objects.filter(project=project)
    return TimelineInput(
        title=project.name,
        starts_on=project.starts_on,
        ends_on=max([project.target_on, *(phase.ends_on for phase in phases)]),
        today=today,
        stages=_stages(phases),
        phases=tuple(_phase(project, phase, today) for phase in phases),
        cohorts=tuple(_cohort(project, row, announced) for row in cohorts),
        milestones=tuple(
            MilestoneMark(title=m.title, on=m.on, reached=m.on <= today) for m in milestones
        ),
        freezes=tuple(
            Band(title=f.title, starts_on=f.starts_on, ends_on=f.ends_on) for f in freezes
        ),
        window=upgrade_window([row.cohort for row in cohorts]),
        full=full,
    )


def upgrade_window(cohorts: Iterable[Cohort]) -> Band | None:
    """From the first wave's switch to the last one's; None without waves."""
    days = [
        cohort.switch_on
        for cohort in cohorts
        if cohort.kind == CohortKind.WAVE and cohort.status != CohortStatus.CANCELLED
    ]
    if not days:
        return None
    length = (max(days) - min(days)).days + 1
    title = _("Upgrade window, %(days)s days") % {"days": length}
    return Band(title=title, starts_on=min(days), ends_on=max(days))


def _stages(phases: Sequence[PhaseFigures]) -> tuple[Stage, ...]:
    by_title: dict[str, list[PhaseFigures]] = {}
    for phase in phases:
        by_title.setdefault(phase.phase.stage_title, []).append(phase)
    return tuple(
        Stage(
            title=title,
            starts_on=min(phase.starts_on for phase in members),
            ends_on=max(phase.ends_on for phase in members),
        )
        for title, members in by_title.items()
    )


def _phase(project: Project, figures: PhaseFigures, today: date) -> PhaseRow:
    return PhaseRow(
        key=figures.phase.key,
        title=figures.phase.title,
        starts_on=figures.starts_on,
        ends_on=figures.ends_on,
        baseline_starts_on=min(step.baseline_starts_on for step in figures.steps),
        baseline_ends_on=max(step.baseline_ends_on for step in figures.steps),
        done=figures.done,
        total=figures.total,
        state=figures.state(today),
        steps=tuple(_step(project, step, today) for step in figures.steps),
    )


def _step(project: Project, step: Step, today: date) -> StepBar:
    return StepBar(
        key=step.key,
        title=step.title,
        starts_on=step.starts_on,
        ends_on=step.ends_on,
        state=_step_state(step, today),
        url=reverse("projects:step_detail", args=[project.slug, step.key]),
    )


def _step_state(step: Step, today: date) -> str:
    if step.status in STEP_CLOSED:
        return "done"
    if is_overdue(step, today) or step.status == StepStatus.BLOCKED:
        return "warn"
    return "active" if step.status == StepStatus.ACTIVE else "todo"


def _announced_on(project: Project) -> Mapping[int, date]:
    """{cohort pk: day of its first message}, sent or planned."""
    days: dict[int, date] = {}
    rows = Occurrence.objects.filter(project=project, cohort__isnull=False, wall_at__isnull=False)
    for cohort_id, wall_at in rows.values_list("cohort_id", "wall_at").order_by("wall_at"):
        if cohort_id is not None and wall_at is not None:
            days.setdefault(cohort_id, wall_at.date())
    return days


def _cohort(project: Project, row: CohortFigures, announced: Mapping[int, date]) -> CohortRow:
    cohort = row.cohort
    first = announced.get(cohort.pk)
    return CohortRow(
        name=cohort.name,
        people=row.people,
        announce_on=min(first, cohort.switch_on) if first else None,
        switch_on=cohort.switch_on,
        ends_on=cohort.ends_on,
        state=_cohort_state(row),
        url=reverse("rollout:cohort_detail", args=[project.slug, cohort.pk]),
    )


def _cohort_state(row: CohortFigures) -> str:
    if row.cohort.status in (CohortStatus.SWITCHED, CohortStatus.FINISHED):
        return "switched"
    return "told" if row.counts.told else "planned"
