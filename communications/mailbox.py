"""Reads the mails that the development listener received. Knows a folder, not a setting."""

import mailbox
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from communications.rendering.reading import parse, part

LISTED = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """One line of the list."""

    key: str
    at: datetime
    sender: str
    to: str
    subject: str


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """One mail with all its headers, as they came."""

    headers: tuple[tuple[str, str], ...]
    subject: str
    text: str
    html: str


def letters(folder: str, words: str = "") -> tuple[Letter, ...]:
    """The newest LISTED mails whose sender, recipient or subject holds ``words``."""
    box = _open(folder)
    if box is None:
        return ()
    found: list[Letter] = []
    for at, key in sorted(((_arrival(box, key), key) for key in box.iterkeys()), reverse=True):
        letter = _letter(box, key, at)
        if (
            letter
            and words.casefold() in f"{letter.sender} {letter.to} {letter.subject}".casefold()
        ):
            found.append(letter)
        if len(found) == LISTED:
            break
    return tuple(found)


def letter(folder: str, key: str) -> OpenLetter | None:
    """One mail, None where there is no such key."""
    box = _open(folder)
    try:
        raw = box.get_bytes(key) if box is not None else None
    except (KeyError, OSError):
        raw = None
    if raw is None:
        return None
    message = parse(raw)
    return OpenLetter(
        headers=tuple((name, str(value)) for name, value in message.items()),
        subject=str(message.get("Subject", "")),
        text=part(message, "plain"),
        html=part(message, "html"),
    )


def _open(folder: str) -> "mailbox.Maildir | None":
    try:
        return mailbox.Maildir(folder, create=False)
    except mailbox.NoSuchMailboxError:
        return None


def _path(box: "mailbox.Maildir", key: str) -> Path:
    return Path(box._path, box._lookup(key))  # type: ignore[attr-defined]


def _arrival(box: "mailbox.Maildir", key: str) -> float:
    try:
        return _path(box, key).stat().st_mtime_ns / 1e9
    except (KeyError, OSError):  # taken away while we looked
        return 0.0


def _letter(box: "mailbox.Maildir", key: str, at: float) -> Letter | None:
    try:
        with _path(box, key).open("rb") as file:
            head = BytesHeaderParser(policy=default).parse(file)
    except (KeyError, OSError):
        return None
    return Letter(
        key=key,
        at=datetime.fromtimestamp(at, UTC),
        sender=str(head.get("From", "")),
        to=str(head.get("X-Envelope-To") or head.get("To", "")),
        subject=str(head.get("Subject", "")),
    )
