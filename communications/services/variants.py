"""A message's texts in other languages: written, changed, taken away, copied with it.

Each is a new revision of the message: mails that left keep what they said. Approvals stay, as they
do when the message's own text is changed.
"""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from communications.exceptions import ContentRefused
from communications.languages import name, tag
from communications.models import Message, MessageVariant
from communications.queries.texts import own_language
from communications.services.approval import refuse_cancelled_message
from communications.services.messages import hold_revision, record_message, save_revision
from communications.services.text import refuse_bad_variant, variant_problems
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User

# What a text in another language is written from.
TEXT = ("subject", "body", "short_subject", "short_body")


@transaction.atomic
def save_variant(
    *,
    message: Message,
    language: str,
    subject: str,
    body: str,
    short_subject: str = "",
    short_body: str = "",
    acting_user: "User | None",
) -> MessageVariant:
    """The text for those who read ``language`` (a tag), new or instead of the one there is.

    ``message.revision`` is the one the user saw (StaleState). Raises ContentRefused for what could
    never be sent, and for placeholders that were lost. Saved without a change it is no longer
    behind the message's own text.
    """
    require_open(message.project)
    refuse_cancelled_message(message)
    variant = MessageVariant(
        message=message,
        language=_free_language(message, language),
        subject=subject,
        body=body,
        short_subject=short_subject,
        short_body=short_body,
    )
    refuse_bad_variant(message, variant)
    before = message.variants.filter(language=variant.language).first()
    words = {name: getattr(variant, name) for name in TEXT}
    if before is not None and all(getattr(before, name) == words[name] for name in TEXT):
        return _still_right(message, before, acting_user)
    save_revision(message)
    saved, _is_new = MessageVariant.objects.update_or_create(
        message=message, language=variant.language, defaults={**words, "is_behind": False}
    )
    sentence = _("Message “%(title)s” is now revision %(n)s: its text in %(language)s was written.")
    _record(message, "message.language_saved", sentence, variant.language, acting_user)
    return saved


@transaction.atomic
def remove_variant(*, message: Message, language: str, acting_user: "User | None") -> Message:
    """Whoever reads ``language`` gets another text from now on. ContentRefused where there is none;
    StaleState as above."""
    require_open(message.project)
    refuse_cancelled_message(message)
    save_revision(message)
    removed, _rows = message.variants.filter(language=language).delete()
    if not removed:
        raise ContentRefused(_("There is no text in this language any more."))
    sentence = _("Message “%(title)s” is now revision %(n)s: its text in %(language)s was removed.")
    _record(message, "message.language_removed", sentence, language, acting_user)
    return message


def copy_variants(source: Message, target: Message) -> list[MessageVariant]:
    """The texts of ``source`` that ``target`` can send; the caller records the message."""
    if own_language(source) != own_language(target):
        return []
    is_same = all(getattr(source, name) == getattr(target, name) for name in TEXT)
    copies = [
        MessageVariant(
            message=target,
            language=variant.language,
            is_behind=variant.is_behind or not is_same,
            **{name: getattr(variant, name) for name in TEXT},
        )
        for variant in source.variants.all()
    ]
    return MessageVariant.objects.bulk_create(
        [copy for copy in copies if not variant_problems(target, copy)]
    )


def _free_language(message: Message, language: str) -> str:
    found = tag(language)
    if not found:
        raise ContentRefused(_("Choose a language."))
    if found == own_language(message):
        raise ContentRefused(
            _("The message's own text is in %(language)s already.") % {"language": name(found)}
        )
    return found


def _still_right(
    message: Message, variant: MessageVariant, acting_user: "User | None"
) -> MessageVariant:
    """Somebody has looked at it: the message's own text changed, this one need not."""
    if variant.is_behind:
        hold_revision(message)
        variant.is_behind = False
        variant.save(update_fields=["is_behind"])
        sentence = _("The text of “%(title)s” in %(language)s still holds.")
        _record(message, "message.language_checked", sentence, variant.language, acting_user)
    return variant


def _record(
    message: Message, verb: str, sentence: str, language: str, acting_user: "User | None"
) -> None:
    words = {"title": message.title, "n": message.revision, "language": name(language)}
    record_message(message, verb, sentence % words, acting_user)
