"""Filters and choices of the pages of communications."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communications.enums import DeliveryState, OccurrenceState, UncertainDecision
from communications.queries.reach import GETS_IT, REASONS
from projects.models import Project

CURSOR = re.compile(r"(?P<due>[^~]*)~(?P<pk>\d{1,18})\Z")
ANY = ("", _("Any"))


class SeenForm(forms.Form):
    """The number of people that stood on the button."""

    people = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class ApproveForm(SeenForm):
    """``mark`` is another number for other people; ``text`` is the message's revision."""

    mark = forms.IntegerField(min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)
    text = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class DecideForm(forms.Form):
    """What becomes of uncertain mails: of one person's, or of all where none is named. All are sent
    again only with the number of them that stood on the button."""

    decision = forms.ChoiceField(choices=UncertainDecision)
    delivery = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    people = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        is_all = data.get("delivery") is None
        is_again = data.get("decision") == UncertainDecision.SEND_AGAIN
        if is_all and is_again and data.get("people") is None:
            self.add_error("people", _t("Press the button once more: its number did not arrive."))
        return data

    def clean_decision(self) -> UncertainDecision:
        return UncertainDecision(self.cleaned_data["decision"])


class PersonForm(forms.Form):
    """Whose mail a preview shows."""

    who = forms.CharField(
        label=_("Find a person"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )
    person = forms.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, widget=forms.HiddenInput
    )


class WindowForm(forms.Form):
    """The calendar's first day, and which lines it shows."""

    start = forms.DateField(required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(label=_("State"), required=False)
    cohort = forms.TypedChoiceField(label=_("Cohort"), required=False, coerce=int, empty_value=None)
    phase = forms.TypedChoiceField(label=_("Phase"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [ANY, *OccurrenceState.choices]
        self.fields["cohort"].choices = [ANY, *project.cohorts.values_list("pk", "name")]
        self.fields["phase"].choices = [ANY, *project.phases.values_list("pk", "title")]
        for name in ("state", "cohort", "phase"):
            self.fields[name].widget.attrs["class"] = "form-select"


class OccurrenceFilter(forms.Form):
    """Which occurrences are listed; ``after`` is where the page before ended."""

    state = forms.ChoiceField(label=_("State"), choices=(), required=False)
    cohort = forms.TypedChoiceField(
        label=_("Cohort"), choices=(), required=False, coerce=int, empty_value=None
    )
    after = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [ANY, *OccurrenceState.choices]
        self.fields["cohort"].choices = [ANY, *project.cohorts.values_list("pk", "name")]
        for name in ("state", "cohort"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def clean_after(self) -> tuple[datetime | None, int] | None:
        text = self.cleaned_data["after"]
        if not text:
            return None
        match = CURSOR.match(text)
        if match is None:
            raise forms.ValidationError(_t("This is not the address of a page of this list."))
        due, pk = match["due"], int(match["pk"])
        if not due:
            return None, pk
        return _instant(due), pk


class PeopleFilter(forms.Form):
    """Which rows of a ledger are listed; ``after`` and ``before`` are keys of rows."""

    words = forms.CharField(
        label=_("Name or address"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[ANY, *DeliveryState.choices],
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    after = forms.IntegerField(
        min_value=0, max_value=2**63 - 1, required=False, widget=forms.HiddenInput
    )
    before = forms.IntegerField(
        min_value=0, max_value=2**63 - 1, required=False, widget=forms.HiddenInput
    )


class AudienceFilter(forms.Form):
    """Which people of an audience are listed: those who get it, or those left out for a reason."""

    words = forms.CharField(
        label=_("Name or address"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )
    why = forms.ChoiceField(
        label=_("Who"),
        choices=[ANY, (GETS_IT, _("gets it")), *REASONS.items()],
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    after = forms.IntegerField(
        min_value=0, max_value=2**63 - 1, required=False, widget=forms.HiddenInput
    )


class MailboxForm(forms.Form):
    """Which mails of the development mailbox are listed."""

    words = forms.CharField(
        label=_("From, to or subject"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )


def cursor(due_at: datetime | None, pk: int) -> str:
    """Where a page of occurrences ended, for the next one's address."""
    return f"{due_at.isoformat() if due_at else ''}~{pk}"


def _instant(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise forms.ValidationError(_t("This is not the address of a page of this list."))
    return found
