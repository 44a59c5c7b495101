"""Everything the cohort's page says, read once in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.text import capfirst

from cohorts.enums import ModeState
from cohorts.models import Cohort
from cohorts.queries.counts import PeopleCounts
from cohorts.queries.modes import ModeCount, last_report, mode_counts
from communications.models import Occurrence
from communications.queries.ledger import Ledger, ledgers
from communications.queries.standing import Standing, is_pressing, standing
from dashboards.queries.cohorts import CohortFigures, cohort_figures
from dashboards.queries.situation import today_in
from projects.models import Project
from projects.queries.goals import GoalRow, goal_rows
from rollout.loop import Stage, stages_of
from rollout.next_deed import Now
from rollout.queries.gates import CohortGate
from surveys.models import Survey
from surveys.queries.numbers import surveys_with_counts

COHORT_SWITCH = "cohort_switch"


@dataclass(frozen=True, slots=True)
class CohortMessage:
    """One occurrence with its ledger in words: {state's word: mails}, only states that occur."""

    occurrence: Occurrence
    counts: Mapping[str, int]
    standing: Standing

    @property
    def people(self) -> int:
        return sum(self.counts.values())

    @property
    def offset(self) -> str:
        """T−7: days from the switch; empty for what hangs on something else."""
        message = self.occurrence.message
        if message.anchor != COHORT_SWITCH or message.offset_days is None:
            return ""
        days = message.offset_days
        return "T" if not days else f"T{'+' if days > 0 else '−'}{abs(days)}"


@dataclass(frozen=True, slots=True)
class ModesSeen:
    """Where people were seen, and when the last report was read (None: never)."""

    counts: tuple[ModeCount, ...]
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortPage:
    """``for_people``: plain consequences of the mode the cohort changes to.

    ``modes`` is None where the playbook does not say how an export shows modes.
    """

    figures: CohortFigures
    today: date
    messages: tuple[CohortMessage, ...]
    surveys: tuple[Survey, ...]
    goals: tuple[GoalRow, ...]
    stages: tuple[Stage, ...]
    from_mode: str
    to_mode: str
    for_people: tuple[str, ...]
    to_approve: Occurrence | None
    modes: ModesSeen | None

    def now(self, gate: CohortGate) -> Now:
        """What the next thing to do depends on."""
        return Now(
            cohort=self.figures.cohort,
            counts=self.figures.counts,
            gate=gate,
            to_approve=self.to_approve,
            surveys=self.surveys,
            to_mode=self.to_mode,
            can_verify=self.modes is not None,
            today=self.today,
        )


@dataclass(frozen=True, slots=True)
class ModeStateCount:
    """``key`` is that of the people list's filter."""

    key: str
    word: str
    people: int


def mode_states(counts: PeopleCounts) -> tuple[ModeStateCount, ...]:
    """How the changes of mode stand; states that are rare only where they occur."""
    rare = (ModeState.FAILED, ModeState.NOT_APPLICABLE)
    found = ((state, int(getattr(counts, state.value))) for state in ModeState)
    return tuple(
        ModeStateCount(state, capfirst(str(state.label)), people)
        for state, people in found
        if people or state not in rare
    )


def cohort_page(project: Project, cohort: Cohort, at: datetime) -> CohortPage:
    today = today_in(project, at)
    figures = next(row for row in cohort_figures(project) if row.cohort.pk == cohort.pk)
    occurrences = _occurrences(cohort)
    surveys = tuple(
        survey for survey in surveys_with_counts(project) if survey.cohort_id == cohort.pk
    )
    goals = goal_rows(project)
    modes = {mode["key"]: mode for mode in project.playbook_snapshot.get("modes", ())}
    target = modes.get(cohort.to_mode, {})
    seen = _modes_seen(project, cohort)
    return CohortPage(
        figures=figures,
        today=today,
        messages=_messages(cohort, occurrences, at),
        surveys=surveys,
        goals=goals,
        stages=stages_of(
            figures, occurrences, surveys, goals, today=today, can_verify=seen is not None
        ),
        modes=seen,
        from_mode=modes.get(cohort.from_mode, {}).get("title", cohort.from_mode),
        to_mode=target.get("title", cohort.to_mode),
        for_people=tuple(target.get("for_people", ())),
        to_approve=next((one for one in occurrences if is_pressing(one, at)), None),
    )


def _modes_seen(project: Project, cohort: Cohort) -> ModesSeen | None:
    if not project.playbook_snapshot.get("observation"):
        return None
    report = last_report(project)
    return ModesSeen(mode_counts(project, cohort), report.at if report else None)


def _occurrences(cohort: Cohort) -> Sequence[Occurrence]:
    return tuple(
        Occurrence.objects.filter(cohort=cohort).select_related("message").order_by("due_at", "pk")
    )


def _messages(
    cohort: Cohort, occurrences: Sequence[Occurrence], at: datetime
) -> tuple[CohortMessage, ...]:
    books = ledgers(one.pk for one in occurrences)
    return tuple(
        CohortMessage(one, _in_words(books[one.pk]), standing(one, at)) for one in occurrences
    )


def _in_words(ledger: Ledger) -> dict[str, int]:
    return {str(state.label): number for state, number in ledger.states.items() if number}
