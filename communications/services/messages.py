"""Writes messages: their text and their rule.

Whether one goes out at all is in ``pausing.py``, when and to whom in ``occurrences.py``.
"""

from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.exceptions import StaleState
from communications import audiences
from communications.audience_kinds import IT_STAFF, OWN_KINDS
from communications.enums import Channel, MessageStatus, MessageZone
from communications.exceptions import ContentRefused
from communications.models import Message
from communications.rendering import problems
from communications.rendering.placeholders import allowed_names
from playbooks.schema import MessageTemplate, Playbook
from projects.enums import AccessRole
from projects.models import Project, Stakeholder
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User

NINE = time(9, 0)
Override = tuple[str, dict[str, Any]]


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
    audience_params: Mapping[str, Any] | None = None,
    cohort_kind: str = "",
    channel: str = Channel.MAIL,
    wall_time: time = NINE,
    zone: str = MessageZone.COHORT,
    is_working_day: bool = False,
    not_after_days: int = 3,
    is_mandatory: bool = False,
    sender: Stakeholder | None = None,
    position: int | None = None,
) -> Message:
    """One message of the project; ``wall_time`` is read in ``zone``.

    Raises ContentRefused for a text with a placeholder that would have no value, or for an
    audience nobody registered.
    """
    if position is None:
        last = project.messages.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
    message = Message(
        project=project,
        key=key,
        position=position,
        title=title,
        subject=subject,
        body=body,
        channel=channel,
        audience_kind=audience_kind,
        audience_params=dict(audience_params or {}),
        cohort_kind=cohort_kind,
        anchor=anchor,
        offset_days=offset_days,
        wall_time=wall_time,
        zone=zone,
        is_working_day=is_working_day,
        not_after_days=not_after_days,
        is_mandatory=is_mandatory,
        sender=sender,
    )
    _refuse_bad_content(message, subject, body)
    message.save()
    record(
        project=project,
        verb="message.created",
        sentence=_("Message “%(title)s” was added.") % {"title": title},
        acting_user=acting_user,
        subject=message,
    )
    return message


@transaction.atomic
def create_messages(
    *,
    project: Project,
    playbook: Playbook,
    acting_user: "User | None",
    stakeholders_by_role: Mapping[str, Stakeholder] | None = None,
    audience_overrides: Mapping[str, Override] | None = None,
) -> list[Message]:
    """The messages of a playbook, in its order.

    Each is signed by the stakeholder who holds the template's role, else by a manager of the
    project. ``audience_overrides`` replaces kind and params of the messages it names.
    """
    signers = stakeholders_by_role if stakeholders_by_role is not None else _holders(project)
    manager = project.stakeholders.filter(access=AccessRole.MANAGER).order_by("pk").first()
    overrides = audience_overrides or {}
    messages = [
        _from_template(
            project,
            template,
            position,
            signers.get(template.sender_role) or manager,
            overrides.get(template.key) or _audience(playbook, template),
        )
        for position, template in enumerate(playbook.messages)
    ]
    for message in messages:
        _refuse_bad_content(message, message.subject, message.body)
    Message.objects.bulk_create(messages)
    record(
        project=project,
        verb="messages.created",
        sentence=ngettext(
            "%(n)s message was planned.", "%(n)s messages were planned.", len(messages)
        )
        % {"n": len(messages)},
        acting_user=acting_user,
        data={"keys": [message.key for message in messages]},
    )
    return messages


@transaction.atomic
def update_message(
    *, message: Message, title: str, subject: str, body: str, acting_user: "User"
) -> Message:
    """New text as a new revision; mails that left keep the old one, all others get the new one.

    ``message.revision`` is the one the user saw: StaleState when somebody saved another since.
    """
    _refuse_cancelled(message)
    _refuse_bad_content(message, subject, body)
    if (message.title, message.subject, message.body) == (title, subject, body):
        return message
    seen = message.revision
    changed = Message.objects.filter(pk=message.pk, revision=seen).update(
        title=title, subject=subject, body=body, revision=F("revision") + 1
    )
    if not changed:
        raise StaleState(
            _("Somebody else saved this message meanwhile. Copy your text, reload, and look again.")
        )
    message.refresh_from_db()
    record(
        project=message.project,
        verb="message.edited",
        sentence=_("Message “%(title)s” is now revision %(n)s.")
        % {"title": title, "n": message.revision},
        acting_user=acting_user,
        subject=message,
        data={"revision": message.revision},
    )
    return message


def content_problems(message: Message, subject: str, body: str) -> tuple[str, ...]:
    """Why ``message`` cannot have this text; empty when it can."""
    return problems(subject, body, allowed_placeholders(message))


def allowed_placeholders(message: Message) -> frozenset[str]:
    """The names that have a value in ``message``, for the editor's page."""
    return allowed_names(
        has_cohort=bool(message.cohort_kind), has_more=message.audience_kind not in OWN_KINDS
    )


def _refuse_bad_content(message: Message, subject: str, body: str) -> None:
    found = list(content_problems(message, subject, body))
    if message.audience_kind not in audiences.kinds():
        found.append(_("Nobody knows the audience “%(kind)s”.") % {"kind": message.audience_kind})
    if found:
        raise ContentRefused(" ".join(found))


def _refuse_cancelled(message: Message) -> None:
    if message.status == MessageStatus.CANCELLED:
        raise StaleState(_("This message was cancelled. Write a new one."))


def _from_template(
    project: Project,
    template: MessageTemplate,
    position: int,
    sender: Stakeholder | None,
    audience: Override,
) -> Message:
    kind, params = audience
    return Message(
        project=project,
        key=template.key,
        position=position,
        title=template.title,
        subject=template.subject,
        body=template.body,
        channel=template.channel,
        audience_kind=kind,
        audience_params=params,
        cohort_kind=template.cohort_kind or "",
        anchor=template.timing.anchor,
        offset_days=template.timing.offset_days,
        wall_time=time.fromisoformat(template.timing.time),
        zone=template.timing.zone,
        is_working_day=template.timing.working_day,
        not_after_days=template.not_after_days,
        is_mandatory=template.mandatory,
        sender=sender,
    )


def _audience(playbook: Playbook, template: MessageTemplate) -> Override:
    """IT staff are the roles outside the playbook's first group, which is those who decide."""
    if template.audience != IT_STAFF:
        return template.audience, {}
    deciders = playbook.roles[0].group
    return IT_STAFF, {"roles": [role.code for role in playbook.roles if role.group != deciders]}


def _holders(project: Project) -> dict[str, Stakeholder]:
    """Who holds each role; of several the first who joined."""
    found: dict[str, Stakeholder] = {}
    for stakeholder in project.stakeholders.order_by("pk"):
        for code in stakeholder.role_codes:
            found.setdefault(code, stakeholder)
    return found
