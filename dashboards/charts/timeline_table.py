"""The timeline in words: one row for each thing in the picture, with the same dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dashboards.charts.timeline_input import PhaseRow, TimelineInput
from dashboards.charts.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """`kind` is phase, step, cohort, milestone, window or freeze; late is against the baseline."""

    kind: str
    title: str
    starts_on: date
    ends_on: date
    state: str
    progress: str = ""
    days_late: int | None = None
    url: str = ""

    @property
    def days_early(self) -> int:
        return -min(self.days_late or 0, 0)


def rows_of(plan: TimelineInput, words: Words) -> tuple[TableRow, ...]:
    return (*_phases(plan, words), *_cohorts(plan, words), *_marks(plan, words))


def _phases(plan: TimelineInput, words: Words) -> Iterator[TableRow]:
    for phase in plan.phases:
        yield TableRow(
            kind="phase",
            title=phase.title,
            starts_on=phase.starts_on,
            ends_on=phase.ends_on,
            state=words.state(phase.state),
            progress=words.of.format(done=phase.done, total=phase.total),
            days_late=_days_late(phase),
        )
        for step in phase.steps:
            yield TableRow(
                kind="step",
                title=step.title,
                starts_on=step.starts_on,
                ends_on=step.ends_on,
                state=words.state(step.state),
                url=step.url,
            )


def _cohorts(plan: TimelineInput, words: Words) -> Iterator[TableRow]:
    for cohort in plan.cohorts:
        yield TableRow(
            kind="cohort",
            title=cohort.name,
            starts_on=cohort.switch_on,
            ends_on=max(cohort.ends_on or cohort.switch_on, cohort.switch_on),
            state=words.state(cohort.state),
            progress=words.people.format(n=words.number(cohort.people)),
            url=cohort.url,
        )


def _marks(plan: TimelineInput, words: Words) -> Iterator[TableRow]:
    for milestone in sorted(plan.milestones, key=lambda milestone: milestone.on):
        yield TableRow(
            kind="milestone",
            title=milestone.title,
            starts_on=milestone.on,
            ends_on=milestone.on,
            state=words.state("done" if milestone.reached else "planned"),
        )
    bands = [("window", plan.window)] if plan.window else []
    for kind, band in (*bands, *(("freeze", freeze) for freeze in plan.freezes)):
        yield TableRow(
            kind=kind,
            title=band.title or words.window.format(n=(band.ends_on - band.starts_on).days + 1),
            starts_on=band.starts_on,
            ends_on=band.ends_on,
            state="",
        )


def _days_late(phase: PhaseRow) -> int | None:
    if phase.baseline_ends_on is None:
        return None
    return (phase.ends_on - phase.baseline_ends_on).days
