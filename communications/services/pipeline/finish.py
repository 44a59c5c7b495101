"""Says that an occurrence is done: computed from its rows, never from a counter."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.state import change_status
from communications.enums import (
    OCCURRENCE_TRANSITIONS,
    UNFINISHED,
    Channel,
    DeliveryState,
    OccurrenceState,
)
from communications.mailer import crash
from communications.models import Delivery, Occurrence
from communications.services.pipeline.plan import EVERYWHERE
from projects.services import events


def finish_all(at: datetime, only: Q = EVERYWHERE) -> int:
    """Occurrences of which nothing is queued, claimed or being sent any more; how many."""
    sending = Occurrence.objects.filter(only, state=OccurrenceState.SENDING).order_by("pk")
    finished = [pk for pk in sending.values_list("pk", flat=True) if _finish(pk, at)]
    if finished:
        crash.point("after-finish")
    return len(finished)


@transaction.atomic
def _finish(pk: int, at: datetime) -> bool:
    """Lock first, look second: whoever queues a row again locks the occurrence before it."""
    occurrence = (
        Occurrence.objects.filter(pk=pk, state=OccurrenceState.SENDING)
        .select_related("message", "project", "cohort")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if occurrence is None or _is_any_unfinished(pk):
        return False
    change_status(
        occurrence,
        OccurrenceState.DONE,
        transitions=OCCURRENCE_TRANSITIONS,
        field="state",
        finished_at=at,
    )
    rows = Delivery.objects.filter(occurrence=pk)
    sent = rows.filter(state=DeliveryState.SENT).count()
    other = rows.exclude(state=DeliveryState.SENT).count()
    sentence = _to_whom(occurrence, sent) % {"title": occurrence.message.title, "n": sent}
    if other:
        sentence += " " + _("%(n)s did not get it; the ledger says why.") % {"n": other}
    events.record(
        project=occurrence.project,
        verb="occurrence.done",
        sentence=sentence,
        acting_user=None,
        subject=occurrence,
        data={"sent": sent, "other": other},
    )
    crash.point("before-finish")
    return True


def _is_any_unfinished(pk: int) -> bool:
    """By the first in order: asked for any, PostgreSQL would read past all that were sent."""
    rows = Delivery.objects.filter(occurrence=pk, state__in=UNFINISHED).order_by("state")
    return bool(rows.values_list("pk", flat=True)[:1])


def _to_whom(occurrence: Occurrence, sent: int) -> str:
    if occurrence.message.channel == Channel.TEAMS:
        return ngettext(
            "“%(title)s” was posted to %(n)s channel.",
            "“%(title)s” was posted to %(n)s channels.",
            sent,
        )
    return ngettext("“%(title)s” went to %(n)s person.", "“%(title)s” went to %(n)s people.", sent)
