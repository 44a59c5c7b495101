"""The burn-up as a page shows it: two drawings, the table, and the forecast in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.charts.burnup import BurnUp, Names, draw_burnup
from dashboards.charts.timeline import Drawing
from dashboards.charts.translated import translated_words
from dashboards.forecast import Forecast
from dashboards.queries.board import BoardRow
from dashboards.queries.burnup import burnup_of
from dashboards.queries.situation import today_in
from projects.models import Project


@dataclass(frozen=True, slots=True)
class BurnUpPicture:
    data: BurnUp
    wide: Drawing
    narrow: Drawing
    sentence: str
    outlook: str


def burnup_picture(
    project: Project, rows: Sequence[BoardRow], at: datetime
) -> BurnUpPicture | None:
    """``rows``: all cohorts of the project. None while nobody is in a cohort. Two queries."""
    data = burnup_of(project, rows, today_in(project, at))
    if not data.total:
        return None
    names = Names(
        planned=_("planned"),
        switched=_("switched"),
        verified=_("verified"),
        forecast=_("forecast"),
    )
    wide, narrow = draw_burnup(data, translated_words(), names)
    return BurnUpPicture(data, wide, narrow, _now(data), _outlook(data))


def _now(data: BurnUp) -> str:
    return ngettext(
        "%(switched)s of %(total)s person has switched, %(verified)s verified;"
        " %(planned)s planned by today.",
        "%(switched)s of %(total)s people have switched, %(verified)s verified;"
        " %(planned)s planned by today.",
        data.total,
    ) % {
        "switched": _number(data.switched),
        "total": _number(data.total),
        "verified": _number(data.verified),
        "planned": _number(data.planned(data.today)),
    }


def _outlook(data: BurnUp) -> str:
    if data.is_over:
        return _("Everybody in a cohort has switched.")
    if data.forecast is None:
        return _("No forecast yet: it needs two finished cohorts.")
    pace = _("At the pace of the last %(n)s finished cohorts, %(rate)s people a day,") % {
        "n": data.forecast.cohorts,
        "rate": number_format(data.forecast.rate, 1 if data.forecast.rate < 10 else 0),
    }
    return f"{pace} {_end(data.forecast)}"


def _end(found: Forecast) -> str:
    if found.ends_on is None or found.earliest is None:
        return _("not everybody switches within three years.")
    words = {"day": _day(found.ends_on), "first": _day(found.earliest)}
    if found.latest is None:
        return (
            _("everybody has switched by %(day)s (80 %%: from %(first)s, perhaps years later).")
            % words
        )
    return _("everybody has switched by %(day)s (80 %%: %(first)s to %(last)s).") % {
        **words,
        "last": _day(found.latest),
    }


def _day(day: date) -> str:
    return date_format(day, "j M Y")


def _number(number: int) -> str:
    return number_format(number, 0, use_l10n=True, force_grouping=True)
