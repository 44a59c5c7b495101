"""Writes the record of a project. Always in the transaction of the change it records."""

from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.functional import Promise

from projects.models import Event, Project

if TYPE_CHECKING:
    from accounts.models import User


def record(
    *,
    project: Project,
    verb: str,
    sentence: str | Promise,
    acting_user: "User | None",
    subject: Model | None = None,
    data: dict[str, Any] | None = None,
) -> Event:
    """Add one line. ``verb`` is "noun.verb" ("step.done"); ``acting_user`` None is the clock."""
    return Event.objects.create(
        project=project,
        actor=acting_user,
        verb=verb,
        subject_type=subject._meta.model_name or "" if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        sentence=str(sentence)[:500],
        data=data or {},
    )
