"""What the pages behind a mail's last line say, in the language that is active. Pure.

All of it is marked "stop mails", so that no catalogue touches the interface; see mail_words. The
frame around these pages is the interface's, so its few words are here once more.
"""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext


@dataclass(frozen=True, slots=True)
class PageWords:
    title: str
    heading: str
    lead: SafeString
    button: str


@dataclass(frozen=True, slots=True)
class FrameWords:
    skip: str
    look: str
    themes: tuple[tuple[str, str], ...]  # as in common.theme: what it is called by, and its name


@dataclass(frozen=True, slots=True)
class UnknownWords:
    title: str
    text: str


def page_words(address: str, *, is_stopped: bool) -> PageWords:
    """To the reader of ``address``, who gets everything or, where ``is_stopped``, only what is
    mandatory."""
    return _stopped(address) if is_stopped else _asked(address)


def frame_words() -> FrameWords:
    """Around the page, where the interface says them in English."""
    return FrameWords(
        skip=pgettext("stop mails", "Skip to content"),
        look=pgettext("stop mails", "Look"),
        themes=(
            ("", pgettext("stop mails", "System")),
            ("light", pgettext("stop mails", "Day")),
            ("dark", pgettext("stop mails", "Night")),
        ),
    )


def unknown_words() -> UnknownWords:
    """To whoever opened a link that is not, or no longer, one of ours."""
    return UnknownWords(
        title=pgettext("stop mails", "This link does not open a page"),
        text=pgettext(
            "stop mails",
            "Please open the link in your latest mail again, in one piece and with cookies allowed."
            " If that does not help, write to the person who signed the mail.",
        ),
    )


def _asked(address: str) -> PageWords:
    lead = pgettext(
        "stop mails",
        "{address} then gets no more tips, reminders and questions. What concerns your own switch"
        " still comes.",
    )
    return PageWords(
        title=_title(),
        heading=pgettext("stop mails", "Stop mails that you need not read?"),
        lead=_with(lead, address),
        button=pgettext("stop mails", "Stop them"),
    )


def _stopped(address: str) -> PageWords:
    lead = pgettext(
        "stop mails",
        "{address} gets no more tips, reminders and questions. What concerns your own switch still"
        " comes.",
    )
    return PageWords(
        title=_title(),
        heading=pgettext("stop mails", "You get only what everybody must get"),
        lead=_with(lead, address),
        button=pgettext("stop mails", "Send me everything again"),
    )


def _title() -> str:
    return pgettext("stop mails", "Mails from us")


def _with(sentence: str, address: str) -> SafeString:
    """An address that is written the other way round than the sentence keeps its signs in place."""
    return format_html(sentence, address=format_html("<bdi>{}</bdi>", address))
