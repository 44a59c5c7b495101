"""Messages that stopped by themselves, for the mail server refused too much of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from communications.enums import MessageStatus
from communications.models import Message
from projects.models import Event, Project

# In the data of the event that says that nobody pressed the button.
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Stopped:
    """``why`` is the sentence of the project's record."""

    message_pk: int
    title: str
    why: str
    at: datetime


def stopped_messages(project: Project) -> tuple[Stopped, ...]:
    """Those that wait for somebody to look and resume them, the oldest first. One query."""
    last = Event.objects.filter(
        project=project,
        subject_type=Message._meta.model_name,
        subject_id=OuterRef("pk"),
        verb="message.paused",
    ).order_by("-pk")
    paused = Message.objects.filter(project=project, status=MessageStatus.PAUSED).annotate(
        why=Subquery(last.values("sentence")[:1]),
        since=Subquery(last.values("at")[:1]),
        about=Subquery(last.values("data")[:1]),
    )
    return tuple(
        Stopped(row.pk, row.title, row.why, row.since)
        for row in paused.order_by("since", "pk")
        if row.about and row.about.get(STOPPED)
    )
