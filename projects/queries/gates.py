"""How the gates of a project stand: the last decision, and what each criterion shows right now.

A go holds as long as its criteria do; a waiver to the end of its last day, whatever they show.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.dates import local_day
from projects import metrics
from projects.enums import CriterionState, GateChoice, GateState, Operator
from projects.models import Gate, GateCriterion, GateDecision, Project
from projects.queries.readings import Reader, reader_of

LOOKS = {
    CriterionState.HOLDS: "done",
    CriterionState.FAILS: "bad",
    CriterionState.UNKNOWN: "unsure",
    CriterionState.UNCONFIRMED: "todo",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionStanding:
    """``value`` and ``n`` are None without a figure; ``unit`` is the metric's."""

    criterion: GateCriterion
    state: CriterionState
    value: Decimal | None = None
    n: int | None = None
    unit: str = ""
    formula: str = ""

    @property
    def holds(self) -> bool:
        return self.state == CriterionState.HOLDS

    @property
    def is_by_hand(self) -> bool:
        return not self.criterion.metric

    @property
    def look(self) -> str:
        """The look of the status tag."""
        return LOOKS[self.state]

    @property
    def asked(self) -> str:
        return str(Operator(self.criterion.operator).label) if self.criterion.operator else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateStanding:
    """``why`` says in one sentence why the gate is open or closed."""

    gate: Gate
    state: GateState
    why: str
    criteria: tuple[CriterionStanding, ...]
    decision: GateDecision | None

    @property
    def look(self) -> str:
        return {GateState.OPEN: "gate", GateState.WAIVED: "warn"}.get(self.state, "gate-open")

    @property
    def is_open(self) -> bool:
        return self.state != GateState.CLOSED

    @property
    def required(self) -> tuple[CriterionStanding, ...]:
        return tuple(one for one in self.criteria if one.criterion.is_required)

    @property
    def reminders(self) -> tuple[CriterionStanding, ...]:
        return tuple(one for one in self.criteria if not one.criterion.is_required)

    @property
    def missing(self) -> tuple[CriterionStanding, ...]:
        """What a go needs and does not hold, or is not known to."""
        return tuple(one for one in self.required if not one.holds)

    @property
    def holding(self) -> int:
        return sum(one.holds for one in self.required)

    @property
    def digest(self) -> str:
        """What a reader saw, in sixteen characters: figures, confirmations, last decision."""
        parts = [str(self.gate.pk), str(self.decision.pk if self.decision else "")]
        parts += [f"{one.criterion.pk}={one.state}={one.value}" for one in self.required]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate in a list, with its last decision alone: no figure is read for it."""

    gate: Gate
    decision: GateDecision | None
    is_decided_open: bool


def find_gate(project: Project, key: str) -> Gate | None:
    gate = Gate.objects.filter(project=project, key=key).first()
    if gate is not None:
        gate.project = project
    return gate


def gate_standing(gate: Gate, at: datetime) -> GateStanding:
    """How ``gate`` stands at ``at``: two queries and those of its metrics."""
    criteria = criteria_standing(gate, reader_of(gate.project, at))
    decision = gate.decisions.select_related("decided_by").order_by("-pk").first()
    state, why = _state(gate, decision, criteria, at)
    return GateStanding(gate=gate, state=state, why=why, criteria=criteria, decision=decision)


def standing_of(project: Project, key: str, at: datetime) -> GateStanding | None:
    """The same by key; None where the project has no such gate, so nothing is closed."""
    gate = find_gate(project, key)
    return gate_standing(gate, at) if gate else None


def closed_mark(project: Project, key: str, at: datetime) -> dict[str, str]:
    """For the record of what somebody ordered although a gate is closed; empty while it is open."""
    standing = standing_of(project, key, at)
    return {} if standing is None or standing.is_open else {"gate": GateState.CLOSED.value}


def criteria_standing(gate: Gate, read: Reader) -> tuple[CriterionStanding, ...]:
    rows = gate.criteria.select_related("confirmed_by")
    return tuple(_criterion(row, gate, read) for row in rows)


def gate_rows(project: Project, at: datetime) -> tuple[GateRow, ...]:
    """Every gate of the project with its last decision. Two queries."""
    newest = GateDecision.objects.filter(gate=OuterRef("pk")).order_by("-pk")
    gates = Gate.objects.filter(project=project).annotate(last=Subquery(newest.values("pk")[:1]))
    found = list(gates)
    picked = GateDecision.objects.filter(pk__in=[gate.last for gate in found if gate.last])
    decisions = {row.gate_id: row for row in picked.select_related("decided_by")}
    today = local_day(at, project.timezone)
    rows = []
    for gate in found:
        gate.project, decision = project, decisions.get(gate.pk)
        is_open = decision is not None and (
            decision.choice == GateChoice.GO
            or (decision.until is not None and decision.until >= today)
        )
        rows.append(GateRow(gate, decision, is_open))
    return tuple(rows)


def decisions_of(gate: Gate, limit: int = 50) -> tuple[GateDecision, ...]:
    """The newest decisions with who took them."""
    return tuple(gate.decisions.select_related("decided_by").order_by("-pk")[:limit])


def gates_without_go(project: Project, at: datetime) -> "QuerySet[Gate]":
    """Gates whose last decision does not open them at ``at``. One query, no figure is read."""
    newest = GateDecision.objects.filter(gate=OuterRef("pk")).order_by("-pk")
    today = local_day(at, project.timezone)
    gates = Gate.objects.filter(project=project).annotate(
        last_choice=Subquery(newest.values("choice")[:1]),
        last_until=Subquery(newest.values("until")[:1]),
    )
    return gates.filter(
        Q(last_choice=None)
        | Q(last_choice=GateChoice.NO_GO)
        | Q(last_choice=GateChoice.WAIVER, last_until__lt=today)
    )


def _criterion(row: GateCriterion, gate: Gate, read: Reader) -> CriterionStanding:
    if not row.metric:
        is_confirmed = row.confirmed_at is not None
        state = CriterionState.HOLDS if is_confirmed else CriterionState.UNCONFIRMED
        return CriterionStanding(criterion=row, state=state)
    metric = metrics.get(row.metric)
    reading = read(row.metric, {**row.params, **gate.params})
    if metric is None or reading is None or row.threshold is None:
        return CriterionStanding(
            criterion=row,
            state=CriterionState.UNKNOWN,
            unit=metric.unit if metric else "",
            formula=str(metric.formula) if metric else "",
        )
    is_met = metrics.holds(reading.value, row.operator, row.threshold)
    return CriterionStanding(
        criterion=row,
        state=CriterionState.HOLDS if is_met else CriterionState.FAILS,
        value=reading.value,
        n=reading.n,
        unit=metric.unit,
        formula=str(metric.formula),
    )


def _state(
    gate: Gate,
    decision: GateDecision | None,
    criteria: tuple[CriterionStanding, ...],
    at: datetime,
) -> tuple[GateState, str]:
    if decision is None:
        return GateState.CLOSED, _("Nobody has decided yet.")
    if decision.choice == GateChoice.NO_GO:
        return GateState.CLOSED, _("The decision is no-go: %(note)s") % {"note": decision.note}
    if decision.until is not None:
        words = {"day": date_format(decision.until), "note": decision.note}
        if decision.until < local_day(at, gate.project.timezone):
            return GateState.CLOSED, _("The waiver ended with %(day)s.") % words
        return GateState.WAIVED, _("A waiver holds until %(day)s: %(note)s") % words
    if all(one.holds for one in criteria if one.criterion.is_required):
        return GateState.OPEN, _("The decision is go, and everything holds.")
    return GateState.CLOSED, _("The decision was go, but since then not everything holds any more.")
