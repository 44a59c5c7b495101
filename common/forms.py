"""Fields that forms of several rooms have."""

from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.dates import zone_names


class _ZoneSelect(forms.Select):
    """Written in one go: Django includes a template for each of six hundred names."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        chosen = self.format_value(value)
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            format_html_join(
                "\n",
                '<option value="{}"{}>{}</option>',
                ((key, " selected" if key in chosen else "", title) for key, title in self.choices),
            ),
        )


class ZoneField(forms.ChoiceField):
    """One of the time zones that this machine knows."""

    widget = _ZoneSelect

    def __init__(self, **about: Any) -> None:
        about.setdefault("label", _("Time zone"))
        super().__init__(choices=_zones, **about)


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(zone_names())]
