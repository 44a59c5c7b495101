"""A new date for a cohort, and the words of the correction."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort
from cohorts.switching import SwitchDates, dates_of
from common.forms import ZoneField
from communications.correction_text import CorrectionText
from projects.schedule import FIRST_DAY, LAST_DAY


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class RescheduleForm(forms.Form):
    """When the cohort is to switch instead. Without an end the end moves by as many days."""

    switch_on = forms.DateField(label=_("Switch date"), widget=DateInput())
    switch_time = forms.TimeField(label=_("Switch time"), widget=TimeInput())
    timezone = ZoneField()
    ends_on = forms.DateField(
        label=_("Ends on"),
        widget=DateInput(),
        required=False,
        help_text=_("Empty: it ends as many days after the switch as now."),
    )

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        now = dates_of(cohort)
        kwargs["initial"] = {
            "switch_on": now.switch_on,
            "switch_time": now.switch_time,
            "timezone": now.timezone,
        }
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self._now = now

    def clean_switch_on(self) -> Any:
        return self._in_calendar("switch_on")

    def clean_ends_on(self) -> Any:
        return self._in_calendar("ends_on")

    def dates(self) -> SwitchDates:
        """What was asked for; only of a valid form."""
        data = self.cleaned_data
        moved = self._now.on(data["switch_on"])
        return SwitchDates(
            switch_on=data["switch_on"],
            switch_time=data["switch_time"],
            timezone=data["timezone"],
            ends_on=data["ends_on"] or moved.ends_on,
        )

    def _in_calendar(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("Choose a date between 2000 and 2100."))
        return day


class CorrectionForm(forms.Form):
    """What those who were told read; both are filled with the usual words."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("Text"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 12}),
        help_text=_("Markdown; names in braces are filled in for each person."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False

    def text(self) -> CorrectionText:
        return CorrectionText(self.cleaned_data["subject"], self.cleaned_data["body"])
