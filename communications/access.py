"""From an address to a message, an occurrence or a delivery, always inside a project one may see.

Strangers and ids of other projects get 404, members without the right 403.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from communications.models import Delivery, Message, MessageVariant, Occurrence, TeamsChannel
from projects.access import get_managed_project, get_project
from projects.models import Project

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    Reader = User | AnonymousUser

__all__ = [
    "find_unsubscriber",
    "get_delivery",
    "get_managed_channel",
    "get_managed_message",
    "get_managed_occurrence",
    "get_message",
    "get_occurrence",
    "get_project",
    "get_variant",
    "require_site_admin",
]


def get_message(user: "Reader", slug: str, pk: int) -> Message:
    """A message for reading; ``message.project.role`` says what else the user may do."""
    return _message(get_project(user, slug), pk)


def get_managed_message(user: "Reader", slug: str, pk: int) -> Message:
    return _message(get_managed_project(user, slug), pk)


def get_occurrence(user: "Reader", slug: str, pk: int) -> Occurrence:
    """An occurrence for reading, with message and cohort."""
    return _occurrence(get_project(user, slug), pk)


def get_managed_occurrence(user: "Reader", slug: str, pk: int) -> Occurrence:
    return _occurrence(get_managed_project(user, slug), pk)


def get_delivery(occurrence: Occurrence, pk: int) -> Delivery:
    """One person's row of an occurrence that was fetched here."""
    delivery = Delivery.objects.filter(occurrence=occurrence, pk=pk).first()
    if delivery is None:
        raise Http404
    return delivery


def get_variant(message: Message, language: str) -> MessageVariant:
    """The text in another language of a message that was fetched here."""
    variant = message.variants.filter(language=language).first()
    if variant is None:
        raise Http404
    variant.message = message
    return variant


def get_managed_channel(user: "Reader", slug: str, pk: int) -> TeamsChannel:
    """A Teams channel: for managers alone, as whoever uses it speaks for the project."""
    project = get_managed_project(user, slug)
    channel = project.teams_channels.filter(pk=pk).first()
    if channel is None:
        raise Http404
    channel.project = project
    return channel


def _message(project: Project, pk: int) -> Message:
    message = project.messages.select_related("sender").filter(pk=pk).first()
    if message is None:
        raise Http404
    message.project = project
    return message


def _occurrence(project: Project, pk: int) -> Occurrence:
    occurrence = (
        project.occurrences.select_related(
            "message__sender", "cohort", "approved_by", "first_approved_by"
        )
        .filter(pk=pk)
        .first()
    )
    if occurrence is None:
        raise Http404
    occurrence.project = occurrence.message.project = project
    return occurrence


def find_unsubscriber(message_id: UUID | None) -> Delivery | None:
    """The delivery a personal link or its cookie names; None once its person was erased."""
    if message_id is None:
        return None
    rows = Delivery.objects.select_related("occurrence__message", "occurrence__project")
    return rows.filter(message_id=message_id).exclude(address="").first()


def require_site_admin(user: "Reader") -> None:
    """For what concerns all projects at once; raises PermissionDenied for everybody else."""
    if not (user.is_authenticated and user.is_superuser):
        raise PermissionDenied(_("Only administrators of this installation see this."))
