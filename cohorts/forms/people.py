"""The forms of the people list: its filter, and the bar that puts people into a cohort."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.enums import ParticipantStatus
from cohorts.forms.choices import BIGGEST_ID, NO_COHORT, CohortChoice, CohortForm, IdsField
from cohorts.queries.people import EVERYBODY, PeopleFilter, departments


class PeopleFilterForm(CohortForm):
    """The people list's filter; it lives in the address, as do the ids that pages begin at."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": ""}),
    )
    department = forms.ChoiceField(label=gettext_lazy("Department"), required=False)
    cohort = CohortChoice(label=gettext_lazy("Cohort"), required=False)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[
            ("", gettext_lazy("Active")),
            (ParticipantStatus.LEFT.value, gettext_lazy("Left")),
            (EVERYBODY, gettext_lazy("Everybody")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(("", gettext_lazy("All")), (NO_COHORT, gettext_lazy("In no cohort")))
        names = [("", gettext_lazy("All")), *((name, name) for name in departments(self.project))]
        cast("forms.ChoiceField", self.fields["department"]).choices = names

    def wanted(self) -> PeopleFilter:
        data = self.cleaned_data
        return PeopleFilter(
            q=data["q"],
            department=data["department"],
            cohort=self.chosen(),
            is_without_cohort=data["cohort"] == NO_COHORT,
            status=data["status"] or ParticipantStatus.ACTIVE,
        )

    def query(self, **more: object) -> str:
        """The filter as the query of an address, without empty parts and without a page."""
        query = QueryDict(mutable=True)
        given = {name: self.cleaned_data.get(name) for name in self.fields}
        query.update({name: str(value) for name, value in {**given, **more}.items() if value})
        return query.urlencode()


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
