"""Who is to be in a cohort and who came and went since its people were frozen."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from cohorts.enums import ParticipantStatus
from cohorts.models import Cohort, Membership, Participant
from cohorts.queries.rules import draft_of
from cohorts.rule_words import rule_words

SHOWN = 50


@dataclass(frozen=True, slots=True)
class CohortRuleWords:
    position: int
    words: str
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortShape:
    """``places_left`` is None where as many come as like; ``came`` and ``went`` are None unless
    the people are frozen."""

    capacity: int | None
    places_left: int | None
    is_bookable: bool
    rules: tuple[CohortRuleWords, ...]
    frozen_at: datetime | None
    came: int | None
    went: int | None


def cohort_shape(cohort: Cohort, people: int) -> CohortShape:
    """``people`` is the number of active members. One query, three for a frozen cohort."""
    rules = cohort.rules.order_by("position")
    left = None if cohort.capacity is None else max(cohort.capacity - people, 0)
    return CohortShape(
        capacity=cohort.capacity,
        places_left=left,
        is_bookable=cohort.is_bookable,
        rules=tuple(
            CohortRuleWords(rule.position, rule_words(draft_of(rule)), rule.is_on) for rule in rules
        ),
        frozen_at=cohort.frozen_at,
        came=came_since(cohort).count() if cohort.frozen_at else None,
        went=went_since(cohort).count() if cohort.frozen_at else None,
    )


def came_since(cohort: Cohort) -> QuerySet[Membership]:
    """Active members who came after the freeze, with the person."""
    rows = Membership.objects.filter(
        cohort=cohort,
        joined_at__gt=cohort.frozen_at,
        participant__status=ParticipantStatus.ACTIVE,
    )
    return rows.select_related("participant")


def went_since(cohort: Cohort) -> QuerySet[Participant]:
    """Members who left the organisation after the freeze."""
    return Participant.objects.filter(
        memberships__cohort=cohort, status=ParticipantStatus.LEFT, left_at__gt=cohort.frozen_at
    )
