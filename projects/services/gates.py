"""Sets gates up and keeps shut what waits for one. Deciding them: ``deciding``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playbooks.schema import DoneWhen
from projects.exceptions import GateClosed
from projects.models import Gate, GateCriterion, Project
from projects.queries.gates import GateStanding, gate_standing
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePlan:
    """A gate before it exists. ``params`` are added to those of every criterion: {"cohort": 7}.

    ``reminders`` are ticked by people as well, and a go does without them.
    """

    key: str
    title: str
    criteria: Sequence[DoneWhen] = ()
    reminders: Sequence[str] = ()
    params: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def create_gates(
    *, project: Project, plans: Sequence[GatePlan], acting_user: "User | None"
) -> list[Gate]:
    """The planned gates, closed until somebody decides; returns those that were not there yet."""
    require_open(project)
    lock_row(project)  # two who set up the same gate at once follow each other
    known = set(Gate.objects.filter(project=project).values_list("key", flat=True))
    wanted = [plan for plan in plans if plan.key not in known]
    made = Gate.objects.bulk_create(
        Gate(project=project, key=plan.key, title=plan.title[:200], params=dict(plan.params))
        for plan in wanted
    )
    GateCriterion.objects.bulk_create(
        row for gate, plan in zip(made, wanted, strict=True) for row in _rows(gate, plan)
    )
    if made:
        sentence = ngettext("Go/no-go set up: %(title)s.", "%(n)s go/no-gos set up.", len(made))
        events.record(
            project=project,
            verb="gate.created",
            sentence=sentence % {"title": made[0].title, "n": len(made)},
            acting_user=acting_user,
            subject=made[0] if len(made) == 1 else None,
            data={"gates": [gate.key for gate in made]},
        )
    return made


@transaction.atomic
def create_gate(
    *,
    project: Project,
    key: str,
    title: str,
    criteria: Sequence[DoneWhen],
    params: Mapping[str, Any],
    acting_user: "User | None",
    reminders: Sequence[str] = (),
) -> Gate:
    """One gate; where it is there already, that one as it is."""
    plan = GatePlan(key=key, title=title, criteria=criteria, reminders=reminders, params=params)
    create_gates(project=project, plans=[plan], acting_user=acting_user)
    gate = Gate.objects.get(project=project, key=key)
    gate.project = project
    return gate


@transaction.atomic
def rename_gate(*, project: Project, key: str, title: str) -> None:
    """The title follows what the gate is about; nothing where there is no such gate."""
    Gate.objects.filter(project=project, key=key).update(title=title[:200])


def require_gate_open(*, project: Project, key: str, at: datetime) -> GateStanding | None:
    """Raise GateClosed while the gate ``key`` is closed; a project without it has nothing to ask.

    Inside a transaction: a decision that is being written at the same time is waited for.
    """
    gate = Gate.objects.filter(project=project, key=key).first()
    if gate is None:
        return None
    gate.project = project
    standing = locked_standing(gate, at)
    if standing.is_open:
        return standing
    missing = " ".join(one.criterion.text for one in standing.missing)
    sentence = (
        _("“%(title)s” is closed. %(why)s Missing: %(missing)s Decide under Go/no-go.")
        if missing
        else _("“%(title)s” is closed. %(why)s Decide under Go/no-go.")
    )
    words = {"title": gate.title, "why": standing.why, "missing": missing}
    raise GateClosed(sentence % words)


def locked_standing(gate: Gate, at: datetime) -> GateStanding:
    """Decisions and confirmations of one gate follow each other, so that none rests on old ones."""
    lock_row(gate)
    return gate_standing(gate, at)


def _rows(gate: Gate, plan: GatePlan) -> list[GateCriterion]:
    rows = [
        GateCriterion(
            gate=gate,
            text=wanted.text[:300],
            metric=wanted.metric or "",
            params=_plain(wanted.params),
            operator=wanted.operator or "",
            threshold=wanted.threshold,
        )
        for wanted in plan.criteria
    ]
    rows += [
        GateCriterion(gate=gate, text=text[:300], is_required=False) for text in plan.reminders
    ]
    for position, row in enumerate(rows, start=1):
        row.position = position
    return rows


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it: what comes back from the database equals what was put in."""
    return {key: list(one) if isinstance(one, tuple) else one for key, one in params.items()}
