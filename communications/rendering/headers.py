"""Header lines of RFC 5322: encoded words, folding, addresses. A line break cannot get through."""

import base64

from django.utils.translation import gettext as _

from communications.addresses import envelope_address
from communications.exceptions import AddressRefused, RenderError
from communications.rendering.placeholders import clean

# Short enough for any line, whatever stands before it.
PLAIN, MACHINE_MADE = 60, 900
# 45 bytes are 60 letters of base64; with "=?utf-8?b?" and "?=" a line stays below 75.
WORD_BYTES = 45


def words(value: str) -> bytes:
    """``value`` as it stands after the colon; anything but short plain text as encoded words."""
    value = clean(value)
    if _is_plain(value, PLAIN) and "=?" not in value and value == value.strip():
        return value.encode("ascii")
    return b"\r\n ".join(
        b"=?utf-8?b?" + base64.b64encode(chunk) + b"?=" for chunk in _chunks(value)
    )


def _chunks(value: str) -> list[bytes]:
    """UTF-8 in pieces that end between characters, as RFC 2047 asks."""
    chunks = [b""]
    for character in value:
        encoded = character.encode("utf-8", "replace")
        if len(chunks[-1]) + len(encoded) > WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += encoded
    return chunks


def mailbox(name: str, address: str) -> bytes:
    """``"Name" <address>``, the address's domain in its ASCII form."""
    try:
        plain = envelope_address(address)
    except AddressRefused as error:
        raise RenderError(error.sentence) from error
    written = f"<{plain}>".encode("ascii")
    name = clean(name).strip()
    if not name:
        return written
    quoted = words(name)
    if not quoted.startswith(b"=?"):
        quoted = b'"' + quoted.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return quoted + b"\r\n " + written


def line(name: bytes, value: bytes) -> bytes:
    return b"%b: %b\r\n" % (name, value)


def plain_line(name: str, value: str) -> bytes:
    """A line of machine-made ASCII such as a Message-ID; ``name`` is a word of ours."""
    if not value or not _is_plain(value, MACHINE_MADE):
        raise RenderError(_("A header of this mail is not plain text."))
    return f"{name}: {value}\r\n".encode("ascii")


def _is_plain(value: str, most: int) -> bool:
    return len(value) <= most and value.isascii() and value.isprintable()
