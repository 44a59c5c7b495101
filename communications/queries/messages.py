"""Occurrences as the pages list them: with the people they reach and how their rows stand.

However many occurrences there are, the number of queries is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cohorts.enums import ParticipantStatus
from cohorts.models import Membership, Participant
from communications import audience_kinds as kinds
from communications.enums import DeliveryState, OccurrenceState
from communications.models import Delivery, Message, Occurrence
from communications.queries.ledger import Ledger, ledgers
from communications.queries.other_days import listed, other_countries
from communications.queries.pace import Pace
from communications.queries.standing import is_open, is_paused, standing
from communications.queries.zones import is_personal
from projects.models import Project

STARTED = frozenset({OccurrenceState.EXPANDING, OccurrenceState.SENDING, OccurrenceState.DONE})
NOT_BEGUN = (OccurrenceState.PLANNED, OccurrenceState.APPROVED)
RUNNING = (OccurrenceState.EXPANDING, OccurrenceState.SENDING)
# What waits for a person or for its day.
OPEN = (OccurrenceState.PLANNED, OccurrenceState.APPROVED, OccurrenceState.MISSED)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One occurrence. ``people`` is counted now, or the rows once it has begun; with ``is_at_most``
    the audience is a part of them that only its own room can count. ``elsewhere`` are countries
    that get it on another day. ``conflicts`` and ``pace`` are there on the board alone."""

    occurrence: Occurrence
    people: int
    is_at_most: bool
    ledger: Ledger
    at: datetime
    elsewhere: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    pace: Pace = field(default_factory=Pace)

    @property
    def is_paused(self) -> bool:
        return is_paused(self.occurrence)

    @property
    def is_open(self) -> bool:
        return is_open(self.occurrence)

    @property
    def look(self) -> str:
        return standing(self.occurrence, self.at).look

    @property
    def word(self) -> str | Promise:
        return standing(self.occurrence, self.at).word

    @property
    def there(self) -> str:
        """Its time where it is read, if clocks there show another one than the reader's."""
        due = self.occurrence.due_at
        if due is None:
            return ""
        if is_personal(self.occurrence):
            return _("%(time)s where each person is") % {
                "time": time_format(self.occurrence.message.wall_time, "H:i")
            }
        there = due.astimezone(ZoneInfo(self.occurrence.timezone))
        if there.utcoffset() == timezone.localtime(due).utcoffset():
            return ""
        return f"{time_format(there.time(), 'H:i')} {self.occurrence.timezone}"

    @property
    def other_day(self) -> str:
        """Where people get it on another day, because they do not work on this one or do before."""
        if not self.elsewhere:
            return ""
        return _("another day for people in %(countries)s") % {"countries": listed(self.elsewhere)}

    @property
    def sent(self) -> int:
        return self.ledger[DeliveryState.SENT]

    @property
    def uncertain(self) -> int:
        return self.ledger[DeliveryState.UNCERTAIN]

    @property
    def queued(self) -> int:
        return self.ledger.unfinished

    @property
    def unsent(self) -> int:
        """Finished, but not with a mail that was taken."""
        return self.ledger.finished - self.sent


def lines(project: Project, occurrences: Sequence[Occurrence], at: datetime) -> tuple[Line, ...]:
    """The occurrences (with message and cohort) as they stand at ``at``. Six queries."""
    books = ledgers(o.pk for o in occurrences)
    sizes = _Sizes(project)
    elsewhere = other_countries(project, (o for o in occurrences if o.state in NOT_BEGUN))
    return tuple(
        replace(_line(o, books[o.pk], sizes, at), elsewhere=elsewhere.get(o.pk, ()))
        for o in occurrences
    )


def window(project: Project, start: datetime, end: datetime) -> QuerySet[Occurrence]:
    """Due from ``start`` up to ``end``, in the order of their going out."""
    return _listed(project).filter(due_at__gte=start, due_at__lt=end)


def unsettled(project: Project, before: datetime) -> QuerySet[Occurrence]:
    """Left over from before ``before``, without a day yet, running, or holding uncertain mails."""
    uncertain = Delivery.objects.filter(occurrence=OuterRef("pk"), state=DeliveryState.UNCERTAIN)
    return _listed(project).filter(
        Q(state__in=OPEN, due_at__lt=before)
        | Q(state__in=OPEN, due_at__isnull=True)
        | Q(state__in=RUNNING)
        | (Q(state=OccurrenceState.DONE) & Exists(uncertain))
    )


def of_message(message: Message) -> QuerySet[Occurrence]:
    return _listed(message.project).filter(message=message)


def page(
    project: Project,
    *,
    state: str = "",
    cohort: int | None = None,
    after: tuple[datetime | None, int] | None = None,
) -> QuerySet[Occurrence]:
    """PAGE occurrences and one more behind ``after`` (due_at, pk); those without a day last."""
    found = _listed(project)
    if state:
        found = found.filter(state=state)
    if cohort is not None:
        found = found.filter(cohort=cohort)
    if after is not None:
        due_at, pk = after
        rest = Q(due_at__isnull=True, pk__gt=pk)
        if due_at is not None:
            rest = Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk) | Q(due_at__isnull=True)
        found = found.filter(rest)
    return found[: PAGE + 1]


def _listed(project: Project) -> QuerySet[Occurrence]:
    return (
        Occurrence.objects.filter(project=project)
        .select_related("message", "cohort")
        .defer("message__body")
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )


def _line(occurrence: Occurrence, ledger: Ledger, sizes: "_Sizes", at: datetime) -> Line:
    # Rows of people who had it before they came are there while nobody else has one.
    if occurrence.state in STARTED or (ledger.total and occurrence.state not in NOT_BEGUN):
        return Line(occurrence, ledger.total, is_at_most=False, ledger=ledger, at=at)
    people, is_at_most = sizes.of(occurrence)
    return Line(occurrence, people, is_at_most=is_at_most and bool(people), ledger=ledger, at=at)


class _Sizes:
    """How many people with an address each audience of a project has now. Three queries."""

    def __init__(self, project: Project) -> None:
        active = Q(participant__status=ParticipantStatus.ACTIVE)
        reachable = ~Q(participant__mail="", participant__upn="")
        members = Membership.objects.filter(active, reachable, cohort__project=project)
        self.cohorts = dict(members.values_list("cohort").annotate(n=Count("pk")).order_by())
        self.everyone = (
            Participant.objects.active().filter(project=project).exclude(mail="", upn="").count()
        )
        self.roles = [
            frozenset(codes) for codes in project.stakeholders.values_list("role_codes", flat=True)
        ]

    def of(self, occurrence: Occurrence) -> tuple[int, bool]:
        message = occurrence.message
        if message.audience_kind == kinds.CHANNELS:  # who removes one takes it out here as well
            return len(message.audience_params.get("channels", ())), False
        if message.audience_kind == kinds.STAKEHOLDERS:
            return len(self.roles), False
        if message.audience_kind == kinds.IT_STAFF:
            wanted = set(message.audience_params.get("roles", ()))
            return sum(not wanted.isdisjoint(codes) for codes in self.roles), False
        is_at_most = message.audience_kind not in kinds.OWN_KINDS - set(kinds.FOR_ONE_COHORT)
        if occurrence.cohort_id is not None and message.audience_kind != kinds.EVERYONE:
            return self.cohorts.get(occurrence.cohort_id, 0), is_at_most
        if message.audience_kind == kinds.COHORT:
            return 0, False
        return self.everyone, is_at_most
