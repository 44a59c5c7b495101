"""What a manager says to a request for a later date, or enters for somebody."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.lengths import MOST_NOTE, MOST_WORDS
from cohorts.models import Cohort

APPROVE, REFUSE = "approve", "refuse"


class ReturnForm(forms.Form):
    """With which cohort the person comes back, and the last day that would do."""

    to_cohort = forms.ChoiceField(label=gettext_lazy("Return cohort"), required=False)
    until = forms.DateField(
        label=gettext_lazy("At the latest until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=gettext_lazy("The return cohort switches on this day or before it."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=MOST_NOTE,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("The person reads it on their own page."),
    )

    def __init__(self, *args: Any, cohorts: Sequence[Cohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cohorts = {str(cohort.pk): cohort for cohort in cohorts}
        cast("forms.ChoiceField", self.fields["to_cohort"]).choices = [
            ("", _("Choose a cohort")),
            *(
                (key, f"{one.name}, {date_format(one.switch_on)}")
                for key, one in self.cohorts.items()
            ),
        ]

    def need_return(self) -> None:
        """Complain about what an approval lacks."""
        for name in ("to_cohort", "until"):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, _("An approval needs this."))

    def approval(self) -> dict[str, Any]:
        """Arguments of ``approve_deferral``."""
        data = self.cleaned_data
        return {
            "to_cohort": self.cohorts[data["to_cohort"]],
            "until": cast("date", data["until"]),
            "note": data["note"],
        }


class DecisionForm(ReturnForm):
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[(APPROVE, gettext_lazy("Approve")), (REFUSE, gettext_lazy("Refuse"))],
        widget=forms.RadioSelect,
    )
    field_order = ("decision", "to_cohort", "until", "note")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == APPROVE:
            self.need_return()
        return data


class EnterForm(ReturnForm):
    """A deferral that a manager enters and approves at once."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=MOST_WORDS, widget=forms.Textarea({"rows": 3})
    )
    field_order = ("reason", "to_cohort", "until", "note")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.need_return()
        return data
