"""Small parts that every page is made of: states, dates, numbers, bars, the project's menu.

Generic words only; what a cohort or a survey looks like is said by the room that owns it.
`templates/components/README.md` shows each with an example.
"""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import pgettext

from common import dates

register = template.Library()

DASH = "–"
CURRENT = format_html(' aria-current="{}"', "page")
NBSP = "\N{NO-BREAK SPACE}"

# word -> (colour class, shape of the sprite). Anything else is an empty circle: not begun.
LOOKS = {
    "done": ("done", "done"),
    "active": ("active", "active"),
    "todo": ("todo", "todo"),
    "off": ("todo", "off"),
    "warn": ("warn", "warn"),
    "bad": ("bad", "bad"),
    "unsure": ("warn", "unsure"),
    "defer": ("defer", "defer"),
    "move": ("active", "move"),
    "pause": ("warn", "pause"),
    "gate": ("done", "gate"),
    "gate-open": ("todo", "gate-open"),
    # lifecycles share these words
    "approved": ("done", "done"),
    "blocked": ("bad", "bad"),
    "cancelled": ("todo", "off"),
    "champion": ("done", "star"),
    "close": ("active", "active"),
    "closed": ("todo", "off"),
    "deferred": ("defer", "defer"),
    "failed": ("bad", "bad"),
    "finished": ("done", "done"),
    "happened": ("bad", "bad"),
    "left": ("todo", "off"),
    "missed": ("warn", "warn"),
    "mitigated": ("done", "done"),
    "no_data": ("todo", "off"),
    "off_track": ("bad", "bad"),
    "on_target": ("done", "done"),
    "open": ("active", "active"),
    "overdue": ("warn", "warn"),
    "paused": ("warn", "pause"),
    "planned": ("todo", "todo"),
    "queued": ("todo", "todo"),
    "retry": ("warn", "warn"),
    "running": ("active", "active"),
    "sending": ("active", "active"),
    "sent": ("done", "done"),
    "skipped": ("todo", "off"),
    "suppressed": ("todo", "off"),
    "switched": ("active", "active"),
    "told": ("active", "active"),
    "uncertain": ("warn", "unsure"),
    "under_way": ("active", "active"),
    "verified": ("done", "done"),
    "white_glove": ("active", "glove"),
}


# ---- states and facts


@register.simple_tag
def status(state: str, label: object, shape: str = "") -> SafeString:
    """Shape, word and colour. ``state`` is a key of LOOKS; ``shape`` overrules its shape."""
    colour, usual = LOOKS.get(str(state), ("todo", "todo"))
    return format_html(
        '<span class="status is-{}"><svg class="shape" aria-hidden="true"><use href="#s-{}"/></svg>'
        "{}</span>",
        colour,
        shape or usual,
        capfirst(str(label)),
    )


@register.inclusion_tag("components/fact.html")
def fact(label: object, value: object, note: object = "") -> dict[str, object]:
    """One label and value inside ``<dl class="facts">``; the note stands beside them."""
    return {"label": label, "value": value, "note": note}


# ---- numbers


@register.filter
def number(value: Decimal | float | None, decimals: int = 0) -> str:
    """4200 -> 4,200 in the reader's language; None -> a dash."""
    if value is None or value == "":
        return DASH
    exact = round(Decimal(str(value)), decimals)  # number_format would cut, not round
    return str(number_format(exact, decimal_pos=decimals, use_l10n=True, force_grouping=True))


@register.filter
def percent(value: Decimal | float | None) -> str:
    """Percent units, one decimal only where it says something: 71 %, 3.6 %; None -> a dash."""
    if value is None or value == "":
        return DASH
    return f"{_trimmed(value)}{NBSP}%"


@register.filter
def signed(value: Decimal | float | None) -> str:
    """+12, 0 or −3, for scores that may lie on both sides of zero; None -> a dash."""
    if value is None or value == "":
        return DASH
    exact = Decimal(str(value))
    sign = "+" if exact > 0 else "−" if exact < 0 else ""
    return f"{sign}{_trimmed(abs(exact))}"


@register.simple_tag
def share(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent; a dash when there is no whole."""
    return percent(100 * part / whole) if whole else DASH


def _trimmed(value: Decimal | float) -> str:
    rounded = round(Decimal(str(value)), 1)
    return number(rounded, 0 if rounded == rounded.to_integral_value() else 1)


# ---- dates


@register.simple_tag
def day(value: date | None, relative: bool = False, today: date | None = None) -> str:
    """A day: "Tue 9 Mar", the year where it is not this one; ``relative`` adds "in 12 days"."""
    if value is None:
        return DASH
    today = today or timezone.localdate()
    shown = format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        date_format(value, pgettext("full day", "l j F Y")),
        short_day(value, today),
    )
    return _with_ago(shown, dates.relative_day(value, today)) if relative else shown


@register.simple_tag
def period(start: date | None, end: date | None, today: date | None = None) -> str:
    """ "7 Sep – 2 Oct"; a year where it is not this one, so "24 Nov – 19 Jan 2027"."""
    if start is None or end is None:
        return DASH
    today = today or timezone.localdate()
    plain = pgettext("day and month", "j M")
    year = "" if start.year == end.year == today.year else f" {end.year}"
    is_elsewhere = start.year not in (end.year, today.year)
    first = date_format(start, plain) + (f" {start.year}" if is_elsewhere else "")
    return f"{first} – {date_format(end, plain)}{year}" if start != end else f"{first}{year}"


@register.simple_tag
def when(value: datetime | None, relative: bool = True, at: datetime | None = None) -> str:
    """An instant in the reader's zone: "25 Feb, 09:42", "3 hours ago"; its title names the zone."""
    if value is None:
        return DASH
    at = at or timezone.now()
    local, now = timezone.localtime(value), timezone.localtime(at)
    pattern = pgettext("moment this year", "j M, H:i")
    if local.year != now.year:
        pattern = pgettext("moment another year", "j M Y, H:i")
    shown = format_html(
        '<time datetime="{}" title="{} {}">{}</time>',
        local.isoformat(timespec="seconds"),
        date_format(local, pgettext("full moment", "l j F Y, H:i")),
        local.tzname() or "",
        date_format(local, pattern),
    )
    return _with_ago(shown, dates.relative_moment(local, now)) if relative else shown


@register.simple_tag
def zone(at: datetime | None = None) -> str:
    """The zone in which this page shows times: "Europe/Berlin (CET, UTC+1)"."""
    return dates.zone_line(timezone.localtime(at or timezone.now()))


def short_day(value: date, today: date) -> str:
    """Weekday, day, month; the year only where it is not today's."""
    if value.year == today.year:
        return date_format(value, pgettext("day this year", "D j M"))
    return date_format(value, pgettext("day another year", "D j M Y"))


def _with_ago(shown: SafeString, words: str) -> SafeString:
    return format_html('{}<span class="ago">{}</span>', shown, words)


# ---- bars: widths are SVG attributes, which a strict CSP lets through


@register.inclusion_tag("components/progress.html")
def progress(done: int, total: int) -> dict[str, object]:
    """``done`` of ``total`` as a thin bar. The words stand beside it, so it is silent."""
    return {"width": _clamped(100 * done / total if total else 0)}


@register.inclusion_tag("components/bullet.html")
def bullet(
    value: Decimal | None,
    target: Decimal | None,
    label: object,
    low: int = 0,
    high: int = 100,
) -> dict[str, object]:
    """A figure on a scale from ``low`` to ``high`` with a tick at the target.

    The bar begins at zero, so a negative score grows to the left. What lies off the scale is
    drawn at its edge; the words beside it carry the true figure.
    """
    zero = _place(Decimal(0), low, high)
    end = zero if value is None else _place(value, low, high)
    return {
        "x": min(zero, end),
        "width": abs(end - zero),
        "target": None if target is None else _place(target, low, high),
        "label": label,
    }


def _place(value: Decimal, low: int, high: int) -> Decimal:
    span = Decimal(high) - Decimal(low)
    return _clamped(100 * (Decimal(value) - low) / span) if span > 0 else Decimal(0)


def _clamped(value: Decimal | float) -> Decimal:
    return min(max(round(Decimal(str(value)), 1), Decimal(0)), Decimal(100))


# ---- frame


@register.simple_tag(takes_context=True)
def nav_link(context: Context, name: str, title: object, *args: object) -> str:
    """A menu entry for the URL ``name``; nothing where this installation has no such page.

    The entry is marked when its page, or a page of the same noun (step_detail → step_list), is
    open. A context variable ``nav`` (a URL name) overrules the page; ``nav_counts`` (URL name ->
    words) puts a count beside the entry.
    """
    try:
        url = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    match = getattr(context.get("request"), "resolver_match", None)
    here = str(context.get("nav") or (match.view_name if match else ""))
    mark = CURRENT if _belongs(here, name) else ""
    count = (context.get("nav_counts") or {}).get(name, "")
    words = format_html('<span class="count">{}</span>', count) if count else ""
    return format_html('<li><a href="{}"{}>{}{}</a></li>', url, mark, title, words)


def _belongs(here: str, name: str) -> bool:
    """Nouns rather than rooms, because the pages of one noun may live in two rooms."""
    page, entry = here.rpartition(":")[2], name.rpartition(":")[2]
    if not entry.endswith("_list"):
        return here == name
    return page.partition("_")[0] == entry.removesuffix("_list")


@register.simple_tag(takes_context=True)
def page_address(context: Context) -> str:
    """The address of this page with its filters, for a form that comes back here."""
    request = context.get("request")
    return request.get_full_path() if request else "/"
