"""Lifecycles of messages, occurrences and deliveries, each with its transition table beside it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    MAIL = "mail", _("e-mail")
    TEAMS = "teams", _("Teams channel")
    BANNER = "banner", _("in-client banner")
    POSTER = "poster", _("poster")

    @property
    def is_delivered(self) -> bool:
        """We send it. The others are items of the plan that a person ticks off."""
        return self in DELIVERED


DELIVERED = (Channel.MAIL, Channel.TEAMS)
ITEMS = (Channel.BANNER, Channel.POSTER)


class MessageZone(TextChoices):
    """Whose clock the time of day is read from. Until people have zones, theirs is the cohort's."""

    PERSON = "person", _("each person's zone")
    COHORT = "cohort", _("the cohort's zone")
    PROJECT = "project", _("the project's zone")


class MessageStatus(TextChoices):
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    CANCELLED = "cancelled", _("cancelled")


MESSAGE_TRANSITIONS = {
    MessageStatus.ACTIVE: {MessageStatus.PAUSED, MessageStatus.CANCELLED},
    MessageStatus.PAUSED: {MessageStatus.ACTIVE, MessageStatus.CANCELLED},
    MessageStatus.CANCELLED: set(),
}


class LatePolicy(TextChoices):
    """What becomes of somebody who joins a cohort after a message has gone out."""

    SKIP = "skip", _("does not get it")
    SEND = "send", _("gets it at once")
    SHORT = "short", _("gets the short version at once")


class OccurrenceState(TextChoices):
    PLANNED = "planned", _("needs approval")
    APPROVED = "approved", _("approved")
    EXPANDING = "expanding", _("collecting people")
    SENDING = "sending", _("sending")
    DONE = "done", _("sent")
    MISSED = "missed", _("missed")
    CANCELLED = "cancelled", _("cancelled")


OCCURRENCE_TRANSITIONS = {
    OccurrenceState.PLANNED: {
        OccurrenceState.APPROVED,
        OccurrenceState.MISSED,
        OccurrenceState.CANCELLED,
    },
    OccurrenceState.APPROVED: {
        OccurrenceState.PLANNED,
        OccurrenceState.EXPANDING,
        OccurrenceState.MISSED,
        OccurrenceState.CANCELLED,
    },
    OccurrenceState.EXPANDING: {OccurrenceState.SENDING, OccurrenceState.CANCELLED},
    # Collected once more where people who joined late get it as well.
    OccurrenceState.SENDING: {
        OccurrenceState.DONE,
        OccurrenceState.EXPANDING,
        OccurrenceState.CANCELLED,
    },
    OccurrenceState.DONE: {OccurrenceState.SENDING, OccurrenceState.EXPANDING},
    # Planned anew when the date it hangs on moved into the future.
    OccurrenceState.MISSED: {
        OccurrenceState.PLANNED,
        OccurrenceState.APPROVED,
        OccurrenceState.CANCELLED,
    },
    OccurrenceState.CANCELLED: set(),
}


# Of what nobody sends: a person ticks it off, and may take that back.
ITEM_TRANSITIONS = {
    # From before items had a life of their own.
    OccurrenceState.APPROVED: {
        OccurrenceState.PLANNED,
        OccurrenceState.DONE,
        OccurrenceState.MISSED,
        OccurrenceState.CANCELLED,
    },
    OccurrenceState.PLANNED: {
        OccurrenceState.DONE,
        OccurrenceState.MISSED,
        OccurrenceState.CANCELLED,
    },
    OccurrenceState.MISSED: {
        OccurrenceState.DONE,
        OccurrenceState.PLANNED,
        OccurrenceState.CANCELLED,
    },
    OccurrenceState.DONE: {OccurrenceState.PLANNED},
}


class DeliveryState(TextChoices):
    QUEUED = "queued", _("queued")
    CLAIMED = "claimed", _("claimed")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    SKIPPED = "skipped", _("skipped")
    UNCERTAIN = "uncertain", _("uncertain")
    CANCELLED = "cancelled", _("cancelled")
    QUARANTINED = "quarantined", _("quarantined")


DELIVERY_TRANSITIONS = {
    DeliveryState.QUEUED: {
        DeliveryState.CLAIMED,
        DeliveryState.FAILED,
        DeliveryState.SKIPPED,
        DeliveryState.CANCELLED,
    },
    DeliveryState.CLAIMED: {
        DeliveryState.QUEUED,
        DeliveryState.SENDING,
        DeliveryState.FAILED,
        DeliveryState.SKIPPED,
        DeliveryState.CANCELLED,
        DeliveryState.QUARANTINED,
    },
    DeliveryState.SENDING: {
        DeliveryState.SENT,
        DeliveryState.QUEUED,
        DeliveryState.FAILED,
        DeliveryState.UNCERTAIN,
        DeliveryState.QUARANTINED,
    },
    DeliveryState.UNCERTAIN: {DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.FAILED},
    DeliveryState.FAILED: {DeliveryState.QUEUED},
    DeliveryState.QUARANTINED: {DeliveryState.QUEUED},
    DeliveryState.SENT: set(),
    DeliveryState.SKIPPED: set(),
    DeliveryState.CANCELLED: set(),
}
UNFINISHED = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING)


class AmbiguityPolicy(TextChoices):
    """What becomes of a mail of which nobody knows whether it arrived."""

    HOLD = "hold", _("ask a person")
    RESEND = "resend", _("send again with the same Message-ID")


class UncertainDecision(TextChoices):
    """What a person says about a mail of which nobody knows whether it arrived."""

    SEND_AGAIN = "send_again", _("send again")
    TREAT_AS_SENT = "treat_as_sent", _("treat as sent")


class SuppressionKind(TextChoices):
    """Why an address gets no mail."""

    HARD_BOUNCE = "hard_bounce", _("does not exist")
    SOFT_BOUNCE = "soft_bounce", _("keeps bouncing")
    DO_NOT_CONTACT = "do_not_contact", _("do not contact")


class BounceKind(TextChoices):
    """What a report says: the address does not exist, or this mail could not be delivered."""

    HARD = "hard", _("the address does not exist")
    SOFT = "soft", _("could not be delivered")
