"""A mail but for the person: fixed pieces already encoded, slots between them.

Everything is quoted-printable, and each value stands between two soft line breaks. So the fixed
pieces are encoded once a revision, no line grows long, and "=_" of the boundary can occur nowhere.
"""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from django.utils.translation import gettext as _

from communications.exceptions import RenderError
from communications.rendering import headers
from communications.rendering.frame import Frame, framed
from communications.rendering.markdown import to_html, to_text
from communications.rendering.placeholders import Hidden, Slot, clean, is_link

BOUNDARY = "=_upgrade-tracker"
# Neither begins like the other: some mail programs compare no more than that.
OUTER_BOUNDARY = "=_parts-of-upgrade-tracker"
CALENDAR_FILE = "switch.ics"
WEB = ("http://", "https://")
Writer = Callable[[str], bytes]
Piece = bytes | tuple[str, Writer]
Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """One revision of a message's content, ready for any number of people.

    ``body`` is all that follows the headers of the person; its slots are a name and how its value
    is written there.
    """

    revision: int
    subject: tuple[str | Slot, ...]
    head: bytes
    body: Pieces
    names: frozenset[str] = field(default_factory=frozenset)

    def with_values(self, shared: Mapping[str, str]) -> "Skeleton":
        """The same with what everybody reads alike joined in, but for links; slots are left for
        the person's own values."""
        known = {
            name: clean(shared[name]) for name in self.names & shared.keys() if not is_link(name)
        }
        body = [
            p if isinstance(p, bytes) or p[0] not in known else p[1](known[p[0]]) for p in self.body
        ]
        return replace(
            self,
            subject=tuple(p if isinstance(p, str) else known.get(p.name, p) for p in self.subject),
            body=_as_few(body),
            names=self.names - known.keys(),
        )

    def render(
        self,
        *,
        values: Mapping[str, str],
        to_name: str,
        to_address: str,
        message_id: str,
        date: datetime,
        extra_headers: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """The whole mail with CRLF, not dot-stuffed. RenderError concerns this person only.

        ``message_id`` comes with its angle brackets; ``extra_headers`` are plain ASCII.
        """
        known = {name: _value(values, name) for name in self.names}
        subject = "".join([p if isinstance(p, str) else known[p.name] for p in self.subject])
        return b"".join(
            [
                self.head,
                headers.line(b"To", headers.mailbox(to_name, to_address)),
                headers.line(b"Subject", headers.words(subject)),
                _date_line(date),
                headers.plain_line("Message-ID", message_id),
                *[headers.plain_line(name, value) for name, value in extra_headers],
                *[p if isinstance(p, bytes) else p[1](known[p[0]]) for p in self.body],
            ]
        )


@lru_cache(maxsize=256)
def build_skeleton(
    *,
    revision: int,
    subject: str,
    body: str,
    from_name: str,
    from_address: str,
    reply_to: tuple[str, str] | None,
    frame: Frame,
    calendar: bytes = b"",
) -> Skeleton:
    """Render the content once. ``calendar`` is a whole iCalendar file, the same for everybody;
    empty where there is none.
    """
    hidden = Hidden(subject, body, frame.below, besides=(frame.banner, frame.footer, frame.title))
    links = _links(hidden)
    parts = [hidden.hide(part) for part in (body, frame.below)]
    inner, below = (to_html(part, links) for part in parts)
    document = framed(inner, below, frame)
    text = "\n".join([*map(to_text, filter(None, parts)), f"-- \n{frame.footer}\n"])
    if frame.banner:
        text = f"{frame.banner}\n\n{text}"
    head = headers.line(b"From", headers.mailbox(from_name, from_address))
    if reply_to is not None:
        head += headers.line(b"Reply-To", headers.mailbox(*reply_to))
    head += b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
    return Skeleton(
        revision=revision,
        subject=hidden.split(hidden.hide(subject)),
        head=head,
        body=_body(
            _encoded(hidden.split(text), _as_text),
            _encoded(hidden.split(document), _as_html),
            _calendar_part(calendar) if calendar else b"",
        ),
        names=frozenset(hidden.names),
    )


def _as_text(slot: Slot) -> Writer:
    return as_it_is


def _as_html(slot: Slot) -> Writer:
    if is_link(slot.name):
        return as_link
    return as_address if slot.is_address else in_html


def as_it_is(value: str) -> bytes:
    """Between two soft line breaks; all others end here, too."""
    return b"=\r\n%b=\r\n" % _quoted_printable(value)


def in_html(value: str) -> bytes:
    """Running text, isolated so that a right-to-left name stays in place."""
    return as_it_is(f"<bdi>{html.escape(value)}</bdi>")


def as_link(value: str) -> bytes:
    """One of our own addresses, in an attribute or as its own text."""
    return as_it_is(html.escape(value))


def as_address(value: str) -> bytes:
    """Any value as part of an address in an attribute."""
    return as_it_is(html.escape(quote(value, safe="@+")))


@lru_cache(maxsize=8)
def _date_line(date: datetime) -> bytes:
    return headers.plain_line("Date", format_datetime(date))


def _value(values: Mapping[str, str], name: str) -> str:
    try:
        value = clean(values[name])
    except KeyError:
        raise RenderError(_("{%(name)s} has no value for this person.") % {"name": name}) from None
    if is_link(name) and not value.lower().startswith(WEB):
        raise RenderError(_("{%(name)s} is not a web address.") % {"name": name})
    return value


def _links(hidden: Hidden) -> re.Pattern[str] | None:
    words = [hidden.hide(f"{{{name}}}") for name in hidden.names if is_link(name)]
    return re.compile("|".join(words)) if words else None


def _encoded(pieces: Sequence[str | Slot], writer: Callable[[Slot], Writer]) -> Pieces:
    return tuple(
        (p.name, writer(p)) if isinstance(p, Slot) else _quoted_printable(p) for p in pieces
    )


def _as_few(pieces: Iterable[Piece]) -> Pieces:
    """Neighbours that are both fixed become one."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, bytes) and isinstance(last, bytes):
            joined[-1] = last + piece
        else:
            joined.append(piece)
    return tuple(joined)


def _quoted_printable(text: str) -> bytes:
    encoded = binascii.b2a_qp(text.replace("\r\n", "\n").encode("utf-8", "replace"))
    return encoded.replace(b"\n", b"\r\n")


def _body(text: Pieces, document: Pieces, attached: bytes) -> Pieces:
    """The parts of the mail with what stands between them."""
    mark = f"--{BOUNDARY}\r\n".encode("ascii")
    quoted = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    pieces: Pieces = (
        f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n\r\n'.encode("ascii"),
        mark + b'Content-Type: text/plain; charset="utf-8"\r\n' + quoted,
        *text,
        b"\r\n" + mark + b'Content-Type: text/html; charset="utf-8"\r\n' + quoted,
        *document,
        f"\r\n--{BOUNDARY}--\r\n".encode("ascii"),
    )
    if attached:
        pieces = _with_attachment(pieces, attached)
    return _as_few((b"MIME-Version: 1.0\r\n", *pieces))


def _with_attachment(pieces: Pieces, attached: bytes) -> Pieces:
    mark = f"--{OUTER_BOUNDARY}\r\n".encode("ascii")
    kind = f'Content-Type: multipart/mixed; boundary="{OUTER_BOUNDARY}"\r\n\r\n'.encode("ascii")
    end = f"--{OUTER_BOUNDARY}--\r\n".encode("ascii")
    return (kind + mark, *pieces, mark + attached + end)


def _calendar_part(calendar: bytes) -> bytes:
    """As mail programs offer it: a file that says what is to be done with it."""
    lines = (
        f'Content-Type: text/calendar; charset="utf-8"; method=PUBLISH; name="{CALENDAR_FILE}"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{CALENDAR_FILE}"',
    )
    head = "\r\n".join(lines).encode("ascii")
    return head + b"\r\n\r\n" + base64.encodebytes(calendar).replace(b"\n", b"\r\n")
