"""Writes gates: what should hold, what a person confirms, and what a named person decides.

The last decision counts. A decision is never changed: whoever thinks better decides again.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.dates import local_day
from common.exceptions import Conflict
from playbooks.schema import DoneWhen
from projects.enums import CriterionState, GateChoice
from projects.exceptions import GateClosed, GateError
from projects.models import Gate, GateCriterion, GateDecision, Project
from projects.queries.gates import CriterionStanding, GateStanding, gate_standing
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_NOTE = 500


@transaction.atomic
def create_gate(
    *,
    project: Project,
    key: str,
    title: str,
    criteria: Sequence[DoneWhen],
    params: Mapping[str, Any],
    acting_user: "User | None",
) -> Gate:
    """The gate ``key``, closed until somebody decides. Where it is there already, that one.

    ``params`` are added to those of every criterion: {"cohort": 7}.
    """
    require_open(project)
    gate, is_new = Gate.objects.get_or_create(
        project=project, key=key, defaults={"title": title[:200], "params": dict(params)}
    )
    gate.project = project
    if not is_new:
        return gate
    GateCriterion.objects.bulk_create(
        _row(gate, position, wanted) for position, wanted in enumerate(criteria, start=1)
    )
    events.record(
        project=project,
        verb="gate.created",
        sentence=_("Go/no-go set up: %(title)s.") % {"title": gate.title},
        acting_user=acting_user,
        subject=gate,
    )
    return gate


@transaction.atomic
def decide_gate(
    *,
    gate: Gate,
    choice: str,
    acting_user: "User",
    at: datetime,
    until: date | None = None,
    note: str = "",
    seen: str = "",
) -> GateDecision:
    """Write down what ``acting_user`` decides, with the figures of this moment.

    Go needs every criterion to hold; a waiver goes without, with a reason and a last day (in the
    project's zone); no-go needs a reason. Raises GateError for anything else, and Conflict where
    ``seen`` (the digest of what the form showed) is no longer how it is.
    """
    require_open(gate.project)
    standing = _locked_standing(gate, at)
    if seen and seen != standing.digest:
        raise Conflict(
            _("The figures have changed since you looked at them. Look once more, then decide.")
        )
    note = note.strip()
    _refuse_nonsense(standing, choice, until, note, local_day(at, gate.project.timezone))
    decision = GateDecision.objects.create(
        gate=gate,
        choice=choice,
        until=until,
        note=note,
        readings=[_reading(one) for one in standing.criteria],
        decided_by=acting_user,
        decided_at=at,
    )
    events.record(
        project=gate.project,
        verb="gate.decided",
        sentence=_sentence(decision),
        acting_user=acting_user,
        subject=gate,
        data={"choice": choice, "until": until.isoformat() if until else None},
    )
    return decision


@transaction.atomic
def confirm_criterion(
    *, criterion: GateCriterion, acting_user: "User", at: datetime
) -> GateCriterion:
    """A person says that what has no figure holds. Said twice, the first stays."""
    row = _locked_by_hand(criterion)
    if row.confirmed_at is None:
        row.confirmed_by, row.confirmed_at = acting_user, at
        _save_confirmation(row, "gate.confirmed", _("Holds: %(text)s"), acting_user)
    return row


@transaction.atomic
def unconfirm_criterion(*, criterion: GateCriterion, acting_user: "User") -> GateCriterion:
    """Take a confirmation back; a go that rests on it no longer opens the gate."""
    row = _locked_by_hand(criterion)
    if row.confirmed_at is not None:
        row.confirmed_by = row.confirmed_at = None
        _save_confirmation(row, "gate.unconfirmed", _("Does not hold: %(text)s"), acting_user)
    return row


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
    standing = _locked_standing(gate, at)
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


def _locked_standing(gate: Gate, at: datetime) -> GateStanding:
    """Decisions and confirmations of one gate follow each other, so that none rests on old ones."""
    lock_row(gate)
    return gate_standing(gate, at)


def _refuse_nonsense(
    standing: GateStanding, choice: str, until: date | None, note: str, today: date
) -> None:
    if choice not in GateChoice:
        raise GateError(_("Decide go, no-go or waiver."))
    if len(note) > LONGEST_NOTE:
        raise GateError(_("Give the reason in at most 500 characters."))
    if choice == GateChoice.WAIVER:
        if until is None or until < today:
            raise GateError(_("Say until when the waiver holds: today or a later day."))
    elif until is not None:
        raise GateError(_("Only a waiver has a last day. Leave the day empty."))
    if choice != GateChoice.GO and not note:
        raise GateError(_("Say why, so that everybody can read it later."))
    if choice == GateChoice.GO and standing.missing:
        missing = " ".join(one.criterion.text for one in standing.missing)
        raise GateError(
            _("Go needs everything to hold. Missing: %(missing)s Or decide a waiver with a reason.")
            % {"missing": missing}
        )


def _row(gate: Gate, position: int, wanted: DoneWhen) -> GateCriterion:
    return GateCriterion(
        gate=gate,
        position=position,
        text=wanted.text[:300],
        metric=wanted.metric or "",
        params=_plain(wanted.params),
        operator=wanted.operator or "",
        threshold=wanted.threshold,
    )


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it: what comes back from the database equals what was put in."""
    return {key: list(one) if isinstance(one, tuple) else one for key, one in params.items()}


def _reading(one: CriterionStanding) -> dict[str, Any]:
    row = one.criterion
    return {
        "text": row.text,
        "state": CriterionState(one.state).value,
        "metric": row.metric,
        "value": str(one.value) if one.value is not None else None,
        "n": one.n,
        "unit": one.unit,
        "operator": row.operator,
        "threshold": str(row.threshold) if row.threshold is not None else None,
        "confirmed_by": str(row.confirmed_by) if row.confirmed_by else None,
    }


def _sentence(decision: GateDecision) -> str:
    words = {
        "title": decision.gate.title,
        "note": decision.note,
        "day": date_format(decision.until) if decision.until else "",
    }
    return {
        GateChoice.GO: _("Go for “%(title)s”. %(note)s"),
        GateChoice.NO_GO: _("No-go for “%(title)s”: %(note)s"),
        GateChoice.WAIVER: _("Waiver for “%(title)s” until %(day)s: %(note)s"),
    }[GateChoice(decision.choice)] % words


def _locked_by_hand(criterion: GateCriterion) -> GateCriterion:
    gate = criterion.gate
    require_open(gate.project)
    if criterion.metric:
        raise GateError(_("This is measured. Only what has no figure is confirmed by a person."))
    lock_row(gate)
    row = lock_row(criterion)
    row.gate = gate
    return row


def _save_confirmation(row: GateCriterion, verb: str, sentence: str, acting_user: "User") -> None:
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    events.record(
        project=row.gate.project,
        verb=verb,
        sentence=f"{row.gate.title}: " + sentence % {"text": row.text},
        acting_user=acting_user,
        subject=row.gate,
    )
