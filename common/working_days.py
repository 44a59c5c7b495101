"""Which days people work in a country: its own weekend and its public holidays. Without a clock.

A country is written as rosters write it, by its code or its English name. Where nobody knows it,
Saturday and Sunday are free and nothing else is. Regions and companies have days of their own,
which nobody tells us.
"""

from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from unicodedata import normalize
from warnings import catch_warnings, simplefilter

from holidays import HolidayBase, country_holidays
from holidays.registry import COUNTRIES

from common.dates import SATURDAY


@lru_cache(maxsize=4096)
def country_code(words: str) -> str:
    """The ISO 3166-1 alpha-2 code of a country given as such, as alpha-3 or by its English name;
    empty for one whose days nobody keeps.

    "DE", "deu", "Germany" and "The Netherlands" are all found.
    """
    name = _letters(words)
    return _codes().get(name) or _codes().get(name.removeprefix("the"), "")


def country_name(code: str) -> str:
    """The English name of an alpha-2 code; the code itself where nobody has one."""
    return _names_by_code().get(code, code)


def is_working_day(day: date, country: str = "") -> bool:
    """Whether people in ``country``, an alpha-2 code, work on ``day``."""
    code = country_code(country)
    if not code:
        return day.weekday() < SATURDAY
    return _year(code, day.year).is_working_day(day)


@lru_cache(maxsize=4096)
def first_working_day(day: date, country: str = "") -> date:
    """``day`` itself, or the first working day after it in ``country``, an alpha-2 code."""
    while not is_working_day(day, country):
        day += timedelta(days=1)
    return day


# One object for each year: the library fills an object it was asked for another year while another
# thread may be reading it.
@lru_cache(maxsize=1024)
def _year(code: str, year: int) -> HolidayBase:
    with catch_warnings():  # of years whose holidays nobody knows yet; their weekends are known
        simplefilter("ignore", UserWarning)
        return country_holidays(code, years=year, expand=False)


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """{how a country may be written, letters alone: its code}; the library's own words win."""
    known = {code for _, code, *_more in COUNTRIES.values()}
    names = {_letters(name): code for code, name in _names_by_code().items() if code in known}
    for key, words in COUNTRIES.items():
        names |= {_letters(name): words[1] for name in (key, *words)}
    return names


@lru_cache(maxsize=1)
def _names_by_code() -> dict[str, str]:
    """As the tz database calls countries: "Germany", "Czech Republic"."""
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    rows = (line.partition("\t") for line in table.splitlines() if not line.startswith("#"))
    return {code: name for code, _tab, name in rows}


def _letters(words: str) -> str:
    plain = normalize("NFKD", words.replace("&", "and")).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
