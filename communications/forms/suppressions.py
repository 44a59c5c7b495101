"""The list of addresses that get no mail: its filter, and one more address."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy as _

from common.dates import instant
from communications.enums import SuppressionKind
from communications.forms.lists import ANY

BIGGEST = 2**63 - 1


class SuppressionFilter(forms.Form):
    words = forms.CharField(
        label=_("Address or reason"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"type": "search", "class": "form-control"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[ANY, *SuppressionKind.choices],
        required=False,
        widget=forms.Select({"class": "form-select"}),
    )
    after = forms.IntegerField(
        min_value=0, max_value=BIGGEST, required=False, widget=forms.HiddenInput
    )


class SuppressForm(forms.Form):
    address = forms.CharField(label=_("Address"), max_length=320)
    reason = forms.CharField(label=_("Reason"), max_length=200)
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=_("The first day on which mail may go there again. Empty: for good."),
    )

    def clean_until(self) -> datetime | None:
        day: date | None = self.cleaned_data["until"]
        zone = ZoneInfo(get_current_timezone_name()).key
        return None if day is None else instant(day, time(0), zone)


class ReleaseForm(forms.Form):
    address = forms.CharField(max_length=320)

    def text(self) -> Any:
        return self.cleaned_data["address"]
