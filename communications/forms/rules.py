"""The sending rules of a project, from a form."""

from datetime import time
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from communications.addresses import envelope_address
from communications.exceptions import AddressRefused
from communications.models import SendingRules

MOST_ENTRIES = 200
MOST_PEOPLE = 2**31 - 1


class RulesForm(forms.Form):
    """``seen`` is the fingerprint of what the form was filled with; ``saved`` names, after a
    conflict, what somebody else has saved meanwhile."""

    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        help_text=_("Where each person is. What waits goes out when the quiet hours end."),
    )
    mails_a_week = forms.IntegerField(
        label=_("At most so many mails a week to one address"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_(
            "Over all projects. Empty: as many as there are. What everybody must get"
            " counts, and is sent all the same."
        ),
    )
    second_above = forms.IntegerField(
        label=_("A second person approves above so many people"),
        required=False,
        min_value=0,
        max_value=MOST_PEOPLE,
        help_text=_("Empty: one approval is enough."),
    )
    is_one_an_address = forms.BooleanField(
        label=_("People who share an address get one mail"),
        required=False,
        help_text=_(
            "The first of them gets it, with their own links. Otherwise each gets theirs. Mails"
            " about somebody's own new date go to each."
        ),
    )
    is_staging = forms.BooleanField(
        label=_("Staging: only the list below gets mail"), required=False
    )
    staging_list = forms.CharField(
        label=_("Addresses and @domains, one a line"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 4}),
    )
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    saved: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def initial_of(rules: SendingRules) -> dict[str, Any]:
        names = ("quiet_from", "quiet_until", "second_above", "mails_a_week")
        given = {name: getattr(rules, name) for name in (*names, "is_one_an_address", "is_staging")}
        return {**given, "staging_list": "\n".join(rules.staging_list)}

    def compare(self, rules: SendingRules, seen: str) -> None:
        """Keep what was typed, name what ``rules`` say now, and compare with ``seen`` next."""
        now = {name: _in_words(value) for name, value in self.initial_of(rules).items()}
        self.saved = tuple(
            (str(bound.label), now[bound.name] or "–")
            for bound in self.visible_fields()
            if now[bound.name] != _in_words(bound.value())
        )
        data = cast("QueryDict", self.data).copy()
        data["seen"] = seen
        self.data = data

    def clean_staging_list(self) -> list[str]:
        entries = self.cleaned_data["staging_list"].split()
        if len(entries) > MOST_ENTRIES:
            raise forms.ValidationError(_t("At most 200 entries. Use @domains for whole groups."))
        for entry in entries:
            try:
                envelope_address(f"x{entry}" if entry.startswith("@") else entry)
            except AddressRefused as error:
                sentence = _t("“%(entry)s” is neither an address nor an @domain.")
                raise forms.ValidationError(sentence % {"entry": entry}) from error
        return entries

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("quiet_from")) != bool(data.get("quiet_until")):
            missing = "quiet_until" if data.get("quiet_from") else "quiet_from"
            if missing not in self.errors:
                self.add_error(missing, _t("Quiet hours need both a beginning and an end."))
        return data


def _in_words(value: Any) -> str:
    """A value of a row, or of a form that was sent, so that both can be compared and shown."""
    if isinstance(value, bool):
        return _t("yes") if value else _t("no")
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return ", ".join(str(value).split()) if value not in (None, "") else ""
