"""The last move of a cohort's switch, and whether it can still be taken back. Reads only."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.switching import dates_of
from communications.enums import DeliveryState
from communications.models import Delivery, Occurrence
from communications.queries.dated import MAYBE_SENT
from projects.models import Event
from rollout.reschedule_record import MOVED, UNDONE, Move, of_data

HANDED_OVER = (*MAYBE_SENT, DeliveryState.SENT)


@dataclass(frozen=True, slots=True)
class LastMove:
    """``hindrance`` says why it cannot be taken back; empty where it can. ``correction`` is the
    mail to those who were told, None where there were none."""

    event: Event
    move: Move
    correction: Occurrence | None
    hindrance: str

    @property
    def can_be_undone(self) -> bool:
        return not self.hindrance


def last_move(cohort: Cohort) -> LastMove | None:
    """None where it never moved, or the last move was taken back. Four queries at most."""
    event = (
        Event.objects.filter(
            project=cohort.project_id,
            subject_type="cohort",
            subject_id=cohort.pk,
            verb__in=(MOVED, UNDONE),
        )
        .select_related("actor")
        .order_by("-pk")
        .first()
    )
    move = of_data(event.data) if event and event.verb == MOVED else None
    if event is None or move is None:
        return None
    correction = None
    if move.correction is not None:
        found = Occurrence.objects.filter(pk=move.correction).select_related("message")
        correction = found.first()
    return LastMove(event, move, correction, _hindrance(cohort, move))


def _hindrance(cohort: Cohort, move: Move) -> str:
    if cohort.status != CohortStatus.PLANNED:
        return _("“%(cohort)s” is not planned any more.") % {"cohort": cohort.name}
    if dates_of(cohort) != move.new:
        return _("The dates were changed once more since.")
    if move.cancelled:
        return _("It took the place of a correction that was still waiting. Move it once more.")
    if _has_left(cohort, move):
        return _("Mails with the new date have left. Move it once more: they get a correction.")
    return ""


def _has_left(cohort: Cohort, move: Move) -> bool:
    """Whether any mail of the cohort was handed over since it moved, the correction's included."""
    since = Q(sent_at__gt=move.before.moved_at) | Q(sent_at__isnull=True)
    rows = Delivery.objects.filter(since, occurrence__cohort=cohort, state__in=HANDED_OVER)
    return rows.exclude(pk__in=move.before.deliveries).exists()
