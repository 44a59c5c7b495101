"""From a form to clean values; what may be chosen comes from the project the view has fetched.

Every form that edits a row carries ``seen``, the fingerprint of what it was filled from.
"""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_zone
from projects.enums import (
    RISK_TRANSITIONS,
    AccessRole,
    GateChoice,
    Level,
    RiskStatus,
    StepStatus,
)
from projects.models import Project, ReadinessCheck, Stakeholder
from projects.queries.people import owners_of, roles_of
from projects.queries.steps import NOBODY, StepFilter


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


def _text(label: Any, rows: int = 4, *, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=20_000,
        widget=forms.Textarea({"rows": rows}),
        **more,
    )


def _offer(form: forms.Form, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """What may be chosen in a field, where that depends on the project."""
    cast("forms.ChoiceField", form.fields[name]).choices = list(choices)


class SeenForm(forms.Form):
    """``seen`` travels along unchanged; an empty one means: do not compare.

    ``saved`` names, after a conflict, what somebody else has saved meanwhile.
    """

    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    saved: tuple[tuple[str, str], ...] = ()

    def compare(self, row: Any, seen: str) -> None:
        """Keep what was typed, show beside it what ``row`` holds now, and let ``seen`` be what the
        next attempt is compared with."""
        self.saved = tuple(
            (str(bound.label), _in_words(bound, getattr(row, bound.name)))
            for bound in self.visible_fields()
            if _as_sent(bound.field.prepare_value(getattr(row, bound.name)))
            != _as_sent(bound.value())
        )
        data = cast("QueryDict", self.data).copy()
        data[self.add_prefix("seen")] = seen
        self.data = data


def _as_sent(value: Any) -> Any:
    """A value as a form sends it, so that what is saved and what was typed can be compared."""
    if isinstance(value, list | tuple):
        return sorted(map(str, value))
    return "" if value in (None, False) else str(value)


def _in_words(bound: forms.BoundField, value: Any) -> str:
    words = {str(key): str(word) for key, word in getattr(bound.field, "choices", ())}
    values = value if isinstance(value, list) else [value]
    shown = [words.get(_as_sent(bound.field.prepare_value(one)), _as_sent(one)) for one in values]
    return ", ".join(shown) or "–"


class OwnerField(forms.ModelChoiceField):
    def __init__(self, project: Project) -> None:
        super().__init__(
            owners_of(project), label=_("Owner"), required=False, empty_label=_("Nobody yet")
        )


class StepFilterForm(forms.Form):
    """The step list's filter; it lives in the address."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search"}),
    )
    status = forms.ChoiceField(label=_("Status"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("Everything")),
            ("overdue", _("Overdue")),
            ("warning", _("With a warning")),
        ],
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = [(str(person.pk), person.name) for person in owners_of(project)]
        _offer(self, "status", [("", _("All")), *StepStatus.choices])
        _offer(self, "owner", [("", _("Everyone")), (NOBODY, _("Nobody yet")), *owners])

    def wanted(self) -> StepFilter:
        data = self.cleaned_data
        return StepFilter(
            status=data["status"], owner=data["owner"], show=data["show"], text=data["q"].strip()
        )


class StepStatusForm(forms.Form):
    status = forms.ChoiceField(label=_("Status"), choices=StepStatus.choices)
    note = forms.CharField(required=False, max_length=2000)


class StepForm(SeenForm):
    starts_on = _day(_("First day"))
    ends_on = _day(_("Last day"))

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"owner": OwnerField(project), **self.fields}


class EvidenceForm(forms.Form):
    note = _text(_("Note"), 3)
    url = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data["note"] and not data["url"]:
            raise forms.ValidationError(_("Write a note or give a link."))
        return data


class MeasurementForm(forms.Form):
    value = forms.DecimalField(label=_("Figure"), max_digits=12, decimal_places=2)
    n = forms.IntegerField(
        label=_("Number of cases"),
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        help_text=_("How many answers, calls or people it rests on."),
    )
    note = forms.CharField(label=_("Where it comes from"), required=False, max_length=500)


class RiskForm(SeenForm):
    title = forms.CharField(label=_("Risk"), max_length=300)
    likelihood = forms.ChoiceField(label=_("Likelihood"), choices=Level.choices)
    impact = forms.ChoiceField(label=_("Impact"), choices=Level.choices)
    mitigation = _text(_("What we do about it"))

    def __init__(
        self, *args: Any, project: Project, status: str | None = None, **kwargs: Any
    ) -> None:
        """``status`` is that of the risk being changed; a new one has none to choose."""
        super().__init__(*args, **kwargs)
        self.fields["owner"] = OwnerField(project)
        if status is not None:
            reachable = {status, *RISK_TRANSITIONS[RiskStatus(status)]}
            choices = [(key, word) for key, word in RiskStatus.choices if key in reachable]
            self.fields["status"] = forms.ChoiceField(label=_("Status"), choices=choices)


class ReadinessForm(SeenForm):
    is_blocking = forms.BooleanField(label=_("Nothing may go on like this"), required=False)

    def __init__(self, *args: Any, check: ReadinessCheck, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"answer": _answer_field(check), **self.fields}


def _answer_field(check: ReadinessCheck) -> forms.Field:
    if check.kind == "yes_no":
        choices = [("", _("Not answered")), ("yes", _("Yes")), ("no", _("No"))]
        return forms.ChoiceField(label=_("Answer"), required=False, choices=choices)
    if check.kind == "choice":
        choices = [("", _("Not answered")), *((text, text) for text in check.choices)]
        return forms.ChoiceField(label=_("Answer"), required=False, choices=choices)
    if check.kind == "number":
        return forms.DecimalField(label=_("Answer"), required=False, max_digits=20)
    return _text(_("Answer"))


class ScopeForm(SeenForm):
    vision = _text(_("Vision"), 5, help_text=_("Why we do this, in words people would use."))
    scope = _text(_("Scope"), 8, help_text=_("Who and what is part of it, and what is not."))


class SettingsForm(SeenForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    timezone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        validators=[validate_zone],
        help_text=_("Like Europe/Berlin."),
    )
    help_contact = forms.CharField(
        label=_("Help contact"),
        required=False,
        max_length=200,
        help_text=_("Where people turn with questions; mails name it."),
    )


class StakeholderForm(SeenForm):
    """``is_new`` asks for the address too; it is the person's identity and stays as it is."""

    name = forms.CharField(label=_("Name"), max_length=200)
    access = forms.ChoiceField(
        label=_("Access"),
        choices=AccessRole.choices,
        initial=AccessRole.NONE,
        help_text=_("With access, a person without an account is invited by mail."),
    )
    role_codes = forms.MultipleChoiceField(
        label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        project: Project,
        stakeholder: Stakeholder | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "role_codes", [(role.code, role.title) for role in roles_of(project)])
        if stakeholder is None:
            address = forms.EmailField(label=_("E-mail address"))
            self.fields = {"name": self.fields.pop("name"), "email": address, **self.fields}


class GateDecisionForm(forms.Form):
    """``seen`` is the digest of the figures that the page showed."""

    choice = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (GateChoice.GO, _("Go: everything holds")),
            (GateChoice.WAIVER, _("Waiver: go for a while, although something is missing")),
            (GateChoice.NO_GO, _("No-go")),
        ],
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label=_("Waiver holds until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("For a waiver only: its last day."),
    )
    note = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Needed for no-go and for a waiver. Everybody in the project can read it."),
    )
    seen = forms.CharField(max_length=32, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        choice = data.get("choice")
        if choice == GateChoice.WAIVER and not data.get("until") and "until" not in self.errors:
            self.add_error("until", _("Say until when the waiver holds."))
        if choice in (GateChoice.WAIVER, GateChoice.NO_GO) and not data.get("note"):
            self.add_error("note", _("Say why, so that everybody can read it later."))
        return data


class ConfirmForm(forms.Form):
    """Whether a criterion without a figure holds: "1" or nothing."""

    holds = forms.BooleanField(required=False)


class ActivityForm(forms.Form):
    """Where a page of the record begins: the id of a neighbouring line."""

    before = forms.IntegerField(required=False, min_value=1)
    after = forms.IntegerField(required=False, min_value=0)
