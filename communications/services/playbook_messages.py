"""Makes a project's messages from its playbook."""

from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import ngettext

from communications.audience_kinds import IT_STAFF
from communications.languages import tag
from communications.models import Message, MessageVariant
from communications.queries.texts import own_language
from communications.services.text import refuse_bad_text
from playbooks.schema import MessageTemplate, Playbook
from projects.enums import AccessRole
from projects.models import Project, Stakeholder
from projects.services.events import record

if TYPE_CHECKING:
    from accounts.models import User

Override = tuple[str, dict[str, Any]]


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
    _save(messages, playbook)
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


def _save(messages: list[Message], playbook: Playbook) -> None:
    """With their languages; what is in the installation's own is the message's own text already."""
    for message in messages:
        refuse_bad_text(message, message.subject, message.body)
    Message.objects.bulk_create(messages)
    MessageVariant.objects.bulk_create(
        MessageVariant(
            message=message,
            language=tag(text.language),
            subject=text.subject,
            body=text.body,
            short_subject=text.short_subject or "",
            short_body=text.short_body or "",
        )
        for message, template in zip(messages, playbook.messages, strict=True)
        for text in template.texts
        if tag(text.language) != own_language(message)
    )


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
        has_calendar=template.calendar,
        late_policy=template.late,
        short_subject=template.short_subject or "",
        short_body=template.short_body or "",
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
