"""What a person confirms at a gate, and what a named person decides.

The last decision counts. A decision is never changed: whoever thinks better decides again.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.dates import local_day
from common.exceptions import Conflict
from projects.enums import CriterionState, GateChoice
from projects.exceptions import GateError
from projects.models import Gate, GateCriterion, GateDecision
from projects.queries.gates import CriterionStanding, GateStanding
from projects.services import events
from projects.services.gates import locked_standing
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_NOTE = 500


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
    standing = locked_standing(gate, at)
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
        readings=[_reading(one) for one in standing.required],
        decided_by=acting_user,
        decided_at=at,
    )
    _record(decision)
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


def _record(decision: GateDecision) -> None:
    until = decision.until
    events.record(
        project=decision.gate.project,
        verb="gate.decided",
        sentence=_sentence(decision),
        acting_user=decision.decided_by,
        subject=decision.gate,
        data={"choice": decision.choice, "until": until.isoformat() if until else None},
    )


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
