"""A message's text in another language, from a form."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from common.forms import LongSelect
from communications.enums import LatePolicy
from communications.languages import choices
from communications.models import Message, MessageVariant
from communications.queries.languages import Languages
from communications.queries.samples import Sample


class As(TextChoices):
    """Whose mail the preview shows: who reads the language, or a sample who is taken to."""

    READER = "reader", _("somebody who reads it")
    LONGEST = Sample.LONGEST.value, Sample.LONGEST.label
    MISSING = Sample.MISSING.value, Sample.MISSING.label
    LATE = Sample.LATE.value, Sample.LATE.label


class VariantForm(forms.Form):
    """The text, and which of the languages ``offered`` it is in."""

    language = forms.ChoiceField(label=_("Language"), widget=LongSelect)
    subject = forms.CharField(
        label=_("Subject"), max_length=200, widget=forms.TextInput({"dir": "auto"})
    )
    body = forms.CharField(
        label=_("Text"),
        help_text=_("Markdown with the same {placeholders} as the message's own text."),
        widget=forms.Textarea({"rows": 16, "dir": "auto"}),
    )
    short_subject = forms.CharField(
        label=_("Short subject"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"dir": "auto"}),
    )
    short_body = forms.CharField(
        label=_("Short text"),
        required=False,
        widget=forms.Textarea({"rows": 6, "dir": "auto"}),
        help_text=_("Without it, who joins late gets the message's own short text."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    sample = forms.ChoiceField(label=_("Preview as"), choices=As, required=False)

    def __init__(self, *args: Any, message: Message, offered: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = offered
        if message.late_policy != LatePolicy.SHORT:
            del self.fields["short_subject"], self.fields["short_body"]

    @staticmethod
    def initial_of(variant: MessageVariant) -> dict[str, Any]:
        names = ("language", "subject", "body", "short_subject", "short_body")
        return {key: getattr(variant, key) for key in names}

    def text(self) -> dict[str, str]:
        names = ("language", "subject", "body", "short_subject", "short_body")
        return {key: self.cleaned_data.get(key, "") for key in names}


def offered(languages: Languages, *, is_any: bool = False) -> list[Any]:
    """What people read first, with how many they are; without what has a text already, unless
    ``is_any``."""
    has_text = {row.language for row in languages.rows if row.has_text}
    read = [(row.language, f"{row.name} ({row.people})") for row in languages.unread]
    written = [(r.language, r.name) for r in languages.rows if is_any and r.variant is not None]
    others = [pair for pair in choices() if pair[0] not in has_text | set(dict(read))]
    groups = [(_("Read by your people"), read), (_("Written"), written)]
    return [("", "–"), *(group for group in groups if group[1]), (_("All languages"), others)]
