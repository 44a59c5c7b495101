"""What this room can measure for goals and steps: who was told, which messages have left."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cohorts.models import Participant
from cohorts.queries.cohorts import first_wave
from cohorts.queries.counts import PeopleCounts, counts_by_cohort
from communications.enums import DeliveryState, MessageStatus, OccurrenceState
from communications.models import Delivery, Message, Occurrence
from projects import metrics
from projects.metrics import Params, Reading
from projects.models import Project

FIRST = "first"


def told(project: Project, params: Params, at: datetime) -> Reading | None:
    """% of active participants who were sent ``message`` (any, when none is named).

    With ``cohort_kind`` only members of such cohorts count, with ``cohort`` only those of that one
    and only its own mails: who was told another cohort's date was not told this one's. ``n`` is
    the number of people. Cut, not rounded: 99.996 % must not meet a target of 100.
    """
    if params.get("cohort") and not params.get("message"):
        return _told_of(project, params["cohort"])
    people = Participant.objects.active().filter(project=project)
    kind = params.get("cohort_kind")
    if kind:
        people = people.filter(memberships__kind=kind)
    sent = Delivery.objects.filter(
        occurrence__project=project, state=DeliveryState.SENT, participant__isnull=False
    )
    if cohort := params.get("cohort"):
        people = people.filter(memberships__cohort=cohort)
        sent = sent.filter(Q(occurrence__cohort=cohort) | Q(occurrence__cohort=None))
    if params.get("message"):
        sent = sent.filter(occurrence__message__key=params["message"])
    total = people.count()
    if not total:
        return None
    count = people.filter(pk__in=sent.values("participant")).count()
    return Reading(_percent(count, total), total)


def _told_of(project: Project, cohort: int) -> Reading | None:
    """Of one cohort, by any of its mails: a figure that the database keeps."""
    counts = counts_by_cohort([project.pk]).get(cohort, PeopleCounts())
    return Reading(_percent(counts.told, counts.people), counts.people) if counts.people else None


def messages_sent(project: Project, params: Params, at: datetime) -> Reading | None:
    """% of the occurrences of ``messages`` that have gone out; a banner or a poster has when a
    person ticked it off.

    ``waves: first`` narrows to the first wave, ``cohort`` to one cohort. ``n`` is the number of
    occurrences.
    """
    occurrences = _occurrences(project, params)
    counts = occurrences.aggregate(
        total=Count("pk"), done=Count("pk", filter=Q(state=OccurrenceState.DONE))
    )
    if not counts["total"]:
        return None
    return Reading(_percent(counts["done"], counts["total"]), counts["total"])


def _occurrences(project: Project, params: Params) -> QuerySet[Occurrence]:
    messages = Message.objects.filter(
        project=project, key__in=list(params.get("messages", ()))
    ).exclude(status=MessageStatus.CANCELLED)
    found = Occurrence.objects.filter(message__in=messages).exclude(state=OccurrenceState.CANCELLED)
    if params.get("waves") == FIRST:
        found = found.filter(Q(cohort__isnull=True) | Q(cohort__in=first_wave(project)))
    if cohort := params.get("cohort"):
        found = found.filter(Q(cohort__isnull=True) | Q(cohort=cohort))
    return found


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100) * part / whole).quantize(Decimal("0.01"), rounding=ROUND_DOWN)


def register_own() -> None:
    """Called once, when the app is ready."""
    metrics.register(
        "told",
        "%",
        _("People whose mail was accepted by the server ÷ active participants."),
        told,
        is_growing=True,
    )
    metrics.register(
        "messages_sent",
        "%",
        _("Messages that have gone out, and items ticked off ÷ those planned."),
        messages_sent,
        is_growing=True,
    )
