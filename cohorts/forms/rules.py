"""The forms of rules: what one looks at, whom it takes, its place, and what is moved besides."""

from typing import Any, cast

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.enums import CohortStatus, RuleField
from cohorts.forms.choices import CohortForm
from cohorts.models import Cohort, CohortRule
from cohorts.planning import (
    DOWN,
    MOST_VALUES,
    STAYS,
    TOGETHER,
    UNTICKED,
    UP,
    PlacementChoice,
    RuleDraft,
)
from cohorts.queries.rules import columns_in_use, suggestions
from projects.models import Project

COLUMN = f"{RuleField.ATTRIBUTE}:"
AS_BOXES = 40


class LooksAtForm(forms.Form):
    """What a new rule looks at; it lives in the address of the page that asks for the rest."""

    looks_at = forms.ChoiceField(label=gettext_lazy("A rule that looks at"), required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain = [
            (field.value, capfirst(field.label))
            for field in RuleField
            if field != RuleField.ATTRIBUTE
        ]
        columns = [(f"{COLUMN}{name}", name) for name in columns_in_use(project)]
        choices = [*plain, *([(_("Further columns"), columns)] if columns else [])]
        cast("forms.ChoiceField", self.fields["looks_at"]).choices = choices

    def wanted(self) -> tuple[str, str]:
        """(field, attribute)."""
        chosen = self.cleaned_data["looks_at"] or RuleField.EVERYBODY.value
        field, _colon, attribute = chosen.partition(":")
        return field, attribute


class RuleForm(CohortForm):
    """Everything else of a rule. Values are ticked, or typed one on a line."""

    cohort = forms.ChoiceField(label=gettext_lazy("Goes into"))
    ticked = forms.MultipleChoiceField(label=gettext_lazy("One of"), required=False)
    typed = forms.CharField(
        label=gettext_lazy("Others, one on a line"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea({"rows": 4}),
    )
    sample_percent = forms.IntegerField(
        label=gettext_lazy("Only a random part, in percent"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=gettext_lazy("The same people at every run. Empty: all of them."),
    )
    keep_together = forms.ChoiceField(
        label=gettext_lazy("Keep together"),
        required=False,
        help_text=gettext_lazy("All of a group come in, or none of them."),
    )
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(self, *args: Any, field: str, attribute: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field, self.attribute = field, attribute
        self.offer(("", _("Choose a cohort")))
        groups = [(field.value, _("Each %(field)s") % {"field": field.label}) for field in TOGETHER]
        choice = cast("forms.ChoiceField", self.fields["keep_together"])
        choice.choices = [("", _("Nobody in particular")), *groups]
        if field == RuleField.EVERYBODY:
            del self.fields["ticked"], self.fields["typed"]
            return
        self._suggest(suggestions(self.project, field, attribute))

    def offer(self, *before: tuple[str, Any]) -> None:
        planned = [c for c in self.cohorts.values() if c.status == CohortStatus.PLANNED]
        self.cohorts = {str(cohort.pk): cohort for cohort in planned}
        super().offer(*before)

    def _suggest(self, known: tuple[str, ...]) -> None:
        if not known:
            del self.fields["ticked"]
            self.fields["typed"].label = _("One of, one on a line")
            return
        ticked = cast("forms.MultipleChoiceField", self.fields["ticked"])
        few = len(known) <= AS_BOXES
        ticked.widget = (
            forms.CheckboxSelectMultiple() if few else forms.SelectMultiple({"size": 10})
        )
        ticked.choices = [(value, value) for value in known]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        lines = [line.strip() for line in data.get("typed", "").splitlines()]
        data["values"] = list(dict.fromkeys([*data.get("ticked", []), *filter(None, lines)]))
        if self.field != RuleField.EVERYBODY and not data["values"] and not self.errors:
            self.add_error(None, _("Say at least one value."))
        if any(len(value) > 320 for value in data["values"]):
            self.add_error("typed", _("A value has at most 320 characters."))
        if len(data["values"]) > MOST_VALUES:
            self.add_error("typed", _("A rule names at most %(n)s values.") % {"n": MOST_VALUES})
        return data

    def chosen_cohort(self) -> Cohort:
        return self.cohorts[self.cleaned_data["cohort"]]

    def draft(self) -> RuleDraft:
        data = self.cleaned_data
        return RuleDraft(
            field=self.field,
            attribute=self.attribute,
            values=tuple(data["values"]),
            sample_percent=data["sample_percent"],
            keep_together=data["keep_together"],
        )

    @staticmethod
    def shown(rule: CohortRule, known: tuple[str, ...]) -> dict[str, Any]:
        """What the form shows of a rule; values that nobody has are among the typed ones."""
        return {
            "cohort": str(rule.cohort_id),
            "ticked": [value for value in rule.values if value in known],
            "typed": "\n".join(value for value in rule.values if value not in known),
            "sample_percent": rule.sample_percent,
            "keep_together": rule.keep_together,
        }


class RuleChangeForm(forms.Form):
    """One of the buttons beside a rule."""

    ON, OFF, REMOVE = "on", "off", "remove"

    what = forms.ChoiceField(choices=[(word, word) for word in (UP, DOWN, ON, OFF, REMOVE)])


class PlacementForm(forms.Form):
    """Whom rules move besides those they have placed; it lives in the preview's address."""

    also = forms.MultipleChoiceField(
        label=gettext_lazy("Move these people as well"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(key, STAYS[key]) for key in UNTICKED],
    )
    digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def wanted(self) -> PlacementChoice:
        return PlacementChoice(also=frozenset(self.cleaned_data["also"]))
