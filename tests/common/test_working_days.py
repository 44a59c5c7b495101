"""Working days of countries, against dates looked up in their calendars."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.working_days import country_code, first_working_day, is_working_day


@pytest.mark.parametrize(
    ("country", "day", "expected"),
    [
        # Ascension Day, a Thursday; the Friday after it is an ordinary one
        ("DE", date(2027, 5, 6), date(2027, 5, 7)),
        ("FR", date(2027, 5, 6), date(2027, 5, 7)),
        ("GB", date(2027, 5, 6), date(2027, 5, 6)),
        # Christmas on a Saturday: Germany has the second day on Sunday, Britain both days later,
        # the United States the Friday before
        ("DE", date(2027, 12, 25), date(2027, 12, 27)),
        ("GB", date(2027, 12, 25), date(2027, 12, 29)),
        ("US", date(2027, 12, 24), date(2027, 12, 27)),
        # New Year's Day of the next year is kept in this one
        ("US", date(2027, 12, 31), date(2028, 1, 3)),
        # Easter, from Good Friday to Monday
        ("DE", date(2027, 3, 26), date(2027, 3, 30)),
        # Friday and Saturday are the weekend
        ("EG", date(2027, 6, 4), date(2027, 6, 6)),
        ("SA", date(2027, 6, 4), date(2027, 6, 6)),
        # it was so in the Emirates before 2022
        ("AE", date(2021, 6, 4), date(2021, 6, 6)),
        ("AE", date(2027, 6, 4), date(2027, 6, 4)),
        # Friday alone
        ("IR", date(2027, 6, 11), date(2027, 6, 12)),
        # the first days of the year in Russia
        ("RU", date(2027, 1, 1), date(2027, 1, 11)),
        # nobody knows where
        ("", date(2027, 6, 4), date(2027, 6, 4)),
        ("", date(2027, 6, 5), date(2027, 6, 7)),
        ("", date(2027, 6, 6), date(2027, 6, 7)),
        ("", date(2027, 5, 6), date(2027, 5, 6)),
        ("ZZ", date(2027, 12, 25), date(2027, 12, 27)),
    ],
)
def test_the_first_working_day(country: str, day: date, expected: date) -> None:
    assert first_working_day(day, country) == expected


@pytest.mark.parametrize(
    ("words", "code"),
    [
        *[(words, "DE") for words in ("DE", "de", " DE ", "DEU", "Germany", "GERMANY")],
        *[(words, "GB") for words in ("GB", "UK", "United Kingdom", "united_kingdom")],
        *[(words, "US") for words in ("US", "USA", "United States")],
        *[(words, "NL") for words in ("Netherlands", "The Netherlands")],
        *[(words, "CZ") for words in ("Czechia", "Czech Republic")],
        ("Curaçao", "CW"),
        ("Bosnia & Herzegovina", "BA"),
        ("Bosnia and Herzegovina", "BA"),
        ("Hong Kong", "HK"),
        *[(words, "") for words in ("", "the", "ZZ", "Atlantis", "Deutschland", "\0")],
    ],
)
def test_a_country_is_known_by_its_code_and_its_english_name(words: str, code: str) -> None:
    assert country_code(words) == code


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.sampled_from(["", "DE", "EG", "IN", "IL", "IR", "US", "CN", "ZZ"]),
)
def test_it_is_the_first_that_is_one(day: date, country: str) -> None:
    found = first_working_day(day, country)
    skipped = [day + timedelta(days=n) for n in range((found - day).days)]
    assert is_working_day(found, country)
    assert not any(is_working_day(other, country) for other in skipped)


@given(st.text(max_size=130))
def test_nonsense_is_no_country_and_nothing_worse(words: str) -> None:
    assert len(country_code(words)) in (0, 2)


def test_a_day_of_one_country_never_depends_on_which_was_asked_before() -> None:
    days = [date(2027, 12, 24) + timedelta(days=n) for n in range(14)]
    forward = {day: first_working_day(day, "US") for day in days}
    first_working_day.cache_clear()
    assert {day: first_working_day(day, "US") for day in reversed(days)} == forward
