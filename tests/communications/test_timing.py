"""Rule and day to wall time and instant, across changes of the clock."""

from datetime import UTC, date, datetime, time

import pytest

from communications.timing import Moment, Rule, moment, offset_words

NINE = Rule("cohort_switch", -7, time(9), is_working_day=False, not_after_days=3)


def test_moment_counts_days_in_the_zone_across_a_change_of_the_clock() -> None:
    assert moment(NINE, date(2027, 4, 2), "Europe/Berlin") == Moment(
        wall_at=datetime(2027, 3, 26, 9, tzinfo=UTC),
        timezone="Europe/Berlin",
        due_at=datetime(2027, 3, 26, 8, tzinfo=UTC),
        not_after=datetime(2027, 3, 29, 7, tzinfo=UTC),  # clocks went forward on the 28th
    )


@pytest.mark.parametrize(
    ("day", "wall", "due"),
    [
        # the gap: first valid instant after it
        (date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, tzinfo=UTC)),
        # the overlap: the first of the two
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_moment_in_gap_and_overlap(day: date, wall: time, due: datetime) -> None:
    rule = Rule("project_start", 0, wall, is_working_day=False, not_after_days=1)
    assert moment(rule, day, "Europe/Berlin").due_at == due


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        (date(2027, 6, 4), date(2027, 6, 4)),  # Friday
        (date(2027, 6, 5), date(2027, 6, 7)),
        (date(2027, 6, 6), date(2027, 6, 7)),
    ],
)
def test_moment_moves_to_the_next_working_day(anchor: date, expected: date) -> None:
    rule = Rule("project_start", 0, time(9), is_working_day=True, not_after_days=1)
    assert moment(rule, anchor, "UTC").wall_at.date() == expected


def test_offset_words_are_how_planners_write_them() -> None:
    assert [offset_words(days) for days in (-21, 0, 2)] == ["T−21", "T", "T+2"]
