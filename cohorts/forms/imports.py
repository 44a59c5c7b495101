"""The forms of an import of people."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.forms.choices import CohortChoice, CohortForm, small_enough
from cohorts.roster.addresses import visible
from cohorts.roster.columns import (
    EXPORT_NAMES,
    KEPT,
    LEFT_OUT,
    Choices,
    clashing_field,
    folded,
    matched_columns,
)

MOST_BYTES = 256 * 1024 * 1024  # a million people and more; kept in pieces, read by a worker
MOST_PEOPLE = 2**31 - 1
FILES = ".csv,.txt,.tsv,.xlsx,text/csv"
TARGETS = (
    (LEFT_OUT, gettext_lazy("left out")),
    (KEPT, gettext_lazy("kept as a further column")),
    *EXPORT_NAMES.items(),
)


class ImportForm(CohortForm):
    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        help_text=gettext_lazy(
            "CSV in UTF-8, divided by comma, semicolon or tab; or the first sheet of an .xlsx."
        ),
        widget=forms.FileInput({"accept": FILES}),
    )
    cohort = CohortChoice(
        label=gettext_lazy("Put everybody into"),
        required=False,
        help_text=gettext_lazy("People of another cohort of the same kind move here."),
    )
    is_whole = forms.BooleanField(
        label=gettext_lazy("This file is the whole organisation"),
        required=False,
        help_text=gettext_lazy("Whoever is not in it has left. You see first who that would be."),
    )
    is_strict = forms.BooleanField(
        label=gettext_lazy("All or nothing: one bad row stops the import"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(("", gettext_lazy("No cohort yet")))

    def clean_file(self) -> Any:
        sentence = _("The file has %(size)s; at most %(most)s. Use the command import_people.")
        return small_enough(self.cleaned_data["file"], sentence, MOST_BYTES)


class ColumnsForm(forms.Form):
    """What each column of a file is taken as; one field for each, ``column_<its position>``."""

    def __init__(
        self,
        *args: Any,
        header: Sequence[str],
        first: Sequence[str],
        chosen: Choices,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.header = header
        self._places: dict[str, int] = {}
        matched = matched_columns(header, chosen)
        taken = {place: field for field, place in matched.fields.items()}
        taken |= dict.fromkeys(matched.further.values(), KEPT)
        for place, name in enumerate(header):
            if folded(name) and folded(name) not in self._places:
                self._places[folded(name)] = place
                self.fields[f"column_{place}"] = forms.ChoiceField(
                    label=visible(name),
                    help_text=_example(first[place]) if place < len(first) else "",
                    required=False,
                    initial=taken.get(place, LEFT_OUT),
                    choices=TARGETS,
                )

    def clean(self) -> dict[str, Any]:
        if not self.errors and (field := clashing_field(self.header, self.columns())):
            sentence = _("Two columns are to be taken as %(field)s. Choose one of them.")
            self.add_error(None, sentence % {"field": EXPORT_NAMES[field]})
        return self.cleaned_data

    def columns(self) -> dict[str, str]:
        """Folded header -> what it is taken as."""
        return {
            name: self.cleaned_data.get(f"column_{place}", LEFT_OUT)
            for name, place in self._places.items()
        }


def _example(text: str) -> str:
    return escape(_("first row: %(text)s") % {"text": visible(text, 40)}) if text.strip() else ""


class ConfirmForm(forms.Form):
    """The number of people who would leave, typed by whoever says that this is right."""

    leavers = forms.IntegerField(
        label=gettext_lazy("Number of people who leave"),
        required=False,
        min_value=0,
        max_value=MOST_PEOPLE,
    )


class RejectedPageForm(forms.Form):
    """Which page of the rejected rows; it lives in the address."""

    page = forms.IntegerField(required=False, min_value=1, max_value=10_000)
