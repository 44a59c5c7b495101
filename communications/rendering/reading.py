"""Reads a mail as a mail program does: what a preview and the mailbox show."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """One mail, decoded. ``calendar`` is the iCalendar file that comes with it, or empty."""

    sender: str
    to: str
    subject: str
    text: str
    html: str
    calendar: str = ""


def parse(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    if not isinstance(message, EmailMessage):  # the default policy makes nothing else
        raise TypeError(type(message))
    return message


def read_mail(raw: bytes) -> RenderedMail:
    message = parse(raw)
    return RenderedMail(
        sender=str(message.get("From", "")),
        to=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        text=part(message, "plain"),
        html=part(message, "html"),
        calendar=_calendar(message),
    )


def part(message: EmailMessage, kind: str) -> str:
    """The text of the "plain" or the "html" part; empty where there is none."""
    body = message.get_body((kind,))
    return _decoded(body) if body is not None else ""


def _calendar(message: EmailMessage) -> str:
    files = (one for one in message.walk() if one.get_content_type() == "text/calendar")
    found = next(files, None)
    return _decoded(found) if found is not None else ""


def _decoded(body: Message) -> str:
    content = body.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = body.get_content_charset() or "utf-8"
    try:
        return content.decode(charset, "replace").replace("\r\n", "\n")
    except LookupError:
        return content.decode("utf-8", "replace").replace("\r\n", "\n")
