"""The forms of deferrals' and problems' lists, and of a problem itself."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cohorts.enums import DeferralStatus, ProblemStatus
from cohorts.forms.choices import CohortChoice, CohortForm
from cohorts.lengths import MOST_NOTE, MOST_WORDS
from cohorts.queries.deferrals import DeferralFilter
from cohorts.queries.problems import BLOCKING, ProblemFilter


class CaseFilterForm(CohortForm):
    """A list's filter; it lives in the address."""

    status = forms.ChoiceField(label=_("Status"), required=False)
    cohort = CohortChoice(label=_("Cohort"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(("", _("All")))

    def query(self, **more: object) -> str:
        """The filter as the query of an address, without empty parts."""
        query = QueryDict(mutable=True)
        given = {name: self.cleaned_data.get(name) for name in self.fields}
        query.update({name: str(value) for name, value in {**given, **more}.items() if value})
        return query.urlencode()


class DeferralFilterForm(CaseFilterForm):
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All")), *DeferralStatus.choices]
    )

    def wanted(self) -> DeferralFilter:
        return DeferralFilter(self.cleaned_data["status"], self.chosen())


class ProblemFilterForm(CaseFilterForm):
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("All")), (BLOCKING, _("Blocking")), *ProblemStatus.choices],
    )

    def wanted(self) -> ProblemFilter:
        return ProblemFilter(self.cleaned_data["status"], self.chosen())


class ProblemForm(forms.Form):
    """What somebody of the team was told."""

    text = forms.CharField(
        label=_("What is wrong?"), max_length=MOST_WORDS, widget=forms.Textarea({"rows": 4})
    )
    is_blocking = forms.BooleanField(
        label=_("This person cannot switch before it is solved"), required=False
    )


class SolutionForm(forms.Form):
    note = forms.CharField(
        label=_("How was it solved?"),
        max_length=MOST_NOTE,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The person reads it on their own page."),
    )


class WeightForm(forms.Form):
    """Whether a problem blocks; said outright, so that pressing twice is one wish."""

    is_blocking = forms.TypedChoiceField(
        choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes"
    )
