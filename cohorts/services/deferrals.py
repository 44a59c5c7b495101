"""Deferrals: asked for by a person or a manager, approved with a cohort to return with, refused.

An approval moves the person in the same transaction. Nothing here writes mail; the record names
nobody, because it outlives a person's erasure.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cohorts.booking import can_return
from cohorts.enums import DEFERRAL_TRANSITIONS, DeferralStatus, Placement
from cohorts.exceptions import DeferralError
from cohorts.lengths import MOST_NOTE, MOST_WORDS
from cohorts.models import Cohort, Deferral, Membership, Participant
from cohorts.queries.deferrals import membership_ahead, open_deferral
from cohorts.services.moving import lock_person, move_person
from common.dates import local_day
from common.exceptions import Conflict
from common.state import change_status
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def ask_deferral(
    *,
    participant: Participant,
    reason: str,
    until: date | None = None,
    to_cohort: Cohort | None = None,
    acting_user: "User | None",
    at: datetime,
) -> Deferral:
    """Ask to switch later than planned. ``acting_user`` None: the person, by their link.

    ``until`` is the last day that would do, ``to_cohort`` the cohort wished for. Raises
    DeferralError where there is nothing to put off, Conflict while a request waits already.
    """
    require_open(participant.project)
    person = lock_person(participant)
    membership = _to_put_off(person)
    left = membership.cohort
    if until is not None and until < local_day(at, left.timezone):
        raise DeferralError(_("That day is past. Choose one that is still to come."))
    if to_cohort is not None:
        _refuse_return(to_cohort, left, until, at)
    if open_deferral(person) is not None:
        raise Conflict(
            _("There is a request already that waits for an answer. Withdraw it to ask anew.")
        )
    deferral = Deferral.objects.create(
        participant=person,
        from_cohort=left,
        to_cohort=to_cohort,
        reason=_in_words(reason),
        until=until,
        asked_by=acting_user,
        asked_at=at,
    )
    _tell(deferral, "asked", _("One person of “%(left)s” asks for a later date."), acting_user)
    return deferral


@transaction.atomic
def approve_deferral(
    *,
    deferral: Deferral,
    to_cohort: Cohort,
    until: date,
    note: str = "",
    acting_user: "User",
    at: datetime,
) -> Deferral:
    """Say yes: the person moves to ``to_cohort``, which switches after ``at`` and by ``until``.

    Raises DeferralError for a cohort that cannot take them, CohortFull without a place there,
    Conflict where the person was moved meanwhile, StaleState for a second decision.
    """
    project = deferral.from_cohort.project
    require_open(project)
    lock_person(deferral.participant)
    _refuse_return(to_cohort, deferral.from_cohort, until, at)
    change_status(
        deferral,
        DeferralStatus.APPROVED,
        transitions=DEFERRAL_TRANSITIONS,
        to_cohort=to_cohort,
        until=until,
        decided_by=acting_user,
        decided_at=at,
        note=note.strip()[:MOST_NOTE],
    )
    move_person(
        membership=_still_there(deferral),
        cohort=to_cohort,
        placed_by=Placement.DEFERRAL,
        note=_("Deferred from “%(left)s”, at the latest until %(until)s.")
        % {"left": deferral.from_cohort.name, "until": date_format(until, "j F Y")},
    )
    sentence = _("A deferral was approved: one person moves from “%(left)s” to “%(to)s”.")
    _tell(deferral, "approved", sentence, acting_user)
    return deferral


@transaction.atomic
def refuse_deferral(
    *, deferral: Deferral, note: str, acting_user: "User", at: datetime
) -> Deferral:
    """Say no, with a note for the person. Raises StaleState for a second decision."""
    require_open(deferral.from_cohort.project)
    if not note.strip():
        raise DeferralError(_("Say why not; the person reads it."))
    change_status(
        deferral,
        DeferralStatus.REFUSED,
        transitions=DEFERRAL_TRANSITIONS,
        decided_by=acting_user,
        decided_at=at,
        note=note.strip()[:MOST_NOTE],
    )
    sentence = _("A deferral was refused: one person stays in “%(left)s”.")
    _tell(deferral, "refused", sentence, acting_user)
    return deferral


@transaction.atomic
def withdraw_deferral(
    *, deferral: Deferral, acting_user: "User | None", at: datetime, note: str = ""
) -> Deferral:
    """Take a request back before it is decided. ``acting_user`` None: the person themselves."""
    require_open(deferral.from_cohort.project)
    change_status(
        deferral,
        DeferralStatus.WITHDRAWN,
        transitions=DEFERRAL_TRANSITIONS,
        decided_by=acting_user,
        decided_at=at,
        note=note[:MOST_NOTE],
    )
    sentence = _("One person of “%(left)s” no longer asks for a later date.")
    _tell(deferral, "withdrawn", sentence, acting_user)
    return deferral


@transaction.atomic
def enter_deferral(
    *,
    participant: Participant,
    reason: str,
    until: date,
    to_cohort: Cohort,
    note: str = "",
    acting_user: "User",
    at: datetime,
) -> Deferral:
    """A manager enters what somebody told them, and approves it at once. Raises as both do."""
    deferral = ask_deferral(
        participant=participant,
        reason=reason,
        until=until,
        to_cohort=to_cohort,
        acting_user=acting_user,
        at=at,
    )
    return approve_deferral(
        deferral=deferral,
        to_cohort=to_cohort,
        until=until,
        note=note,
        acting_user=acting_user,
        at=at,
    )


def _in_words(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > MOST_WORDS:
        raise DeferralError(
            _("Say in a few words why (at most %(n)s characters).") % {"n": MOST_WORDS}
        )
    return reason


def _to_put_off(person: Participant) -> Membership:
    membership = membership_ahead(person)
    if membership is None:
        raise DeferralError(_("There is no switch ahead of this person that could be put off."))
    return membership


def _still_there(deferral: Deferral) -> Membership:
    """The membership that the request is about; Conflict when the person is elsewhere by now."""
    rows = Membership.objects.filter(
        participant=deferral.participant_id, cohort=deferral.from_cohort_id
    )
    membership = rows.select_related("cohort").first()
    if membership is None:
        raise Conflict(
            _("This person is in another cohort by now. Refuse the request or ask them again.")
        )
    return membership


def _refuse_return(cohort: Cohort, left: Cohort, until: date | None, at: datetime) -> None:
    if not can_return(cohort, left, until, at):
        raise DeferralError(
            _(
                "“%(name)s” cannot take this person: it must be planned, of the same kind, and"
                " switch after today and not after the last day that would do."
            )
            % {"name": cohort.name}
        )


def _tell(deferral: Deferral, verb: str, sentence: str, acting_user: "User | None") -> None:
    events.record(
        project=deferral.from_cohort.project,
        verb=f"deferral.{verb}",
        sentence=sentence
        % {
            "left": deferral.from_cohort.name,
            "to": deferral.to_cohort.name if deferral.to_cohort else "",
        },
        acting_user=acting_user,
        subject=deferral,
        data={"cohort": deferral.from_cohort_id, "to": deferral.to_cohort_id},
    )
