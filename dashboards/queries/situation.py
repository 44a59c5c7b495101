"""Everything the project home says, read once. A fixed number of queries whatever the size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cohorts.queries.cohorts import people_figures
from cohorts.queries.counts import PeopleFigures
from cohorts.queries.deferrals import open_deferrals
from cohorts.queries.problems import blocking_problems
from common.dates import local_day
from communications.models import Occurrence
from communications.queries.standing import Standing, standing
from communications.queries.stopped import stopped_messages
from dashboards.queries.attention_item import MANY, Situation
from dashboards.queries.cohorts import CohortFigures, cohort_figures
from dashboards.queries.gates import closed_gates
from dashboards.queries.plan import PhaseFigures, all_steps, is_overdue, phase_figures
from dashboards.queries.sending import going_out_next, troubled_occurrences, waiting_occurrences
from projects.enums import STEP_CLOSED, GoalStatus
from projects.models import Event, Project
from projects.queries.goals import GoalRow, goal_rows
from surveys.queries.numbers import surveys_due

RECENT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectState:
    """``today`` is the day in the project's zone at ``at``."""

    project: Project
    today: date
    phases: tuple[PhaseFigures, ...]
    cohorts: tuple[CohortFigures, ...]
    people: PeopleFigures
    goals: tuple[GoalRow, ...]
    situation: Situation
    going_out: Sequence[tuple[Occurrence, Standing]]
    events: Sequence[Event]

    @property
    def steps_done(self) -> int:
        return sum(phase.done for phase in self.phases)

    @property
    def steps_total(self) -> int:
        return sum(phase.total for phase in self.phases)

    @property
    def next_switch(self) -> CohortFigures | None:
        ahead = [
            row
            for row in self.cohorts
            if row.cohort.status == "planned" and row.cohort.switch_on >= self.today
        ]
        return min(ahead, key=lambda row: row.cohort.switch_on, default=None)


def today_in(project: Project, at: datetime) -> date:
    """The calendar day at ``at`` in the project's zone."""
    return local_day(at, project.timezone)


def project_state(project: Project, at: datetime) -> ProjectState:
    today = today_in(project, at)
    phases = phase_figures(project)
    cohorts = cohort_figures(project)
    goals = goal_rows(project)
    steps = all_steps(phases)
    return ProjectState(
        project=project,
        today=today,
        phases=phases,
        cohorts=cohorts,
        people=people_figures(project),
        goals=goals,
        situation=Situation(
            project=project,
            today=today,
            at=at,
            overdue=[step for step in steps if is_overdue(step, today)],
            open_steps=[step for step in steps if step.status not in STEP_CLOSED],
            cohorts=cohorts,
            goals=[row for row in goals if row.status == GoalStatus.OFF_TRACK],
            stopped=stopped_messages(project),
            troubled=troubled_occurrences(project),
            waiting=waiting_occurrences(project, at),
            unopened_surveys=surveys_due(project, at),
            open_deferrals=open_deferrals(project, MANY),
            blocking_problems=blocking_problems(project, MANY),
            closed_gates=closed_gates(project, cohorts, today, at),
        ),
        going_out=tuple((one, standing(one, at)) for one in going_out_next(project, at)),
        events=tuple(Event.objects.filter(project=project).select_related("actor")[:RECENT]),
    )
