"""Messages that we write ourselves, in the languages that a project writes in."""

from collections.abc import Callable

from django.utils import translation

from communications.correction_text import CorrectionText
from communications.languages import known
from communications.models import Message, MessageVariant
from communications.queries.texts import usual_languages


def add_usual_languages(
    message: Message, words: Callable[[], CorrectionText]
) -> list[MessageVariant]:
    """The texts of ``message``, which is new and says ``words`` in English, in the other languages
    of its project. The caller records the message."""
    variants = []
    for language in usual_languages(message.project_id):
        with translation.override(known(language)):
            text = words()
        variants.append(
            MessageVariant(message=message, language=language, subject=text.subject, body=text.body)
        )
    return MessageVariant.objects.bulk_create(variants)
