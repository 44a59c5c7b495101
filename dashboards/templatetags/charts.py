"""Prints the marks of a picture as SVG: a tag, for a picture has hundreds of them."""

from collections.abc import Callable, Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboards.charts.marks import Group, Mark, Path, Rect, Shape, Text

register = template.Library()

NOTHING = SafeString("")


@register.simple_tag
def svg_marks(marks: Iterable[Mark]) -> SafeString:
    """The marks in painting order; every text and title is escaped."""
    return format_html_join("\n", "{}", ((PRINTERS[type(mark)](mark),) for mark in marks))


def _title(title: str) -> SafeString:
    return format_html("<title>{}</title>", title) if title else NOTHING


def _rect(mark: Rect) -> SafeString:
    return format_html(
        '<rect class="{}"{}{} x="{}" y="{}" width="{}" height="{}">{}</rect>',
        mark.css,
        format_html(' fill="url(#{})"', mark.fill) if mark.fill else NOTHING,
        format_html(' rx="{}"', mark.radius) if mark.radius else NOTHING,
        *(mark.x, mark.y, mark.width, mark.height),
        _title(mark.title),
    )


def _path(mark: Path) -> SafeString:
    return format_html('<path class="{}" d="{}">{}</path>', mark.css, mark.d, _title(mark.title))


def _shape(mark: Shape) -> SafeString:
    return format_html(
        '<svg class="shape is-{}" x="{}" y="{}" width="{}" height="{}"><use href="#s-{}"/></svg>',
        *(mark.colour, mark.x, mark.y, mark.size, mark.size, mark.symbol),
    )


def _text(mark: Text) -> SafeString:
    return format_html(
        '<text class="{}{}"{} x="{}" y="{}">{}{}{}</text>',
        mark.css,
        " tl-halo" if mark.halo else "",
        format_html(' text-anchor="{}"', mark.anchor) if mark.anchor != "start" else NOTHING,
        *(round(mark.x, 1), mark.y),
        format_html('<tspan class="tl-strong">{}</tspan>', mark.lead) if mark.lead else NOTHING,
        mark.text,
        format_html('<tspan class="tl-num">{}</tspan>', mark.tail) if mark.tail else NOTHING,
    )


def _group(mark: Group) -> SafeString:
    inside = format_html("{}{}", _title(mark.title), svg_marks(mark.marks))
    if mark.url:
        return format_html('<a class="tl-link" href="{}">{}</a>', mark.url, inside)
    return format_html("<g>{}</g>", inside)


PRINTERS: dict[type, Callable[[Any], SafeString]] = {
    Rect: _rect,
    Path: _path,
    Shape: _shape,
    Text: _text,
    Group: _group,
}
