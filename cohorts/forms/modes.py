"""The forms of modes: reports and results, the list of drift, the script to export."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.forms.choices import CohortChoice, CohortForm, IdsField, small_enough
from cohorts.modes.plan import ModePlan


class ModesForm(forms.Form):
    """An export of modes, or the results of a script."""

    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"),
        help_text=gettext_lazy("An export of modes, or the results that a script has written."),
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )

    def clean_file(self) -> Any:
        sentence = _("The file has %(size)s; at most %(most)s. Use the command verify_modes.")
        return small_enough(self.cleaned_data["file"], sentence)


class DriftForm(CohortForm):
    """The filter of the list of drift; it lives in the address."""

    cohort = CohortChoice(label=gettext_lazy("Cohort"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(("", gettext_lazy("All")))

    def query(self, **more: object) -> str:
        """The filter as the query of an address, without a page."""
        query = QueryDict(mutable=True)
        given = {"cohort": self.cleaned_data.get("cohort"), **more}
        query.update({name: str(value) for name, value in given.items() if value})
        return query.urlencode()


class RequeueForm(forms.Form):
    people = IdsField()


class MethodForm(forms.Form):
    """How modes are changed: one of the playbook's ways."""

    method = forms.ChoiceField(label=gettext_lazy("How"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, plan: ModePlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["method"])
        field.choices = [(method.key, method.title) for method in plan.mode_methods]
        if plan.mode_methods:
            field.initial = plan.mode_methods[0].key
