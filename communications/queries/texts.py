"""A message with all its texts, as one statement saw them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from communications.languages import base, tag
from communications.mail_words import ENGLISH, are_translated
from communications.models import Delivery, Message, MessageVariant
from communications.texts import Texts, texts

COLUMNS = ("language", "subject", "body", "short_subject", "short_body")


def own_language(message: Message) -> str:
    """In which language its own text is written."""
    return message.language or tag(settings.LANGUAGE_CODE)


def language_of(delivery: Delivery) -> str:
    """In which language its mail is, a tag. No query where it came with its message."""
    return delivery.language or own_language(delivery.occurrence.message)


def with_texts(pk: int) -> tuple[Message, Texts]:
    """The message with project and sender, and its texts. One query, so that the texts are those
    of ``message.revision`` and of no other."""
    rows = MessageVariant.objects.filter(message=OuterRef("pk")).order_by("language")
    further = ArraySubquery(rows.values(data=JSONObject(**{name: name for name in COLUMNS})))
    found: Any = Message.objects.select_related("project", "sender").annotate(further=further)
    message = found.get(pk=pk)
    return message, texts_of(message, message.further)


def texts_of(message: Message, further: Iterable[Mapping[str, str]]) -> Texts:
    """Of ``message`` as it is in memory, and the rows of ``further``."""
    return texts(
        own_language(message),
        subject=message.subject,
        body=message.body,
        short_subject=message.short_subject,
        short_body=message.short_body,
        further=further,
    )


def usual_languages(project_id: int) -> tuple[str, ...]:
    """The languages beside English in which a project writes and we have words ourselves, so that
    a message of ours can be in them too. One query."""
    further = MessageVariant.objects.filter(message__project=project_id).values_list("language")
    own = Message.objects.filter(project=project_id).exclude(language="").values_list("language")
    found = sorted(language for (language,) in own.union(further))
    return tuple(one for one in found if base(one) != ENGLISH and are_translated(one))


def variant_rows(message: Message) -> list[Mapping[str, str]]:
    """The rows of its variants as ``texts_of`` takes them. One query."""
    return list(message.variants.order_by("language").values(*COLUMNS))
