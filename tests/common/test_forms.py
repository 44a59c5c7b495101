"""Fields that several rooms' forms have."""

from typing import Any

import pytest
from django import forms
from django.test.html import parse_html

from common.dates import zone_names
from common.forms import LongSelect, ZoneField

ZONES = sorted(zone_names())


class Django(forms.Form):
    """The same field as Django writes it."""

    there = forms.ChoiceField(
        choices=[(name, name) for name in ZONES], label="Time zone", help_text="x"
    )


class Ours(forms.Form):
    there = ZoneField(help_text="x")


@pytest.mark.parametrize("data", [None, {"there": "Asia/Tokyo"}, {"there": '"><b>'}, {}])
@pytest.mark.parametrize("initial", [{}, {"there": "Europe/Berlin"}])
def test_a_zone_is_chosen_as_from_any_select(data: Any, initial: dict[str, str]) -> None:
    ours, other = Ours(data, initial=initial), Django(data, initial=initial)
    assert parse_html(str(ours["there"])) == parse_html(str(other["there"]))
    assert (ours.is_valid(), dict(ours.errors)) == (other.is_valid(), dict(other.errors))
    assert str(ours["there"]).count("<option") == len(ZONES) > 400


GROUPS = [
    ("", "–"),
    ("Read <here>", [("de", "German (3)"), ('"><b>', "<b>&amp; Co.</b>"), (7, "a number")]),
    ("All", [("fr", "French")]),
]


@pytest.mark.parametrize("value", [None, "", "de", '"><b>', "7", 7, "nobody's"])
def test_groups_are_written_as_django_writes_them(value: Any) -> None:
    attrs = {"class": "form-select", "required": True, "data-x": '"'}
    ours, other = (kind({"lang": "en"}, choices=GROUPS) for kind in (LongSelect, forms.Select))
    written = ours.render("there", value, attrs)
    assert parse_html(written) == parse_html(other.render("there", value, attrs))
    assert written.count(" selected") == (value != "nobody's")
