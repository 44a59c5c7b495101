"""The Teams channels of a project, what they are used for, and where a card goes. Reads only."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from communications.audience_kinds import CHANNELS
from communications.enums import Channel, DeliveryState, MessageStatus, OccurrenceState
from communications.models import Delivery, Occurrence, TeamsChannel
from projects.models import Project


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """``messages`` that are not cancelled go there."""

    channel: TeamsChannel
    messages: int


def channels_of(project: Project) -> tuple[ChannelLine, ...]:
    """By name. Two queries."""
    used: Counter[int] = Counter()
    rules = project.messages.filter(audience_kind=CHANNELS).exclude(status=MessageStatus.CANCELLED)
    for params in rules.values_list("audience_params", flat=True):
        used.update(params.get("channels", []))
    channels = project.teams_channels.select_related("added_by")
    return tuple(ChannelLine(channel, used[channel.pk]) for channel in channels)


def is_any_post_due(at: datetime) -> bool:
    """Whether a card could be posted at ``at``. One query, from the few occurrences of cards."""
    waiting = Delivery.objects.filter(
        occurrence=OuterRef("pk"), state=DeliveryState.QUEUED, not_before__lte=at
    )
    return Occurrence.objects.filter(
        Exists(waiting),
        state__in=(OccurrenceState.EXPANDING, OccurrenceState.SENDING),
        message__channel=Channel.TEAMS,
        message__status=MessageStatus.ACTIVE,
    ).exists()


def names_of_channels(occurrence: Occurrence) -> tuple[str, ...]:
    """Those that are chosen now, by name; what was posted stands in the ledger. One query."""
    chosen = list(occurrence.message.audience_params.get("channels", []))
    found = TeamsChannel.objects.filter(project=occurrence.project_id, pk__in=chosen)
    return tuple(found.order_by("name", "pk").values_list("name", flat=True))
