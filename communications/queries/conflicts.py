"""The mails of some weeks, as ``communications.conflicts`` looks at them. Reads only."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from cohorts.enums import CohortStatus
from cohorts.gates import gate_key
from cohorts.switching import dates_of
from communications import audience_kinds as kinds
from communications.conflicts import EVERYONE, WEEK, House, Planned, conflicts
from communications.enums import Channel, OccurrenceState
from communications.models import Occurrence
from communications.queries.ledger import Ledger
from communications.queries.messages import OPEN, Line, window
from communications.queries.rules import rules_of
from communications.timing import COHORT_SWITCH
from projects.models import Project
from projects.queries.gates import gates_without_go

GONE = (OccurrenceState.MISSED, OccurrenceState.CANCELLED)
OTHERS = (kinds.STAKEHOLDERS, kinds.IT_STAFF)
WAITING = (OccurrenceState.PLANNED, OccurrenceState.APPROVED)
DAY = timedelta(days=1)
# From here on before its switch a cohort should have a go.
GO_BY = timedelta(days=7)


def conflicts_of(
    project: Project, lines: Iterable[Line], at: datetime
) -> Mapping[int, tuple[str, ...]]:
    """{occurrence: what is odd}, for lines with a day. Three queries."""
    closed = frozenset(gates_without_go(project, at).values_list("key", flat=True))
    rules = rules_of(project)
    house = House(
        quiet_from=rules.quiet_from,
        quiet_until=rules.quiet_until,
        mails_a_week=rules.mails_a_week,
        freezes=tuple(project.freezes.values_list("title", "starts_on", "ends_on")),
    )
    mails = [_planned(line, closed) for line in lines if _counts(line.occurrence)]
    return conflicts(mails, house)


def conflicts_around(occurrence: Occurrence, at: datetime) -> tuple[str, ...]:
    """What is odd about one that waits for its moment, beside those of the week before it and of
    its day. Four queries."""
    due = occurrence.due_at
    if due is None or occurrence.state not in WAITING:
        return ()
    rows = window(occurrence.project, due - WEEK, due + DAY)
    near = [Line(row, people=0, is_at_most=True, ledger=Ledger(), at=at) for row in rows]
    return conflicts_of(occurrence.project, near, at).get(occurrence.pk, ())


def _counts(row: Occurrence) -> bool:
    is_mail = row.message.channel == Channel.MAIL
    return is_mail and row.due_at is not None and row.state not in GONE


def _planned(line: Line, closed: frozenset[str]) -> Planned:
    row, message, cohort = line.occurrence, line.occurrence.message, line.occurrence.cohort
    if row.due_at is None:
        raise TypeError("what has no day is in nobody's way")
    is_ahead = cohort is not None and cohort.status == CohortStatus.PLANNED
    switch_at = dates_of(cohort).at if cohort is not None and is_ahead else None
    near_switch = switch_at is not None and row.due_at >= switch_at - GO_BY
    return Planned(
        pk=row.pk,
        title=message.title,
        group=_group(row),
        is_of_cohort=cohort is not None and message.audience_kind != kinds.EVERYONE,
        due_at=row.due_at,
        timezone=row.timezone,
        people=line.people,
        is_open=row.state in OPEN,
        is_mandatory=message.is_mandatory,
        is_reminder=message.audience_kind not in kinds.OWN_KINDS and message.offset_days > 0,
        is_ordered=row.wall_at is None,
        switch_at=switch_at if _announces(row) else None,
        is_without_go=near_switch and cohort is not None and gate_key(cohort) in closed,
        approved=_approved(line),
    )


def _approved(line: Line) -> int | None:
    """For how many, where the page counts the same people."""
    is_known = line.occurrence.state == OccurrenceState.APPROVED and not line.is_at_most
    return line.occurrence.approved_count if is_known else None


def _announces(row: Occurrence) -> bool:
    """Written to be read before the switch."""
    return row.message.anchor == COHORT_SWITCH and row.message.offset_days < 0


def _group(row: Occurrence) -> str:
    kind = row.message.audience_kind
    if kind in OTHERS:
        return kind
    return f"cohort:{row.cohort_id}" if row.cohort_id and kind != kinds.EVERYONE else EVERYONE
