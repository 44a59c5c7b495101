"""A Teams channel, from a form. The address is taken and never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communications.teams.address import MOST_CHARACTERS


class ChannelForm(forms.Form):
    """With ``is_new`` the address must be given; otherwise an empty one stays as it is."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("As people call it: team and channel.")
    )
    url = forms.CharField(
        label=_("Address of the Workflow"),
        max_length=MOST_CHARACTERS,
        widget=forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "In Teams: the channel's menu, Workflows, “Send webhook alerts to a channel”. Whoever"
            " has the address can post there, so nobody sees it again here."
        ),
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            self.fields["url"].required = False
            self.fields["url"].label = _("New address of the Workflow")
            self.fields["url"].help_text = _("Empty: the address stays.")
