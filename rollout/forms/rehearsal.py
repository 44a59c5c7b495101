"""How much of the future is rehearsed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from rollout.rehearsal import MOST_DAYS

USUAL = 14


class RehearsalForm(forms.Form):
    days = forms.IntegerField(
        label=_("Days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL,
        widget=forms.NumberInput({"class": "form-control"}),
    )
    is_unapproved = forms.BooleanField(
        label=_("Leave out what nobody has approved yet"),
        required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )
