"""What a mail says: the skeleton of a message and each person's values. Sends nothing.

Preview, test and sending all come through here, so what is shown is what is sent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.utils import translation
from django.utils.timezone import now

from cohorts.models import Cohort
from communications import audiences, mail_words
from communications.audiences import Recipient, is_participant
from communications.calendar_entry import cohort_entry
from communications.languages import known, tag
from communications.models import Message, Occurrence
from communications.personal_links import UNSUBSCRIBE, sample_address
from communications.queries.texts import own_language, texts_of, with_texts
from communications.rendering import RenderedMail, Skeleton, build_skeleton, read_mail
from communications.rendering.frame import Frame
from communications.services.shared_values import fresh_occurrence, shared_values
from communications.texts import Text, Texts

Values = Mapping[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a message, ready for everybody who reads it; ``shared`` are the values that are
    the same for all of them, in its language, and stand in the skeleton already."""

    text: Text
    language: str  # as Django knows it
    skeleton: Skeleton
    shared: Mapping[str, str]


class Content:
    """What one occurrence says. A text is rendered when it has its first reader.

    ``version`` is that of the values; see Occurrence.values_version.
    """

    def __init__(
        self, message: Message, texts: Texts, fresh: Occurrence, *, banner: str = ""
    ) -> None:
        self.version = fresh.values_version
        self.names = texts.names
        self._message, self._texts, self._fresh, self._banner = message, texts, fresh, banner
        self._cohort = _cohort_of_entry(message, fresh)
        self._by_reader: dict[tuple[str, bool], Part] = {}
        self._parts: dict[Text, Part] = {}

    def part_for(self, recipient: Recipient, *, is_short: bool = False) -> Part:
        """The text that ``recipient`` reads; ``is_short`` where they joined late."""
        key = recipient.language, is_short
        part = self._by_reader.get(key)
        if part is None:
            text = self._texts.text_for(recipient.language, is_short=is_short)
            if text not in self._parts:
                self._parts[text] = self._part(text)
            part = self._by_reader[key] = self._parts[text]
        return part

    def _part(self, text: Text) -> Part:
        language = known(text.language or self._texts.own_language) or settings.LANGUAGE_CODE
        with translation.override(language):
            skeleton = _skeleton(
                self._message,
                text,
                language=text.language or own_language(self._message),
                cohort=self._cohort,
                banner=self._banner,
            )
            shared = shared_values(self._fresh)
            return Part(text, language, skeleton.with_values(shared), shared)


def content_for(occurrence: Occurrence, *, banner: str = "") -> Content:
    """As it is written now: two queries, and one more for a message with a calendar entry."""
    # The version first: what is read after it may be newer than it says, never older.
    fresh = fresh_occurrence(occurrence)
    message, texts = with_texts(occurrence.message_id)
    return Content(message, texts, fresh, banner=banner)


def _skeleton(
    message: Message, text: Text, *, language: str, cohort: Cohort | None, banner: str
) -> Skeleton:
    """In the words of the language that is active."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    sender = message.sender
    return build_skeleton(
        revision=message.revision,
        subject=text.subject,
        body=text.body,
        from_name=sender.name if sender else name,
        from_address=address,
        reply_to=(sender.name, sender.email) if sender else None,
        frame=Frame(
            title=message.project.name,  # the message's own title is for those who plan it
            footer=mail_words.reason(message.project.name),
            banner=banner,
            below="" if message.is_mandatory else _way_out(),
            language=language,
            words=mail_words.spoken(),
            interface=tag(settings.LANGUAGE_CODE),
        ),
        calendar=_calendar(message, cohort),
    )


def _way_out() -> str:
    """Where people may stop such mails, the link that does."""
    return f"[{mail_words.way_out()}]({{{UNSUBSCRIBE}}})"


def _cohort_of_entry(message: Message, occurrence: Occurrence) -> Cohort | None:
    """The switch as it is planned now, read anew: the caller's cohort may be a while old."""
    if not message.has_calendar or occurrence.cohort_id is None:
        return None
    return Cohort.objects.get(pk=occurrence.cohort_id)


def _calendar(message: Message, cohort: Cohort | None) -> bytes:
    if cohort is None:
        return b""
    return cohort_entry(cohort, project=message.project, sequence=cohort.calendar_sequence)


def values_for(
    occurrence: Occurrence,
    recipients: Sequence[Recipient],
    content: Content | None = None,
    late: Collection[int] = (),
) -> Values:
    """{recipient pk: {placeholder: text}}: ours, and what the audience adds, each in the language
    of the text the person reads. A fixed number of queries for each of these languages.

    With ``content`` only what its texts name is asked of other rooms; ``late`` are the pks of those
    who get the short text.
    """
    names = content.names if content else None
    content = content or content_for(occurrence)
    parts = {r.pk: content.part_for(r, is_short=r.pk in late) for r in recipients}
    extra = _merged(_of_audience(occurrence, parts), _personal(recipients, names))
    return {r.pk: _with_base(parts[r.pk], r, extra.get(r.pk, {})) for r in recipients}


def _of_audience(occurrence: Occurrence, parts: Mapping[int, Part]) -> Values:
    """What only its room can say, a date among it, to each in the language of their text."""
    audience = audiences.get(occurrence.message.audience_kind)
    by_language: dict[str, list[int]] = defaultdict(list)
    for pk, part in parts.items():
        by_language[part.language].append(pk)
    said: dict[int, Mapping[str, str]] = {}
    for language, pks in by_language.items():
        with translation.override(language):
            said.update(audience.values(occurrence, pks))
    return said


def preview(
    occurrence: Occurrence, recipient: Recipient, *, banner: str = "", is_short: bool = False
) -> RenderedMail:
    """The mail as ``recipient`` would get it now, but without a live personal link.

    Writes nothing. Raises RenderError for a person whose mail cannot be built.
    """
    content = content_for(occurrence, banner=banner)
    return _shown(content.part_for(recipient, is_short=is_short), occurrence, recipient)


def preview_draft(
    occurrence: Occurrence,
    recipient: Recipient,
    *,
    banner: str,
    further: Iterable[Mapping[str, str]] = (),
    is_short: bool = False,
) -> RenderedMail:
    """The same for a message that is being written: neither it nor ``occurrence`` is saved.

    ``further`` are the rows of its languages; see queries.texts.
    """
    message = occurrence.message
    content = Content(message, texts_of(message, further), occurrence, banner=banner)
    return _shown(content.part_for(recipient, is_short=is_short), occurrence, recipient)


def _shown(part: Part, occurrence: Occurrence, recipient: Recipient) -> RenderedMail:
    audience = audiences.get(occurrence.message.audience_kind)
    with translation.override(part.language):
        extra = {
            **audience.sample_values(occurrence, recipient.pk),
            **_personal_sample(recipient),
        }
    raw = part.skeleton.render(
        values={**_with_base(part, recipient, extra), UNSUBSCRIBE: sample_address()},
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
    people = [r.pk for r in recipients if is_participant(r)] if rooms else []
    if not people:
        return {}
    said = {name: room.values(people) for name, room in rooms.items()}
    return {pk: {name: texts[pk] for name, texts in said.items() if pk in texts} for pk in people}


def _personal_sample(recipient: Recipient) -> Mapping[str, str]:
    if not is_participant(recipient):
        return {}
    return {name: room.sample(recipient.pk) for name, room in audiences.personal().items()}


def _merged(first: Values, second: Values) -> Values:
    return {pk: {**first.get(pk, {}), **second.get(pk, {})} for pk in {*first, *second}}


def _with_base(part: Part, recipient: Recipient, extra: Mapping[str, str]) -> dict[str, str]:
    return {**part.shared, "person_name": recipient.name or recipient.address, **extra}
