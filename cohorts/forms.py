"""From a form to clean values; which cohorts may be chosen comes from the project."""

from typing import Any, cast

from django import forms
from django.http import Http404, QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.enums import ParticipantStatus
from cohorts.models import Cohort
from cohorts.modes.plan import ModePlan
from cohorts.queries.people import EVERYBODY, PeopleFilter, departments
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


class PageForm(forms.Form):
    """Where a page of the list begins: behind one person's id or in front of another's."""

    after = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST_ID)
    before = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST_ID)


class IdsField(forms.Field):
    """Ids ticked in a list; whether they are ours is asked by access, in one query."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        given = [text for text in value or [] if text]
        plain = all(text.isascii() and text.isdecimal() and len(text) < 19 for text in given)
        if not plain or len(given) > MOST_PICKED:
            raise forms.ValidationError(_("Tick the people again; the list was not understood."))
        return [int(text) for text in given]


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
        return _small_enough(self.cleaned_data["file"], sentence)


class CohortNameForm(forms.Form):
    """``seen`` is the fingerprint of the name the form was filled with."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)


class ModesForm(forms.Form):
    """An export of modes, or the results of a script."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("An export of modes, or the results that a script has written."),
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,text/csv"}),
    )

    def clean_file(self) -> Any:
        sentence = _("The file has %(size)s; at most %(most)s. Use the command verify_modes.")
        return _small_enough(self.cleaned_data["file"], sentence)


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


def _small_enough(file: Any, sentence: str) -> Any:
    if file.size > MOST_BYTES:
        figures = {"size": filesizeformat(file.size), "most": filesizeformat(MOST_BYTES)}
        raise forms.ValidationError(sentence % figures)
    return file
