"""Bars of people: parts add up, nobody is too small to be seen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.charts.bars import Count, Part, people_bar

people = st.lists(st.integers(0, 200_000), min_size=1, max_size=6)


def counts(*numbers):
    words = ("verified", "switched", "told", "planned", "deferred", "blocked")
    return [Count(word, word, number) for word, number in zip(words, numbers, strict=False)]


@given(numbers=people)
def test_parts_fill_the_bar_and_each_can_be_seen(numbers):
    bar = people_bar(counts(*numbers))
    assert sum(part.people for part in bar.parts) == sum(numbers) == bar.total
    assert sum(part.width for part in bar.parts) == (100 if bar.total else 0)
    assert [part for part in bar.parts if part.width < Decimal("1.5")] == []
    assert [part.people for part in bar.parts] == [number for number in numbers if number]
    edges = [part.x + part.width for part in bar.parts]
    assert [part.x for part in bar.parts][1:] == edges[:-1]


@given(numbers=people, scale=st.integers(0, 400_000))
def test_rows_share_one_scale(numbers, scale):
    bar = people_bar(counts(*numbers), scale=scale)
    width = sum(part.width for part in bar.parts)
    if bar.total:
        share = Decimal(100) * bar.total / max(scale, bar.total)
        assert abs(width - max(share, Decimal("1.5") * len(bar.parts))) <= Decimal("0.01")
    assert width <= 100


def test_six_blocked_among_a_thousand_are_seen_at_the_cost_of_the_widest():
    bar = people_bar([Count("told", "told", 1083), Count("blocked", "blocked", 7)])
    assert bar.parts == (
        Part("told", "1,083 told", 1083, Decimal(0), Decimal("98.50")),
        Part("blocked", "7 blocked", 7, Decimal("98.50"), Decimal("1.5")),
    )
    assert bar.label == "1,083 told, 7 blocked"


@pytest.mark.parametrize("numbers", [(), (0, 0)])
def test_nobody_is_an_empty_bar(numbers):
    bar = people_bar(counts(*numbers))
    assert (bar.parts, bar.label, bar.total) == ((), "", 0)
