"""The forms of one person's page."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LAST_YEAR = 2100
MICROSECONDS = 1_000_000
LAST_MOMENT = 4_102_444_800 * MICROSECONDS  # the end of 2099


class TimelinePageForm(forms.Form):
    """``before``: microseconds since 1970, at which the page of the timeline begins."""

    before = forms.IntegerField(required=False, min_value=0, max_value=LAST_MOMENT)

    def moment(self) -> datetime | None:
        given = self.cleaned_data["before"]
        if given is None:
            return None
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=given)


def as_place(at: datetime) -> int:
    """The moment as ``TimelinePageForm`` reads it."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class ChangeForm(forms.Form):
    """One press of a button on the page."""

    GLOVE_ON, GLOVE_OFF = "glove_on", "glove_off"
    CHAMPION_ON, CHAMPION_OFF = "champion_on", "champion_off"
    LEFT, BACK, RELEASE = "left", "back", "release"
    ALL = (GLOVE_ON, GLOVE_OFF, CHAMPION_ON, CHAMPION_OFF, LEFT, BACK, RELEASE)

    what = forms.ChoiceField(choices=[(one, one) for one in ALL])


class SilenceForm(forms.Form):
    """No mail to an address: why, and until when."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    last_day = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("The last day without mail. Empty: for good."),
        widget=forms.DateInput({"type": "date"}),
    )

    def __init__(self, *args: Any, today: date, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.zone = today, ZoneInfo(zone)

    def clean_last_day(self) -> date | None:
        day = cast("date | None", self.cleaned_data["last_day"])
        if day is not None and not self.today <= day <= date(LAST_YEAR, 1, 1):
            raise forms.ValidationError(_("Choose a day from today on, or none."))
        return day

    def until(self) -> datetime | None:
        """The end of the last day, in the project's zone."""
        day = self.cleaned_data["last_day"]
        return datetime.combine(day + timedelta(days=1), time(), self.zone) if day else None
