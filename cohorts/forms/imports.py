"""The forms of an import of people."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.forms.choices import CohortChoice, CohortForm, small_enough


class ImportForm(CohortForm):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("UTF-8; columns divided by comma, semicolon or tab."),
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,text/csv"}),
    )
    cohort = CohortChoice(
        label=gettext_lazy("Put everybody into"),
        required=False,
        help_text=gettext_lazy("People of another cohort of the same kind move here."),
    )
    is_strict = forms.BooleanField(
        label=gettext_lazy("All or nothing: one bad row stops the import"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(("", gettext_lazy("No cohort yet")))

    def clean_file(self) -> Any:
        sentence = _("The file has %(size)s; at most %(most)s. Use the command import_people.")
        return small_enough(self.cleaned_data["file"], sentence)
