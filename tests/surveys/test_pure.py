"""Arithmetic of surveys: when they close, when they remind, what answers amount to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from surveys.scoring import Score, agreement, promoter_score, response_rate
from surveys.windows import closing_instant, is_within_grace, reminder_instants

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("opened_at", "days", "zone", "closes_at"),
    [
        # summer: 23:59 in Berlin is 21:59 UTC
        ("2027-06-08T07:00Z", 14, BERLIN, "2027-06-22T21:59Z"),
        # opened at 23:30 UTC, which is the next day already in Berlin
        ("2027-06-08T23:30Z", 1, BERLIN, "2027-06-10T21:59Z"),
        # across the end of summer time
        ("2026-10-20T07:00Z", 10, BERLIN, "2026-10-30T22:59Z"),
        ("2027-06-08T07:00Z", 1, "Pacific/Kiritimati", "2027-06-09T09:59Z"),
    ],
)
def test_closing_is_the_last_minute_of_the_day_in_the_zone(
    opened_at: str, days: int, zone: str, closes_at: str
) -> None:
    found = closing_instant(datetime.fromisoformat(opened_at), days, zone)
    assert found == datetime.fromisoformat(closes_at)


def test_reminders_keep_the_wall_time_across_a_clock_change() -> None:
    opened_at = datetime(2026, 10, 23, 7, tzinfo=UTC)  # 09:00 summer time
    closes_at = closing_instant(opened_at, 10, BERLIN)
    assert reminder_instants(opened_at, [3, 7], closes_at, BERLIN) == (
        (1, datetime(2026, 10, 26, 8, tzinfo=UTC)),
        (2, datetime(2026, 10, 30, 8, tzinfo=UTC)),
    )


def test_reminder_that_could_only_come_after_closing_is_left_out() -> None:
    opened_at = datetime(2027, 6, 8, 7, tzinfo=UTC)
    closes_at = closing_instant(opened_at, 5, BERLIN)
    assert reminder_instants(opened_at, [3, 7], closes_at, BERLIN) == (
        (1, datetime(2027, 6, 11, 7, tzinfo=UTC)),
    )


def test_grace_is_a_day_for_those_who_had_begun() -> None:
    end = datetime(2027, 6, 22, 22, tzinfo=UTC)
    before, late = end - timedelta(minutes=1), end + timedelta(hours=23)
    assert is_within_grace(end, before, late)
    assert not is_within_grace(end, before, end + timedelta(hours=24))
    assert not is_within_grace(end, end, late)
    assert not is_within_grace(end, None, late)


@pytest.mark.parametrize(
    ("counts", "score"),
    [
        ({}, None),
        ({"na": 3}, None),
        ({"4": 1}, Score(Decimal("100.00"), 1)),
        ({"1": 1, "4": 1, "5": 1, "na": 7}, Score(Decimal("66.67"), 3)),
        ({"1": 2, "2": 1, "3": 1}, Score(Decimal("0.00"), 4)),
    ],
)
def test_agreement_is_four_and_five_without_those_it_does_not_apply_to(
    counts: dict[str, int], score: Score | None
) -> None:
    assert agreement(counts) == score


@pytest.mark.parametrize(
    ("counts", "score"),
    [
        ({}, None),
        ({"10": 1}, Score(Decimal("100.00"), 1)),
        ({"0": 1}, Score(Decimal("-100.00"), 1)),
        ({"7": 1, "8": 1}, Score(Decimal("0.00"), 2)),
        ({"9": 2, "8": 1, "6": 1, "0": 1, "3": 1}, Score(Decimal("-16.67"), 6)),
    ],
)
def test_promoter_score_is_promoters_less_detractors(
    counts: dict[str, int], score: Score | None
) -> None:
    assert promoter_score(counts) == score


def test_response_rate_needs_somebody_invited() -> None:
    assert response_rate(0, 0) is None
    assert response_rate(1, 3) == Score(Decimal("33.33"), 3)
