"""The forms of the people list: its filter, and the bar that puts people into a cohort."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.enums import CohortKind, ModeState, ParticipantStatus
from cohorts.forms.choices import (
    BIGGEST_ID,
    NO_COHORT,
    CohortChoice,
    CohortForm,
    IdsField,
    PageForm,
)
from cohorts.progress import Progress
from cohorts.queries.people import EVERYBODY, PeopleFilter
from cohorts.queries.places import PLACES, is_in_use, values_in_use

ALL = ("", gettext_lazy("All"))
YES_NO = (ALL, ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))
MAIN = ("q", "cohort", "department", "status")
MOST_SIGNS = 320


class Choice(forms.ChoiceField):
    """One of a list; anything else is refused in words."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("“%(value)s” is not in the list. Choose another."),
    }


class PlaceField(Choice):
    """A value that people of the project have; the list may show fewer than there are."""

    project: Any
    column: str

    def valid_value(self, value: Any) -> bool:
        return super().valid_value(value) or is_in_use(self.project, self.column, value)

    def validate(self, value: Any) -> None:
        if len(value) > MOST_SIGNS:
            raise forms.ValidationError(_("That is too long. Choose one of the list."))
        super().validate(value)


class Only(forms.MultipleChoiceField):
    """Marks that people must have, all of them."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("“%(value)s” is not in the list. Tick another."),
    }
    DEFERRED, BLOCKED, GLOVE = "deferred", "blocked", "white_glove"
    CHAMPION, NO_ADDRESS = "champion", "no_address"
    MARKS = (
        (DEFERRED, gettext_lazy("Deferred")),
        (BLOCKED, gettext_lazy("Blocked")),
        (GLOVE, gettext_lazy("White glove")),
        (CHAMPION, gettext_lazy("Champion")),
        (NO_ADDRESS, gettext_lazy("Without an address")),
    )


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is set; ``query`` is the address without it."""

    label: str
    value: str
    query: str


class PeopleFilterForm(CohortForm):
    """The people list's filter; it lives in the address, as do the ids that pages begin at."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": ""}),
    )
    department = PlaceField(label=gettext_lazy("Department"), required=False)
    cohort = CohortChoice(label=gettext_lazy("Cohort"), required=False)
    status = Choice(
        label=gettext_lazy("Status"),
        required=False,
        choices=[
            ("", gettext_lazy("Active")),
            (ParticipantStatus.LEFT.value, gettext_lazy("Left")),
            (EVERYBODY, gettext_lazy("Everybody")),
        ],
    )
    country = PlaceField(label=gettext_lazy("Country"), required=False)
    office = PlaceField(label=gettext_lazy("Office"), required=False)
    kind = Choice(label=gettext_lazy("Kind of cohort"), required=False)
    progress = Choice(label=gettext_lazy("Progress"), required=False)
    mode = Choice(label=gettext_lazy("Mode"), required=False)
    told = Choice(label=gettext_lazy("Told"), required=False, choices=YES_NO)
    switched = Choice(label=gettext_lazy("Switched"), required=False, choices=YES_NO)
    attribute = forms.CharField(
        label=gettext_lazy("Further column"),
        required=False,
        max_length=MOST_SIGNS,
        widget=forms.TextInput({"placeholder": gettext_lazy("column=value")}),
    )
    only = Only(
        label=gettext_lazy("Only"),
        required=False,
        choices=Only.MARKS,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(ALL, (NO_COHORT, gettext_lazy("In no cohort")))
        self._choices("kind", CohortKind.choices)
        self._choices("mode", ModeState.choices)
        self._choices("progress", Progress.choices)
        for column, values in values_in_use(self.project).items():
            place = cast("PlaceField", self.fields[column])
            place.project, place.column = self.project, column
            self._choices(column, [(value, value) for value in values])

    def _choices(self, name: str, choices: list[Any]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = [
            ALL,
            *((value, capfirst(str(label))) for value, label in choices),
        ]

    def clean_q(self) -> str:
        # As the roster's names are.
        return unicodedata.normalize("NFC", self.cleaned_data["q"])

    def clean_attribute(self) -> str:
        text: str = self.cleaned_data["attribute"]
        column, sign, value = text.partition("=")
        if text and not (sign and column.strip() and value.strip()):
            raise forms.ValidationError(
                _("Write the column, an equals sign and the value, such as costCenter=4711.")
            )
        return f"{column.strip()}={value.strip()}" if text else ""

    def wanted(self) -> PeopleFilter:
        data = self.cleaned_data
        column, _sign, value = data["attribute"].partition("=")
        only = set(data["only"])
        return PeopleFilter(
            q=data["q"],
            **{place: data[place] for place in PLACES},
            cohort=self.chosen(),
            is_without_cohort=data["cohort"] == NO_COHORT,
            kind=CohortKind(data["kind"]) if data["kind"] else None,
            mode=ModeState(data["mode"]) if data["mode"] else None,
            progress=Progress(data["progress"]) if data["progress"] else None,
            is_told=is_yes(data["told"]),
            is_switched=is_yes(data["switched"]),
            is_deferred=Only.DEFERRED in only,
            is_blocked=Only.BLOCKED in only,
            is_white_glove=Only.GLOVE in only,
            is_champion=Only.CHAMPION in only,
            is_without_address=Only.NO_ADDRESS in only,
            attributes={column: value} if column else {},
            status=data["status"] or ParticipantStatus.ACTIVE,
        )

    def query(self, *, without: tuple[str, str] | None = None, **more: object) -> str:
        """The filter as the query of an address, without empty parts and without a page.

        ``without``: a field and the value to leave out.
        """
        query = QueryDict(mutable=True)
        data = getattr(self, "cleaned_data", {})
        for name, value in {**{name: data.get(name) for name in self.fields}, **more}.items():
            given = value if isinstance(value, list) else [value]
            kept = [str(one) for one in given if one and (name, str(one)) != without]
            if kept:
                query.setlist(name, kept)
        return query.urlencode()

    def chips(self) -> tuple[Chip, ...]:
        """What is set, in words, each with the address that takes it away."""
        return tuple(
            Chip(str(self.fields[name].label), self._word(name, value), self.query(without=both))
            for name, value in self._given()
            for both in ((name, value),)
        )

    def is_more_open(self) -> bool:
        """Whether one of the fields is set that are folded away."""
        given = {name for name, _value in self._given()} | set(self.errors)
        return bool(given - set(MAIN))

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in MAIN]

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in (*MAIN, "only")]

    def _given(self) -> Iterator[tuple[str, str]]:
        data = getattr(self, "cleaned_data", {})
        for name in self.fields:
            value = data.get(name)
            for one in value if isinstance(value, list) else [value]:
                if one:
                    yield name, str(one)

    def _word(self, name: str, value: str) -> str:
        choices = getattr(self.fields[name], "choices", ())
        return str(dict(choices).get(value, value))


def is_yes(text: str) -> bool | None:
    """None for no answer."""
    return text == "yes" if text else None


class PeoplePageForm(PageForm):
    """``is_exact``: count all people, however many match."""

    is_exact = forms.BooleanField(required=False)


class MarkForm(forms.Form):
    """Ticked people have left, or are back."""

    LEFT, BACK = "left", "back"

    mark = forms.ChoiceField(choices=[(LEFT, ""), (BACK, "")])
    people = IdsField(required=False)

    def clean(self) -> dict[str, Any]:
        data = cast("dict[str, Any]", super().clean())
        if "people" not in self.errors and not data["people"]:
            self.add_error(None, _("Tick at least one person."))
        return data


class AssignForm(CohortForm):
    """People of the list into a cohort: the ticked ones, or all that match the list's filter.

    Or the ticked ones out of the cohort the list is filtered by.
    """

    PICKED, MATCHING, OUT = "picked", "matching", "out"

    cohort = CohortChoice(label=gettext_lazy("Put into"), required=False)
    scope = forms.ChoiceField(choices=[(PICKED, ""), (MATCHING, ""), (OUT, "")])
    people = IdsField(required=False)
    expected = forms.IntegerField(
        required=False, min_value=0, max_value=BIGGEST_ID, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The filter of the same page has a cohort field too; ids must differ.
        super().__init__(*args, auto_id="assign_%s", **kwargs)
        self.offer(("", gettext_lazy("Choose a cohort")))

    def clean(self) -> dict[str, Any]:
        data = cast("dict[str, Any]", super().clean())
        scope = data.get("scope")
        if scope != self.OUT and not data.get("cohort") and "cohort" not in self.errors:
            self.add_error("cohort", _("Choose a cohort."))
        if scope == self.MATCHING and data.get("expected") is None:
            self.add_error(None, _("Look at the list again and say how many people you mean."))
        if scope in (self.PICKED, self.OUT) and "people" not in self.errors and not data["people"]:
            self.add_error(None, _("Tick at least one person."))
        return data
