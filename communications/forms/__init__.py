"""From a browser's words to clean values."""

from communications.forms.lists import (
    ApproveForm,
    DecideForm,
    MailboxForm,
    OccurrenceFilter,
    PeopleFilter,
    PersonForm,
    WindowForm,
    cursor,
)
from communications.forms.message import MessageForm, WriteForm
from communications.forms.rules import RulesForm

__all__ = [
    "ApproveForm",
    "DecideForm",
    "MailboxForm",
    "MessageForm",
    "OccurrenceFilter",
    "PeopleFilter",
    "PersonForm",
    "RulesForm",
    "WindowForm",
    "WriteForm",
    "cursor",
]
