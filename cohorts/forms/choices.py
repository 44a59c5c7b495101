"""What several forms share: the choice of a cohort, ticked ids, pages, sizes of files."""

from typing import Any, cast

from django import forms
from django.http import Http404
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from cohorts.models import Cohort
from projects.models import Project

NO_COHORT = "none"
MOST_BYTES = 64 * 1024 * 1024
BIGGEST_ID = 2**63 - 1
MOST_PICKED = 500


class CohortChoice(forms.ChoiceField):
    """A cohort of the project; an id that is none of them is a 404, as it is in an address."""

    def validate(self, value: Any) -> None:
        if value and value.isdecimal() and not self.valid_value(value):
            raise Http404
        super().validate(value)


class CohortForm(forms.Form):
    """Base of forms in which a cohort of ``project`` is chosen.

    Two forms of one page share ``cohorts``, so that they are read once.
    """

    def __init__(
        self,
        *args: Any,
        project: Project,
        cohorts: dict[str, Cohort] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.cohorts = cohorts or {str(cohort.pk): cohort for cohort in project.cohorts.all()}

    def offer(self, *before: tuple[str, Any]) -> None:
        """Fill the field ``cohort`` with ``before`` and the project's cohorts."""
        names = [(pk, cohort.name) for pk, cohort in self.cohorts.items()]
        cast("forms.ChoiceField", self.fields["cohort"]).choices = [*before, *names]

    def chosen(self) -> Cohort | None:
        return self.cohorts.get(self.cleaned_data["cohort"])


class IdsField(forms.Field):
    """Ids ticked in a list; whether they are ours is asked by access, in one query."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        given = [text for text in value or [] if text]
        plain = all(text.isascii() and text.isdecimal() and len(text) < 19 for text in given)
        if not plain or len(given) > MOST_PICKED:
            raise forms.ValidationError(_("Tick the people again; the list was not understood."))
        return [int(text) for text in given]


class PageForm(forms.Form):
    """Where a page of the list begins: behind one person's id or in front of another's."""

    after = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST_ID)
    before = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST_ID)


def small_enough(file: Any, sentence: str, most: int = MOST_BYTES) -> Any:
    """The file; ValidationError with ``sentence`` (%(size)s, %(most)s) beyond ``most`` bytes."""
    if file.size > most:
        figures = {"size": filesizeformat(file.size), "most": filesizeformat(most)}
        raise forms.ValidationError(sentence % figures)
    return file
