"""From a browser's words to clean values."""

from communications.forms.lists import (
    ApproveForm,
    AudienceFilter,
    DecideForm,
    MailboxForm,
    OccurrenceFilter,
    PeopleFilter,
    PersonForm,
    SeenForm,
    WindowForm,
    cursor,
)
from communications.forms.message import MessageForm, WriteForm
from communications.forms.rules import RulesForm

__all__ = [
    "ApproveForm",
    "AudienceFilter",
    "DecideForm",
    "MailboxForm",
    "MessageForm",
    "OccurrenceFilter",
    "PeopleFilter",
    "PersonForm",
    "RulesForm",
    "SeenForm",
    "WindowForm",
    "WriteForm",
    "cursor",
]
