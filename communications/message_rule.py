"""Whom a message is for, and when it goes out, as plain values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from communications import timing
from communications.audience_kinds import COHORT
from communications.enums import Channel
from communications.models import Message

COHORT_ANCHORS = frozenset({timing.COHORT_SWITCH, timing.COHORT_END})


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRule:
    """``offset_days`` after the anchor's day; ``wall_time`` is read in ``zone``.

    ``cohort_kind`` makes it go out once for each cohort of that kind. ``sender`` is the key of a
    stakeholder, None for the project itself.
    """

    audience_kind: str
    audience_params: Mapping[str, Any]
    cohort_kind: str
    anchor: str
    offset_days: int
    wall_time: time
    zone: str
    is_working_day: bool
    not_after_days: int
    is_mandatory: bool
    has_calendar: bool
    late_policy: str
    sender_id: int | None
    channel: str = Channel.MAIL

    @property
    def audience(self) -> tuple[str, Mapping[str, Any], str]:
        """What decides who gets it."""
        return self.audience_kind, self.audience_params, self.cohort_kind

    @property
    def is_sound(self) -> bool:
        """A cohort's day needs a cohort, and so do its members and its calendar entry."""
        of_cohort = self.audience_kind == COHORT or self.anchor in COHORT_ANCHORS
        return bool(self.cohort_kind) or not (of_cohort or self.has_calendar)


FIELDS = tuple(MessageRule.__dataclass_fields__)


def rule_of(message: Message) -> MessageRule:
    return MessageRule(**{name: getattr(message, name) for name in FIELDS})
