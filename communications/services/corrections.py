"""Corrections: whoever was told a date that no longer holds gets one mail with the new one.

Moving the date itself is the caller's part, in the same transaction: hold the mails first, so that
none leaves with the old date any more, then move, then order the correction.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cohorts.models import Cohort
from cohorts.switching import SwitchDates
from communications.audience_kinds import TOLD
from communications.correction_text import (
    CorrectionText,
    is_usual,
    refuse_without_date,
    usual_text,
)
from communications.models import Message, Occurrence
from communications.queries.dated import ToldBefore, told_until
from communications.services.cancelling import cancel_all
from communications.services.messages import create_message
from communications.services.ordering import schedule_occurrence
from communications.services.pipeline.clock import database_now
from communications.services.usual_texts import add_usual_languages
from communications.timing import COHORT_SWITCH
from projects.models import Stakeholder

if TYPE_CHECKING:
    from accounts.models import User

TRIES = 3
DEADLOCK = "40P01"
DAYS_TO_SEND = 7

# Occurrences first and rows after them, both by id, as everybody else locks them. A locked row is
# skipped by the claim; what is being sent is locked too, so that it cannot come back and be claimed
# once more before we have committed.
_HOLD_OCCURRENCES = """
    SELECT id, cohort_id FROM communications_occurrence
    WHERE project_id = %s ORDER BY id FOR UPDATE
"""
# Counted, so that every row is locked whatever the planner makes of it.
_HOLD_ROWS = """
    WITH held AS MATERIALIZED (
        SELECT id, state FROM communications_delivery
        WHERE occurrence_id = ANY(%s) AND state IN ('queued', 'claimed', 'sending')
        ORDER BY id
        FOR UPDATE
    )
    SELECT count(*), coalesce(array_agg(id) FILTER (WHERE state = 'claimed'), '{}') FROM held
"""
# What a worker holds gets another id, for the mail it has built already says the old date: the
# same worker may claim the row again while that mail waits for its dot, and would mark it by its
# number. The Message-ID stays.
_GIVE_BACK = """
    WITH fresh AS MATERIALIZED (
        SELECT old, nextval(pg_get_serial_sequence('communications_delivery', 'id')) AS new
        FROM unnest(%s::bigint[]) AS claimed (old)
    ),
    came_back AS (
        UPDATE communications_bounce AS b SET delivery_id = f.new
        FROM fresh f WHERE b.delivery_id = f.old
    )
    UPDATE communications_delivery AS d
    SET id = f.new, state = 'queued', owner = NULL, lease_until = NULL
    FROM fresh f
    WHERE d.id = f.old
"""


@transaction.atomic
def hold_mails(*, cohort: Cohort) -> ToldBefore:
    """Until we commit, no mail of ``cohort`` is claimed or marked; who was told up to now.

    All occurrences of the project are locked, for the caller moves those of other cohorts as well.
    What a worker held is given back to the queue: it is built anew, from what is true after us.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_OCCURRENCES, [cohort.project_id])
        occurrences = [pk for pk, whose in cursor.fetchall() if whose == cohort.pk]
    # What a worker remembers of the old date for a moment is not marked after us either.
    Occurrence.objects.filter(pk__in=occurrences).update(values_version=F("values_version") + 1)
    claimed = _hold_rows(occurrences)
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [claimed])
    return told_until(cohort, database_now())


def _hold_rows(occurrences: list[int]) -> list[int]:
    """The ids of what workers hold. A worker marks several rows at once, in an order of its own:
    of two who wait for each other one begins again."""
    for _attempt in range(TRIES - 1):
        try:
            with transaction.atomic():
                return _locked_rows(occurrences)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") != DEADLOCK:
                raise
    return _locked_rows(occurrences)


def _locked_rows(occurrences: list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_ROWS, [occurrences])
        _held, claimed = cursor.fetchone()
    return list(claimed)


@transaction.atomic
def order_correction(
    *,
    cohort: Cohort,
    told: ToldBefore,
    text: CorrectionText,
    old: SwitchDates,
    acting_user: "User",
    at: datetime,
) -> Occurrence:
    """One mail to whoever was told as ``told`` says, approved by ``acting_user`` and due at ``at``;
    in the usual words of a move from ``old`` it is in the project's other languages as well.

    One a move: ``cohort.calendar_sequence`` is in its key. ContentRefused as for every text."""
    refuse_without_date(text)
    message = create_message(
        project=cohort.project,
        key=f"move-{cohort.pk}-{cohort.calendar_sequence}",
        title=_("New date"),
        subject=text.subject,
        body=text.body,
        audience_kind=TOLD,
        audience_params=told.as_params(),
        cohort_kind=cohort.kind,
        anchor=COHORT_SWITCH,
        offset_days=0,
        not_after_days=DAYS_TO_SEND,
        has_calendar=True,
        is_mandatory=True,
        sender=_signer(cohort, told),
        acting_user=acting_user,
    )
    _add_languages(message, text, old)
    return schedule_occurrence(
        message=message,
        cohort=cohort,
        anchor_key=f"cohort:{cohort.pk}:m{cohort.calendar_sequence}",
        due_at=at,
        acting_user=acting_user,
        is_approved=True,
    )


def _add_languages(message: Message, text: CorrectionText, old: SwitchDates) -> None:
    if is_usual(text, old):
        add_usual_languages(message, lambda: usual_text(old))


@transaction.atomic
def withdraw_corrections(*, cohort: Cohort, acting_user: "User | None") -> list[int]:
    """Cancel what has not left of the cohort's corrections; the occurrences cancelled.

    A later correction goes to those of an earlier one as well, and says it all.
    """
    rows = Occurrence.objects.filter(cohort=cohort, message__audience_kind=TOLD)
    return [row.pk for row in cancel_all(occurrences=rows, acting_user=acting_user)]


def _signer(cohort: Cohort, told: ToldBefore) -> Stakeholder | None:
    """Whoever signed what people were told, so that the correction comes from the same person."""
    signed = Message.objects.filter(
        occurrences__in=told.occurrences, sender__isnull=False
    ).select_related("sender")
    first = signed.order_by("-has_calendar", "position", "pk").first()
    return first.sender if first else None
