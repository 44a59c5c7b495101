"""What a mail says: the skeleton of a message and each person's values. Sends nothing.

Preview, test and sending all come through here, so what is shown is what is sent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cohorts.models import Cohort
from common.dates import instant
from communications import audiences
from communications.audiences import Recipient, is_participant
from communications.calendar_entry import cohort_entry
from communications.models import Message, Occurrence
from communications.personal_links import UNSUBSCRIBE, sample_address
from communications.rendering import RenderedMail, Skeleton, build_skeleton, read_mail
from projects.queries.guide import mode_title

if TYPE_CHECKING:
    from projects.models import Project

Values = Mapping[int, Mapping[str, str]]


def skeleton_for(occurrence: Occurrence, *, banner: str = "") -> Skeleton:
    """The message as it is written now, rendered once per process and revision.

    ``skeleton.revision`` is the revision of the text it was made from. One query, and one more for
    a message with a calendar entry.
    """
    message = Message.objects.select_related("project", "sender").get(pk=occurrence.message_id)
    return _skeleton(message, _calendar(message, occurrence), banner)


def _skeleton(message: Message, calendar: bytes, banner: str) -> Skeleton:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    sender = message.sender
    with translation.override(settings.LANGUAGE_CODE):
        return build_skeleton(
            revision=message.revision,
            subject=message.subject,
            body=_with_way_out(message),
            title=message.title,
            from_name=sender.name if sender else name,
            from_address=address,
            reply_to=(sender.name, sender.email) if sender else None,
            footer=_("You get this mail because you are part of “%(project)s”.")
            % {"project": message.project.name},
            banner=banner,
            language=settings.LANGUAGE_CODE,
            calendar=calendar,
        )


def _with_way_out(message: Message) -> str:
    """The text; where people may stop such mails, with the link that does."""
    if message.is_mandatory:
        return message.body
    return f"{message.body}\n\n[{_('Stop mails like this')}]({{{UNSUBSCRIBE}}})\n"


def _calendar(message: Message, occurrence: Occurrence) -> bytes:
    """The switch as it is planned now, read anew: the caller's cohort may be a while old."""
    if not message.has_calendar or occurrence.cohort_id is None:
        return b""
    cohort = Cohort.objects.get(pk=occurrence.cohort_id)
    return cohort_entry(cohort, project=message.project, sequence=cohort.calendar_sequence)


@dataclass(frozen=True, slots=True)
class Content:
    """What is the same for everybody of one occurrence: the text, and the values in it.

    ``version`` is that of the values; see Occurrence.values_version.
    """

    skeleton: Skeleton
    shared: Mapping[str, str]
    version: int


def content_for(occurrence: Occurrence) -> Content:
    """As it is written now. A fixed number of queries."""
    # The version first: what is read after it may be newer than it says, never older.
    fresh = _fresh(occurrence)
    return Content(skeleton_for(occurrence), _shared(fresh), fresh.values_version)


def values_for(
    occurrence: Occurrence, recipients: Sequence[Recipient], content: Content | None = None
) -> Values:
    """{recipient pk: {placeholder: text}}: ours, and what the audience adds. Fixed queries.

    With ``content`` only what its text names is asked of other rooms.
    """
    audience = audiences.get(occurrence.message.audience_kind)
    extra = audience.values(occurrence, [recipient.pk for recipient in recipients])
    shared = content.shared if content else _shared(_fresh(occurrence))
    names = content.skeleton.names if content else None
    return _with_base(shared, recipients, _merged(extra, _personal(recipients, names)))


def preview(occurrence: Occurrence, recipient: Recipient, *, banner: str = "") -> RenderedMail:
    """The mail as ``recipient`` would get it now, but without a live personal link.

    Writes nothing. Raises RenderError for a person whose mail cannot be built.
    """
    return _shown(
        skeleton_for(occurrence, banner=banner), occurrence, _fresh(occurrence), recipient
    )


def preview_draft(occurrence: Occurrence, recipient: Recipient, *, banner: str) -> RenderedMail:
    """The same for a message that is being written: neither it nor ``occurrence`` is saved."""
    message = occurrence.message
    skeleton = _skeleton(message, _calendar(message, occurrence), banner)
    return _shown(skeleton, occurrence, occurrence, recipient)


def _shown(
    skeleton: Skeleton, occurrence: Occurrence, fresh: Occurrence, recipient: Recipient
) -> RenderedMail:
    audience = audiences.get(occurrence.message.audience_kind)
    extra = {
        recipient.pk: {
            **audience.sample_values(occurrence, recipient.pk),
            **_personal_sample(recipient),
        }
    }
    values = _with_base(_shared(fresh), [recipient], extra)[recipient.pk]
    raw = skeleton.render(
        values={**values, UNSUBSCRIBE: sample_address()},
        to_name=recipient.name,
        to_address=recipient.address,
        message_id="<preview@localhost>",
        date=now(),
    )
    return read_mail(raw)


def _personal(recipients: Sequence[Recipient], names: Collection[str] | None) -> Values:
    """What other rooms say to participants; nothing to stakeholders. None means all names."""
    rooms = {
        name: room for name, room in audiences.personal().items() if names is None or name in names
    }
    people = [recipient.pk for recipient in recipients if is_participant(recipient)]
    if not people or not rooms:
        return {}
    said = {name: room.values(people) for name, room in rooms.items()}
    return {pk: {name: texts[pk] for name, texts in said.items() if pk in texts} for pk in people}


def _personal_sample(recipient: Recipient) -> Mapping[str, str]:
    if not is_participant(recipient):
        return {}
    return {name: room.sample(recipient.pk) for name, room in audiences.personal().items()}


def _merged(first: Values, second: Values) -> Values:
    return {pk: {**first.get(pk, {}), **second.get(pk, {})} for pk in {*first, *second}}


def _with_base(shared: Mapping[str, str], recipients: Sequence[Recipient], extra: Values) -> Values:
    return {
        recipient.pk: {
            **shared,
            "person_name": recipient.name or recipient.address,
            **extra.get(recipient.pk, {}),
        }
        for recipient in recipients
    }


def _fresh(occurrence: Occurrence) -> Occurrence:
    """With all that the values name, as it is now. One query."""
    return (
        Occurrence.objects.select_related("project__created_by", "message__sender", "cohort")
        .defer("message__body")
        .get(pk=occurrence.pk)
    )


def _shared(fresh: Occurrence) -> dict[str, str]:
    """What is the same for everybody of one occurrence."""
    project, sender = fresh.project, fresh.message.sender
    sender_name = sender.name if sender else str(project.created_by)
    values = {
        "project_name": project.name,
        "sender_name": sender_name,
        "help_contact": project.help_contact or (sender.email if sender else sender_name),
    }
    if fresh.cohort is not None:
        with translation.override(settings.LANGUAGE_CODE):
            values |= _of_cohort(project, fresh.cohort)
    return values


def _of_cohort(project: "Project", cohort: Cohort) -> dict[str, str]:
    switch_at = instant(cohort.switch_on, cohort.switch_time, cohort.timezone)
    return {
        "cohort_name": cohort.name,
        "switch_date": date_format(cohort.switch_on, pgettext("date in a mail", "l j F Y")),
        "switch_time": clock(switch_at, cohort.timezone),
        "to_mode_title": mode_title(project, cohort.to_mode),
    }


def clock(at: datetime, zone: str) -> str:
    """ "18:00 CET (Europe/Berlin)"; without letters of its own "18:00 (Asia/Dubai)"."""
    local = at.astimezone(ZoneInfo(zone))
    time, short = date_format(local, "H:i"), local.tzname() or ""
    if short == zone:
        return f"{time} {zone}"
    return f"{time} {short} ({zone})" if short[:1].isalpha() else f"{time} ({zone})"
