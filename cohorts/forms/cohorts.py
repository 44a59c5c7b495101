"""The form of a cohort itself."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort
from cohorts.planning import CohortSettings
from projects.models import Stakeholder
from projects.queries.people import owners_of

BIGGEST = 2**31 - 1
CHOOSABLE = ("from_mode", "to_mode")


class CohortSettingsForm(forms.Form):
    """``seen`` is the fingerprint of what the form was filled with.

    ``saved`` names, after a conflict, what somebody else has saved meanwhile.
    """

    name = forms.CharField(label=_("Name"), max_length=100)
    owner = forms.ModelChoiceField(
        Stakeholder.objects.none(), label=_("Owner"), required=False, empty_label=_("Nobody yet")
    )
    capacity = forms.IntegerField(
        label=_("Places"),
        required=False,
        min_value=0,
        max_value=BIGGEST,
        help_text=_("More people than this cannot come in. Empty: as many as come."),
    )
    from_mode = forms.ChoiceField(label=_("From mode"))
    to_mode = forms.ChoiceField(label=_("To mode"))
    is_bookable = forms.BooleanField(
        label=_("People may choose this date themselves"), required=False
    )
    booking_closes_days = forms.IntegerField(
        label=_("Choice closes, days before the switch"), min_value=0, max_value=365
    )
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    saved: tuple[tuple[str, str], ...] = ()

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = cast("forms.ModelChoiceField[Stakeholder]", self.fields["owner"])
        owner.queryset = owners_of(cohort.project)
        modes = cohort.project.playbook_snapshot.get("modes", ())
        titles = [(mode["key"], mode["title"]) for mode in modes]
        for name in CHOOSABLE:
            now = getattr(cohort, name)
            known = titles if now in dict(titles) else [(now, now), *titles]
            cast("forms.ChoiceField", self.fields[name]).choices = known

    def settings(self) -> CohortSettings:
        data = self.cleaned_data
        names = ("name", "capacity", "from_mode", "to_mode", "is_bookable", "booking_closes_days")
        owner = data["owner"]
        return CohortSettings(owner_id=owner.pk if owner else None, **{n: data[n] for n in names})

    def compare(self, cohort: Cohort, seen: str) -> None:
        """Keep what was typed, name what ``cohort`` holds now, and compare with ``seen`` next."""
        now = shown(cohort)
        self.saved = tuple(
            (str(bound.label), self._words(bound, now[bound.name]))
            for bound in self.visible_fields()
            if _as_sent(now[bound.name]) != _as_sent(bound.value())
        )
        data = self.data.copy()
        data["seen"] = seen
        self.data = data

    def _words(self, bound: forms.BoundField, value: Any) -> str:
        words = {str(key): str(word) for key, word in getattr(bound.field, "choices", ())}
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        return words.get(_as_sent(value), _as_sent(value)) or "–"


def shown(cohort: Cohort) -> dict[str, Any]:
    """What the form shows of a cohort as it is."""
    names = ("name", "capacity", "from_mode", "to_mode", "is_bookable", "booking_closes_days")
    return {"owner": cohort.owner_id, **{name: getattr(cohort, name) for name in names}}


def _as_sent(value: Any) -> str:
    return "" if value in (None, False) else "on" if value is True else str(value)
