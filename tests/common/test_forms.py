"""Fields that several rooms' forms have."""

from typing import Any

import pytest
from django import forms
from django.test.html import parse_html

from common.dates import zone_names
from common.forms import ZoneField

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
