"""The number of people that stood on the button of a project that goes on."""

from django import forms


class ResumeForm(forms.Form):
    people = forms.IntegerField(min_value=0, max_value=2**31 - 1)
