"""The limits of the mail account, from a form."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from communications.models import Sender

MOST_MAILS = 10_000_000
MOST_CONNECTIONS = 100


class SenderForm(forms.Form):
    per_second = forms.IntegerField(
        label=_("Mails a second"), required=False, min_value=1, max_value=MOST_MAILS
    )
    per_hour = forms.IntegerField(
        label=_("Mails an hour"), required=False, min_value=1, max_value=MOST_MAILS
    )
    connections = forms.IntegerField(
        label=_("Connections of each process"),
        required=False,
        min_value=1,
        max_value=MOST_CONNECTIONS,
    )
    uses_pipelining = forms.BooleanField(
        label=_("Several commands at once, where the server announces it"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("per_second", "per_hour"):
            self.fields[name].help_text = _("All workers together. Empty: no limit.")
        self.fields["connections"].help_text = _("Empty: %s, as the settings say.") % (
            settings.SEND_CONNECTIONS
        )

    @staticmethod
    def initial_of(sender: Sender) -> dict[str, Any]:
        names = ("per_second", "per_hour", "connections", "uses_pipelining")
        return {name: getattr(sender, name) for name in names}
