"""A new cohort, whom it takes out of another one, and which one takes over."""

from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.enums import CohortKind, CohortStatus, RuleField
from cohorts.models import Cohort
from cohorts.planning import MOST_VALUES, TOGETHER, CohortPlan, RuleDraft
from cohorts.queries.rules import columns_in_use
from common.forms import ZoneField
from projects.models import Project, Stakeholder
from projects.queries.people import owners_of
from projects.schedule import FIRST_DAY, LAST_DAY
from rollout.forms.reschedule import DateInput, TimeInput
from rollout.waves import SplitDraft, WaveDraft

BIGGEST = 2**31 - 1
USUAL_DAYS = 14
COLUMN = f"{RuleField.ATTRIBUTE}:"
COPIED = (
    "kind",
    "switch_time",
    "timezone",
    "from_mode",
    "to_mode",
    "capacity",
    "is_bookable",
    "booking_closes_days",
)


class WaveForm(forms.Form):
    """``like`` is the cohort it is filled from, without its dates and without its people."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=CohortKind.choices)
    switch_on = forms.DateField(label=gettext_lazy("Switch date"), widget=DateInput())
    switch_time = forms.TimeField(label=gettext_lazy("Switch time"), widget=TimeInput())
    timezone = ZoneField()
    ends_on = forms.DateField(
        label=gettext_lazy("Ends on"),
        widget=DateInput(),
        required=False,
        help_text=gettext_lazy("The survey's last day. Empty: as long as other cohorts."),
    )
    from_mode = forms.ChoiceField(label=gettext_lazy("From mode"))
    to_mode = forms.ChoiceField(label=gettext_lazy("To mode"))
    owner = forms.ModelChoiceField(
        Stakeholder.objects.none(),
        label=gettext_lazy("Owner"),
        required=False,
        empty_label=gettext_lazy("Nobody yet"),
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Places"),
        required=False,
        min_value=0,
        max_value=BIGGEST,
        help_text=gettext_lazy("Empty: as many as come."),
    )
    is_bookable = forms.BooleanField(
        label=gettext_lazy("People may choose this date themselves"), required=False
    )
    booking_closes_days = forms.IntegerField(
        label=gettext_lazy("Choice closes, days before the switch"), min_value=0, max_value=365
    )

    def __init__(self, *args: Any, project: Project, like: Cohort | None, **kwargs: Any) -> None:
        initial = _filled(project, like)
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.project, self.like = project, like
        self.fields["owner"].queryset = owners_of(project)
        modes = project.playbook_snapshot.get("modes", ())
        for name in ("from_mode", "to_mode"):
            choices = [(mode["key"], mode["title"]) for mode in modes]
            self.fields[name].choices = choices

    def clean_switch_on(self) -> Any:
        return self._in_calendar("switch_on")

    def clean_ends_on(self) -> Any:
        return self._in_calendar("ends_on")

    def draft(self, copied_from: int | None = None) -> WaveDraft:
        """What was said; only of a valid form."""
        data = self.cleaned_data
        names = ("name", "switch_on", "from_mode", "to_mode", *COPIED)
        owner = data["owner"]
        return WaveDraft(
            cohort=CohortPlan(
                position=0,
                ends_on=data["ends_on"] or data["switch_on"] + self._length(),
                owner_id=owner.pk if owner else None,
                **{name: data[name] for name in dict.fromkeys(names)},
            ),
            copied_from=copied_from,
        )

    def _length(self) -> timedelta:
        if self.like is not None:
            return self.like.ends_on - self.like.switch_on
        recipe = self.project.playbook_snapshot.get("cohort_recipe", {})
        return timedelta(days=recipe.get("wave_length_days", USUAL_DAYS))

    def _in_calendar(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("Choose a date between 2000 and 2100."))
        return day


class SplitForm(WaveForm):
    """A new cohort and whom of the old one it takes."""

    looks_at = forms.ChoiceField(label=gettext_lazy("Who goes into the new cohort"))
    values = forms.CharField(
        label=gettext_lazy("Is one of, one on a line"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea({"rows": 3}),
    )
    sample_percent = forms.IntegerField(
        label=gettext_lazy("Only a random part, in percent"),
        required=False,
        min_value=1,
        max_value=99,
    )
    keep_together = forms.ChoiceField(
        label=gettext_lazy("Keep together"),
        required=False,
        help_text=gettext_lazy("All of a group go, or none of them."),
    )
    field_order = ("looks_at", "values", "sample_percent", "keep_together")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["kind"]
        plain = [field for field in RuleField if field != RuleField.ATTRIBUTE]
        choices: list[tuple[str, Any]] = [(one.value, capfirst(one.label)) for one in plain]
        choices += [(f"{COLUMN}{name}", name) for name in columns_in_use(self.project)]
        self.fields["looks_at"].choices = choices
        groups = [(one.value, _("Each %(field)s") % {"field": one.label}) for one in TOGETHER]
        groups.insert(0, ("", _("Nobody in particular")))
        self.fields["keep_together"].choices = groups

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        lines = [line.strip() for line in data.get("values", "").splitlines()]
        data["lines"] = tuple(dict.fromkeys(filter(None, lines)))
        if self.like is not None:
            data["kind"] = self.like.kind
        everybody = data.get("looks_at") == RuleField.EVERYBODY
        if everybody and not data.get("sample_percent") and "sample_percent" not in self.errors:
            self.add_error("sample_percent", _("Say how many percent go, or look at something."))
        if "looks_at" in data and not everybody and not data["lines"]:
            self.add_error("values", _("Say at least one value."))
        if len(data["lines"]) > MOST_VALUES or any(len(line) > 320 for line in data["lines"]):
            self.add_error("values", _("These are too many values, or one of them is too long."))
        return data

    def split(self, cohort: Cohort) -> SplitDraft:
        data = self.cleaned_data
        field, _colon, attribute = data["looks_at"].partition(":")
        who = RuleDraft(
            field=field,
            attribute=attribute,
            values=() if field == RuleField.EVERYBODY else data["lines"],
            sample_percent=data["sample_percent"],
            keep_together=data["keep_together"],
        )
        return SplitDraft(cohort_id=cohort.pk, who=who)


class MergeForm(forms.Form):
    """The cohort that takes everybody; ``expected`` is how many were shown."""

    into = forms.ModelChoiceField(
        Cohort.objects.none(), label=gettext_lazy("Everybody goes into"), empty_label=None
    )
    expected = forms.IntegerField(min_value=0, max_value=BIGGEST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = cohort.project.cohorts.filter(kind=cohort.kind, status=CohortStatus.PLANNED)
        self.fields["into"].queryset = others.exclude(pk=cohort.pk)


class CancelForm(forms.Form):
    """``expected`` is how many people were shown."""

    expected = forms.IntegerField(min_value=0, max_value=BIGGEST, widget=forms.HiddenInput)


def _filled(project: Project, like: Cohort | None) -> dict[str, Any]:
    if like is not None:
        return {"owner": like.owner_id, **{name: getattr(like, name) for name in COPIED}}
    return {
        "kind": CohortKind.WAVE,
        "switch_time": "18:00",
        "timezone": project.timezone,
        "from_mode": project.from_mode,
        "to_mode": project.to_mode,
        "booking_closes_days": 7,
    }
