"""The envelope's sender of one mail: its Message-ID and a signature, in one local part. Pure.

Mail systems change the case of local parts, so it is base32; 80 bits keep strangers from making
one up, and whoever copies theirs can only report their own mail.
"""

import base64
import hmac
import re
from uuid import UUID

from django.conf import settings

from common import links

PURPOSE = "return-path"
ID_BYTES, MAC_BYTES = 16, 10
# Two letters are ten bits; 42 letters hold the 208 bits of both.
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
PAIRS = [first + second for first in LETTERS for second in LETTERS]
SHIFTS = range(200, -1, -10)
TOKEN = re.compile(r"[a-z2-7]{42}\Z", re.ASCII)
MARK = "+"


def address(base: str, message_id: UUID) -> str:
    """``bounces@example.org`` becomes ``bounces+<token>@example.org``, at most 64 before the @."""
    local, _at, domain = base.rpartition("@")
    return f"{local}{MARK}{_token(message_id)}@{domain}"


def read(candidate: str) -> UUID | None:
    """The Message-ID an address of ours stands for; None for anything we did not sign."""
    local = candidate.strip().strip("<>").rpartition("@")[0]
    token = local.rpartition(MARK)[2].lower()
    if MARK not in local or not TOKEN.match(token):
        return None
    raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    claim, seal = raw[:ID_BYTES], raw[ID_BYTES:]
    # Every key is tried, whichever fits: the time tells nothing about them.
    fits = [
        hmac.compare_digest(seal, links.mac(key, PURPOSE, claim, MAC_BYTES))
        for key in settings.LINK_KEYS
    ]
    return UUID(bytes=claim) if any(fits) and _encode(raw) == token else None


def _token(message_id: UUID) -> str:
    claim = message_id.bytes
    return _encode(claim + links.mac(settings.LINK_KEYS[0], PURPOSE, claim, MAC_BYTES))


def _encode(raw: bytes) -> str:
    """As ``base64.b32encode`` does, in lower case and without its padding, for ID and MAC."""
    number = int.from_bytes(raw, "big") << 2
    return "".join([PAIRS[number >> shift & 0x3FF] for shift in SHIFTS])
