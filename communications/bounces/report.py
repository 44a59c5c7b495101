"""Reads one mail that came back: whose mail it is about, and whether it is final. Pure.

Only delivery reports (RFC 3464) count. Replies, notices of absence and warnings that delivery
takes longer say nothing about an address.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.utils import getaddresses
from uuid import UUID

from communications.bounces import return_path
from communications.enums import BounceKind

MOST_BYTES = 1024 * 1024  # of a report that is looked at; the rest is the mail that came back
MOST_TEXT = 500
# Where delivery programs write down which address a mail was really for.
ENVELOPE_HEADERS = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To")
STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})")
REPLY = re.compile(r"\b([45])\d\d\b")
MESSAGE_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
# A full mailbox, a message too large, a refusal by content: the address itself is fine.
SOFT_STATUS = frozenset({("2", "2"), ("3", "4"), ("2", "3")})
SOFT_SUBJECTS = frozenset({"6", "7"})


@dataclass(frozen=True, slots=True)
class Report:
    """``message_id`` is that of the delivery; ``kind`` whether the address exists no more."""

    message_id: UUID
    kind: BounceKind
    text: str


def read(raw: bytes, recipients: Iterable[str] = ()) -> Report | None:
    """The report in ``raw``, None for any other mail and for one that is not about ours.

    ``recipients`` are the envelope's, where they are known. Never raises for what is in the mail.
    """
    try:
        mail = message_from_bytes(raw[:MOST_BYTES], policy=policy.compat32)
        status = _status_of(mail)
        whose = _ours(mail, recipients)
    except (MessageError, ValueError, LookupError):
        return None
    if status is None or whose is None:
        return None
    code, text = status
    return Report(whose, _kind(code, text), _plain(f"{code} {text}"))


def _status_of(mail: "Message[str, str] | EmailMessage") -> tuple[str, str] | None:
    """(enhanced status, what the server said) of the first recipient that finally failed."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _parts(part):
            action = str(block.get("Action", "")).strip().casefold()
            if action == "failed":
                said = str(block.get("Diagnostic-Code", ""))
                return str(block.get("Status", "")).strip(), said.partition(";")[2] or said
    return None


def _kind(code: str, text: str) -> BounceKind:
    found = STATUS.match(code)
    if found is None:
        reply = REPLY.search(text)
        return BounceKind.HARD if reply and reply.group(1) == "5" else BounceKind.SOFT
    level, subject, detail = found.groups()
    is_soft = level != "5" or subject in SOFT_SUBJECTS or (subject, detail) in SOFT_STATUS
    return BounceKind.SOFT if is_soft else BounceKind.HARD


def _ours(mail: "Message[str, str]", recipients: Iterable[str]) -> UUID | None:
    """By the signed return path, else by the random Message-ID of the mail that came back."""
    for candidate in (*recipients, *_envelope(mail)):
        if (message_id := return_path.read(candidate)) is not None:
            return message_id
    for part in mail.walk():
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822"):
            found = MESSAGE_ID.search(_headers(part))
            if found:
                return UUID(found.group(1))
    return None


def _envelope(mail: "Message[str, str]") -> Iterator[str]:
    for name in ENVELOPE_HEADERS:
        values = [str(value) for value in mail.get_all(name, [])]
        yield from (address for _name, address in getaddresses(values))


def _headers(part: "Message[str, str]") -> str:
    if inside := _parts(part):
        return str(inside[0].get("Message-ID", ""))
    lines = str(part.get_payload()).splitlines()
    return next((line for line in lines if line.casefold().startswith("message-id:")), "")


def _parts(part: "Message[str, str]") -> "list[Message[str, str]]":
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _plain(text: str) -> str:
    words = " ".join(text.split())
    return "".join(letter for letter in words if letter.isprintable())[:MOST_TEXT]
