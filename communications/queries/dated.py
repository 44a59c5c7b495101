"""Who was told when a cohort switches: a mail that names the date was handed over for them.

Reads only. A row that is being sent, or of which nobody knows whether it arrived, counts as told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from cohorts.models import Cohort, Participant
from communications.correction_text import NAMED_BY
from communications.enums import DeliveryState
from communications.models import Delivery, Message, MessageVariant, Occurrence

MAYBE_SENT = (DeliveryState.SENDING, DeliveryState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """Mails of ``occurrences`` sent up to ``moved_at``, and those of ``deliveries``: rows that
    were sent or may have been, without a moment in the ledger."""

    moved_at: datetime
    occurrences: tuple[int, ...]
    deliveries: tuple[int, ...]

    def as_params(self) -> dict[str, Any]:
        return {
            "moved_at": self.moved_at.isoformat(),
            "occurrences": list(self.occurrences),
            "deliveries": list(self.deliveries),
        }

    @classmethod
    def of_params(cls, params: Mapping[str, Any]) -> "ToldBefore | None":
        """What ``as_params`` wrote; None for params that say something else."""
        if not isinstance(params.get("moved_at"), str):
            return None
        return cls(
            datetime.fromisoformat(params["moved_at"]),
            tuple(params.get("occurrences", ())),
            tuple(params.get("deliveries", ())),
        )


def names_date(message: Message) -> bool:
    """Whether one of its texts, or what comes with it, says when the cohort switches. Reads its
    variants: fetch them along."""
    if message.has_calendar:
        return True
    texts: list[Message | MessageVariant] = [message, *message.variants.all()]
    said = "\n".join(
        f"{text.subject}\n{text.body}\n{text.short_subject}\n{text.short_body}" for text in texts
    )
    return any(name in said for name in NAMED_BY)


def told_until(cohort: Cohort, at: datetime) -> ToldBefore:
    """What of the ledger was told by ``at``, the database's now. Three queries."""
    occurrences = (
        Occurrence.objects.filter(cohort=cohort)
        .select_related("message")
        .prefetch_related("message__variants")
    )
    named = tuple(one.pk for one in occurrences.order_by("pk") if names_date(one.message))
    unclear = Delivery.objects.filter(
        Q(state__in=MAYBE_SENT) | Q(state=DeliveryState.SENT, sent_at__isnull=True),
        occurrence__in=named,
    )
    return ToldBefore(at, named, tuple(unclear.order_by("pk").values_list("pk", flat=True)))


def told_people(cohort_id: int, before: ToldBefore) -> QuerySet[Participant]:
    """Active members of the cohort who were told as ``before`` says, one row each.

    Asked from the members, with one look at each person's own mails, as ``queries.told`` does.
    """
    told = Delivery.objects.filter(
        Q(state=DeliveryState.SENT, sent_at__lte=before.moved_at)
        | Q(pk__in=before.deliveries, state__in=(*MAYBE_SENT, DeliveryState.SENT)),
        participant=OuterRef("pk"),
        occurrence__in=before.occurrences,
    )
    return Participant.objects.active().filter(Exists(told), memberships__cohort=cohort_id)


def latest_date_mail(participant: Participant, cohort: Cohort) -> Delivery | None:
    """The last mail handed over for the person, or maybe so, that names when a cohort of this kind
    switches. Two queries on the person's own rows."""
    rows = Delivery.objects.filter(
        participant=participant,
        occurrence__project=cohort.project_id,
        occurrence__cohort__kind=cohort.kind,
        state__in=(*MAYBE_SENT, DeliveryState.SENT),
    ).select_related("occurrence__message__sender")
    latest_first = rows.order_by(F("sent_at").desc(nulls_first=True), "-pk").prefetch_related(
        "occurrence__message__variants"
    )
    return next((row for row in latest_first if names_date(row.occurrence.message)), None)
