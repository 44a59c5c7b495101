"""Writes messages: their text and their rule.

Whether one goes out at all is in ``pausing.py``, when and to whom in ``occurrences.py``.
"""

from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from common.exceptions import StaleState
from communications.models import Message
from communications.services.approval import refuse_cancelled_message
from communications.services.text import refuse_bad_text
from projects.models import Project, Stakeholder
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User

NINE = time(9, 0)


class Details(TypedDict, total=False):
    """What a message may say beyond its text and anchor; the model knows what else it is."""

    position: int
    channel: str
    audience_params: Mapping[str, Any]
    cohort_kind: str
    wall_time: time
    zone: str
    is_working_day: bool
    not_after_days: int
    has_calendar: bool
    is_mandatory: bool
    sender: Stakeholder | None


@transaction.atomic
def create_message(
    *,
    project: Project,
    key: str,
    title: str,
    subject: str,
    body: str,
    audience_kind: str,
    anchor: str,
    offset_days: int,
    acting_user: "User | None",
    **details: Unpack[Details],
) -> Message:
    """One message of the project, at 09:00 and behind the others unless ``details`` say more.

    Raises ContentRefused for a text with a placeholder that would have no value, or for an
    audience nobody registered.
    """
    details.setdefault("wall_time", NINE)
    details.setdefault("position", next_position(project))
    message = Message(
        project=project,
        key=key,
        title=title,
        subject=subject,
        body=body,
        audience_kind=audience_kind,
        anchor=anchor,
        offset_days=offset_days,
        **details,
    )
    refuse_bad_text(message, subject, body)
    message.save()
    sentence = _("Message “%(title)s” was added.") % {"title": title}
    record_message(message, "message.created", sentence, acting_user)
    return message


@transaction.atomic
def update_message(
    *, message: Message, title: str, subject: str, body: str, acting_user: "User"
) -> Message:
    """New text as a new revision; mails that left keep the old one, all others get the new one.

    ``message.revision`` is the one the user saw: StaleState when somebody saved another since. Its
    texts in other languages are behind from now on, until somebody looks at them.
    """
    refuse_cancelled_message(message)
    refuse_bad_text(message, subject, body)
    if (message.title, message.subject, message.body) == (title, subject, body):
        return message
    is_new_text = (message.subject, message.body) != (subject, body)
    save_revision(message, title=title, subject=subject, body=body)
    if is_new_text:
        message.variants.update(is_behind=True)
    sentence = _("Message “%(title)s” is now revision %(n)s.")
    words = sentence % {"title": title, "n": message.revision}
    record_message(message, "message.edited", words, acting_user)
    return message


def save_revision(message: Message, **columns: Any) -> None:
    """Write ``columns`` over the revision the user saw, or StaleState."""
    hold_revision(message)
    Message.objects.filter(pk=message.pk).update(**columns, revision=F("revision") + 1)
    message.refresh_from_db()


def hold_revision(message: Message) -> None:
    """Nobody saves the message until the end of this transaction; StaleState if somebody did since
    the user saw it."""
    rows = Message.objects.filter(pk=message.pk, revision=message.revision)
    if not rows.select_for_update(no_key=True):
        raise StaleState(
            _("Somebody else saved this message meanwhile. Copy your text, reload, and look again.")
        )


def next_position(project: Project) -> int:
    last = project.messages.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def record_message(message: Message, verb: str, sentence: str, acting_user: "User | None") -> None:
    record(
        project=message.project,
        verb=verb,
        sentence=sentence,
        acting_user=acting_user,
        subject=message,
        data={"revision": message.revision},
    )
