"""What is next for a cohort, in the order of its loop. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from cohorts.models import Cohort
from cohorts.queries.counts import PeopleCounts
from communications.models import Message, Occurrence
from projects.models import Project
from rollout.next_deed import Now, next_deed
from rollout.queries.gates import CohortGate
from surveys.models import Survey

TODAY = date(2038, 3, 1)
OPEN = CohortGate(key="", standing=None, decision=None)


class Closed:
    """Stands for a gate's standing: two of nine criteria are open."""

    is_open, why = False, "Nobody has decided yet."
    missing, required = (1, 2), range(9)


CLOSED = CohortGate(key="cohort:1", standing=cast("Any", Closed()), decision=None)
MAIL = Occurrence(pk=7, message=Message(title="Soon"), wall_at=datetime(2038, 3, 2, 9, tzinfo=UTC))
SURVEY = Survey(pk=5, title="How is it?", status="draft", opens_on=TODAY)


def now(days: int, **more: Any) -> Now:
    """A planned cohort of ten people that switches in ``days`` days, nothing else to do."""
    project = Project(slug="p", name="P")
    cohort = Cohort(
        pk=1,
        project=project,
        name="Wave 1",
        status=more.pop("status", "planned"),
        switch_on=TODAY + timedelta(days=days),
        ends_on=TODAY + timedelta(days=days + 14),
    )
    standing = Now(
        cohort=cohort,
        counts=PeopleCounts(people=10),
        gate=OPEN,
        to_approve=None,
        surveys=(),
        to_mode="New",
        can_verify=True,
        today=TODAY,
    )
    return replace(standing, **more)


SEEN = PeopleCounts(people=10, switched=10, verified=10)
CASES: list[tuple[Now, str | None]] = [
    (now(30, counts=PeopleCounts()), "Put people into this cohort."),
    (now(30), None),
    (now(30, gate=CLOSED), None),
    (now(10, gate=CLOSED), "Decide go or no-go: 2 of 9 criteria are open."),
    (now(10, gate=CLOSED, to_approve=MAIL), "Approve “Soon”."),
    (now(10, counts=PeopleCounts(people=10, blocked_only=2)), "2 people are blocked."),
    (now(0, gate=CLOSED, to_approve=MAIL), "Decide go or no-go: 2 of 9 criteria are open."),
    (now(0, to_approve=MAIL), "Switch 10 people to New."),
    (now(-3), "Switch 10 people to New."),
    (
        now(-1, status="switched", counts=PeopleCounts(people=10, verified=7, drift=1)),
        "1 person is seen in another mode than intended.",
    ),
    (
        now(-1, status="switched", counts=PeopleCounts(people=10, verified=7)),
        "Import a report of modes: 3 people are not verified.",
    ),
    (now(-1, status="switched", counts=SEEN, to_approve=MAIL), "Approve “Soon”."),
    (now(-1, status="switched", counts=SEEN, surveys=(SURVEY,)), "Open “How is it?”."),
    (now(-1, status="switched", counts=SEEN), None),
    (now(-15, status="switched", counts=SEEN), "Finish the cohort."),
    (now(-15, status="finished", counts=SEEN), None),
    (now(-15, status="finished", counts=PeopleCounts()), None),
    (now(0, status="cancelled", counts=PeopleCounts()), None),
    (now(-1, status="switched", can_verify=False, counts=PeopleCounts(people=10, drift=3)), None),
]


@pytest.mark.parametrize(("standing", "title"), CASES)
def test_next_deed(standing: Now, title: str | None) -> None:
    deed = next_deed(standing)
    assert (deed.title if deed else None) == title
    assert deed is None or (deed.url.startswith("/projects/p/") and deed.why)


def test_only_switching_and_finishing_are_said_here() -> None:
    done_here = {title for standing, title in CASES if is_done_here(standing)}
    assert done_here == {"Switch 10 people to New.", "Finish the cohort."}


def is_done_here(standing: Now) -> bool:
    deed = next_deed(standing)
    return deed is not None and deed.is_done_here
