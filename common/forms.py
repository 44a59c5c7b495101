"""Fields that forms of several rooms have."""

from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.dates import zone_names


class LongSelect(forms.Select):
    """Written in one go: Django includes two templates for each of hundreds of options."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        groups = self.optgroups(name, self.format_value(value), attrs)
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            format_html_join("\n", "{}", ((_written(*group),) for group in groups)),
        )


def _written(title: str | None, options: list[dict[str, Any]], _index: int) -> SafeString:
    listed = format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        ((option["value"], flatatt(option["attrs"]), option["label"]) for option in options),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', title, listed) if title else listed


class ZoneField(forms.ChoiceField):
    """One of the time zones that this machine knows."""

    widget = LongSelect

    def __init__(self, **about: Any) -> None:
        about.setdefault("label", _("Time zone"))
        super().__init__(choices=_zones, **about)


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(zone_names())]
