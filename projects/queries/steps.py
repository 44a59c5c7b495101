"""Steps by phase with what is out of order about them. A fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.enums import STEP_CLOSED, StepStatus
from projects.models import Evidence, Phase, Project, Step

SOON = timedelta(days=14)
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class StepWarning:
    """``level`` is "warn" or "bad"."""

    level: str
    sentence: str


@dataclass(frozen=True, slots=True)
class StepRow:
    step: Step
    warnings: tuple[StepWarning, ...]
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class PhaseRows:
    """``total`` and ``done`` count the whole phase; ``rows`` are what the filter leaves."""

    phase: Phase
    rows: tuple[StepRow, ...]
    total: int
    done: int
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class StepBoard:
    """The step list: phases with rows, and the sums over all steps whatever the filter."""

    phases: tuple[PhaseRows, ...]
    total: int
    done: int
    overdue: int

    @property
    def shown(self) -> int:
        return sum(len(phase.rows) for phase in self.phases)


@dataclass(frozen=True, kw_only=True, slots=True)
class StepFilter:
    """``owner`` is a stakeholder's id, "nobody" or ""; ``show`` is "", "overdue" or "warning"."""

    status: str = ""
    owner: str = ""
    show: str = ""
    text: str = ""

    def lets_through(self, row: StepRow) -> bool:
        step = row.step
        owner = str(step.owner_id) if step.owner_id else NOBODY
        text = self.text.casefold()
        return (
            self.status in ("", step.status)
            and self.owner in ("", owner)
            and (self.show != "overdue" or row.is_overdue)
            and (self.show != "warning" or bool(row.warnings))
            and (text in step.title.casefold() or text in step.key.casefold())
        )


def step_board(project: Project, *, today: date, wanted: StepFilter | None = None) -> StepBoard:
    """Every phase with its steps, owners and warnings. Three queries.

    ``today`` is the date in the project's zone. A playbook has some dozens of steps, so the filter
    works on what is loaded for the sums anyway.
    """
    wanted = wanted or StepFilter()
    phases = list(Phase.objects.filter(project=project))
    steps = list(_steps(project))
    waiting = _open_predecessors(steps)
    rows: dict[int, list[StepRow]] = defaultdict(list)
    for step in steps:
        rows[step.phase_id].append(step_row(step, waiting.get(step.pk, ()), today))
    return StepBoard(
        phases=tuple(_phase(phase, rows[phase.pk], wanted) for phase in phases),
        total=len(steps),
        done=_done(steps),
        overdue=sum(row.is_overdue for several in rows.values() for row in several),
    )


def _steps(project: Project) -> QuerySet[Step]:
    evidence = Evidence.objects.filter(step=OuterRef("pk"))
    return (
        Step.objects.filter(project=project)
        .select_related("owner")
        .annotate(
            evidence_count=Coalesce(
                Subquery(evidence.order_by().values("step").annotate(n=Count("pk")).values("n")),
                0,
            )
        )
    )


def _open_predecessors(steps: Iterable[Step]) -> dict[int, list[Step]]:
    """What each step waits for and is not done yet. One query for all steps."""
    by_pk = {step.pk: step for step in steps}
    link = Step.after.through
    found: dict[int, list[Step]] = defaultdict(list)
    for later, earlier in (
        link.objects.filter(from_step__in=by_pk)
        .order_by("to_step__position")
        .values_list("from_step", "to_step")
    ):
        before = by_pk.get(earlier)
        if before is not None and before.status not in STEP_CLOSED:
            found[later].append(before)
    return found


def step_row(step: Step, waiting: Iterable[Step], today: date) -> StepRow:
    """One step with its warnings: out of order, overdue, nobody's."""
    is_open = step.status not in STEP_CLOSED
    is_overdue = is_open and step.ends_on < today
    warnings = []
    if is_overdue:
        days = (today - step.ends_on).days
        text = ngettext("Overdue by %(n)s day.", "Overdue by %(n)s days.", days) % {"n": days}
        warnings.append(StepWarning("warn", text))
    before = [other.title for other in waiting]
    if before and step.status in (StepStatus.ACTIVE, StepStatus.DONE):
        text = ngettext(
            "Out of order: “%(steps)s” is not done yet.",
            "Out of order: “%(steps)s” are not done yet.",
            len(before),
        ) % {"steps": "”, “".join(before)}
        warnings.append(StepWarning("warn", text))
    if is_open and step.owner_id is None and step.starts_on <= today + SOON:
        warnings.append(StepWarning("bad", _("Nobody owns this step.")))
    return StepRow(step=step, warnings=tuple(warnings), is_overdue=is_overdue)


def _phase(phase: Phase, rows: list[StepRow], wanted: StepFilter) -> PhaseRows:
    steps = [row.step for row in rows]
    return PhaseRows(
        phase=phase,
        rows=tuple(row for row in rows if wanted.lets_through(row)),
        total=len(steps),
        done=_done(steps),
        starts_on=min((step.starts_on for step in steps), default=None),
        ends_on=max((step.ends_on for step in steps), default=None),
    )


def _done(steps: Iterable[Step]) -> int:
    """A step that is not needed counts as done, as on the project's home."""
    return sum(step.status in STEP_CLOSED for step in steps)


@dataclass(frozen=True, slots=True)
class StepPage:
    """One step with its neighbours. ``waiting`` are the predecessors that are not done."""

    row: StepRow
    predecessors: tuple[Step, ...]
    followers: tuple[Step, ...]
    evidence: tuple[Evidence, ...]

    @property
    def waiting(self) -> tuple[Step, ...]:
        return tuple(step for step in self.predecessors if step.status not in STEP_CLOSED)


def step_page(step: Step, *, today: date) -> StepPage:
    """All a step's page shows. Three queries; ``step`` should come with phase and owner."""
    predecessors = tuple(step.after.all())
    waiting = [other for other in predecessors if other.status not in STEP_CLOSED]
    return StepPage(
        row=step_row(step, waiting, today),
        predecessors=predecessors,
        followers=tuple(step.followers.all()),
        evidence=tuple(step.evidence.select_related("added_by")),
    )
