"""What would be planned: each message with each of its anchors, and when. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.queries.anchors import anchors_of
from common.working_days import first_working_day
from communications import timing
from communications.audience_kinds import FOR_ONE_COHORT
from communications.enums import MessageStatus, MessageZone
from communications.models import Message, Occurrence
from projects.models import Project
from projects.schedule_plan import Anchors

PROJECT_KEY = "project"
MONDAY = 0


@dataclass(frozen=True, slots=True)
class PlannedOccurrence:
    """``moment`` is None while the anchor's day is not known (a survey that has not opened)."""

    message_id: int
    message_key: str
    cohort_id: int | None
    cohort_name: str
    anchor_key: str
    timezone: str
    moment: timing.Moment | None


def cohort_key(cohort_id: int) -> str:
    return f"cohort:{cohort_id}"


def plan_occurrences(
    *, project: Project, anchors: Anchors, cohorts: Sequence[Cohort] | None = None
) -> tuple[PlannedOccurrence, ...]:
    """One per cohort for messages bound to a kind of cohort, else one for the project.

    Banners and posters are planned too: somebody sees to them. A correction is for the one cohort
    that moved, a reminder for a survey that was opened. ``cohorts`` may be ones that
    are not saved; without them it is all of the project's that were not cancelled. Two queries at
    most.
    """
    messages = (
        project.messages.exclude(status=MessageStatus.CANCELLED)
        .exclude(audience_kind__in=FOR_ONE_COHORT)
        # A reminder: whoever opens the survey orders as many as there are to be.
        .exclude(anchor__in=timing.OPEN_ANCHORS, offset_days__gt=0)
    )
    if cohorts is None:
        cohorts = list(project.cohorts.exclude(status=CohortStatus.CANCELLED))
    planned = []
    for message in messages:
        if not message.cohort_kind:
            planned.append(_planned(project, anchors, message, None))
            continue
        planned += [
            _planned(project, anchors, message, cohort)
            for cohort in cohorts
            if cohort.kind == message.cohort_kind
        ]
    return tuple(planned)


def rule_of(message: Message) -> timing.Rule:
    return timing.Rule(
        anchor=message.anchor,
        offset_days=message.offset_days,
        wall_time=message.wall_time,
        is_working_day=message.is_working_day,
        not_after_days=message.not_after_days,
    )


def zone_of(project: Project, message: Message, cohort: Cohort | None) -> str:
    """Where no person is in question; each person's own zone is read when rows are made."""
    if cohort is None or message.zone == MessageZone.PROJECT:
        return project.timezone
    return cohort.timezone


def _planned(
    project: Project, anchors: Anchors, message: Message, cohort: Cohort | None
) -> PlannedOccurrence:
    zone = zone_of(project, message, cohort)
    day = anchor_day(anchors, message.anchor, cohort)
    return PlannedOccurrence(
        message_id=message.pk,
        message_key=message.key,
        cohort_id=cohort.pk if cohort else None,
        cohort_name=cohort.name if cohort else "",
        anchor_key=cohort_key(cohort.pk) if cohort else PROJECT_KEY,
        timezone=zone,
        moment=None if day is None else timing.moment(rule_of(message), day, zone),
    )


def calendar_day(occurrence: Occurrence, anchors: Anchors | None = None) -> date:
    """The day its rule means, before anybody's weekend is skipped; TypeError without a day.

    It is the day of ``wall_at`` unless that is the Monday after a weekend, which only the anchor
    tells. Where the anchor has moved since it began, the Monday stays. One query on Mondays, none
    with the project's ``anchors``.
    """
    if occurrence.wall_at is None:
        raise TypeError("what has no day of the plan has no calendar day")
    known, message = occurrence.wall_at.date(), occurrence.message
    if not message.is_working_day or known.weekday() != MONDAY:
        return known
    anchors = anchors or anchors_of(occurrence.project)
    anchor_on = anchor_day(anchors, message.anchor, occurrence.cohort)
    if anchor_on is None:
        return known
    day = timing.calendar_day(rule_of(message), anchor_on)
    return day if first_working_day(day) == known else known


def anchor_day(anchors: Anchors, anchor: str, cohort: Cohort | None) -> date | None:
    """The day of ``anchor``, None while it is open. ValueError for one that does not exist."""
    if anchor in timing.OPEN_ANCHORS:
        return None
    if cohort is not None and anchor == timing.COHORT_SWITCH:
        return cohort.switch_on
    if cohort is not None and anchor == timing.COHORT_END:
        return cohort.ends_on
    return anchors.day(anchor)
