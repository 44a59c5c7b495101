"""The forms of a cohort itself."""

from django import forms
from django.utils.translation import gettext_lazy


class CohortNameForm(forms.Form):
    """``seen`` is the fingerprint of the name the form was filled with."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
