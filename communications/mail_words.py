"""Our own words in a mail, in the language that is active: ``locale/`` has them in many. Pure.

All of them are marked "mail", so that no catalogue touches the interface, which is English.
"""

from datetime import date

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, get_format
from django.utils.translation import get_language, get_language_bidi, pgettext
from django.utils.translation.trans_real import parse_accept_lang_header

from communications.languages import base, known, tag

ENGLISH = "en"
# Who writes names of days and months small, though Django's catalogues begin them large.
SMALL = frozenset({"es", "it", "pl", "pt", "ro", "ru", "uk"})


def spoken() -> str:
    """The tag of the language that these words are in: English where nobody translated them."""
    # Translators: the tag of the language you write, such as "de".
    return pgettext("mail, tag of the language", "en")


def are_translated(language: str) -> bool:
    """Whether a mail in ``language``, a tag, is in it from the first word to the last."""
    if base(language) == ENGLISH:
        return True
    with translation.override(known(language) or ENGLISH):
        return spoken() != ENGLISH


def accepted(header: str) -> str:
    """The tag of the language that a browser asks for and that has our words; English else.

    ``header`` is what it sent as Accept-Language, be it nonsense.
    """
    wanted = (tag(one) for one, weight in parse_accept_lang_header(header) if weight)
    return next((one for one in wanted if are_translated(one)), ENGLISH)


def wholly_in(language: str) -> translation.override:
    """For a page that is in our words alone: in ``language``, a tag, or in the English of the
    interface."""
    is_ours = base(language) != ENGLISH and are_translated(language)
    return translation.override(known(language) if is_ours else settings.LANGUAGE_CODE)


def spoken_to(reader: str) -> translation.override:
    """For what somebody gets outside their mails who reads ``reader``, as their roster says it."""
    return translation.override(known(tag(reader)) or ENGLISH)


def reason(project: str) -> str:
    """The last line of every mail."""
    sentence = pgettext("mail", "You get this mail because you are part of “%(project)s”.")
    return sentence % {"project": _apart(project)}


def way_out() -> str:
    """The words of the link that stops mails which are not mandatory."""
    return pgettext("mail", "Stop mails like this")


def entry_title(project: str, cohort: str) -> str:
    """What the calendar shows."""
    words = {"project": project, "cohort": cohort}
    return pgettext("mail", "%(project)s: %(cohort)s switches") % words


def entry_text() -> str:
    return pgettext("mail", "From this moment on you work in the new way.")


def entry_contact(contact: str) -> str:
    return pgettext("mail", "Questions: %(contact)s") % {"contact": contact}


def day_in_full(day: date) -> str:
    """ "Tuesday 1 June 2027", "Dienstag, 1. Juni 2027": in the order that the language has."""
    language = get_language() or ENGLISH
    if base(language) != ENGLISH and spoken() == ENGLISH:
        written = str(get_format("DATE_FORMAT"))
        return date_format(day, written if "l" in written else f"l, {written}")
    words = date_format(day, pgettext("mail, date", "l j F Y"))
    return words.lower() if base(language) in SMALL else words


def _apart(name: str) -> str:
    """A name that may be written the other way round keeps its signs where they belong."""
    return f"\u2068{name}\u2069" if get_language_bidi() else name
