"""Personal links: derived from a row's public id, never stored.

A token is the id, the link's generation and a 128-bit HMAC over purpose, id and generation, so a
copy of the database alone opens nothing, a link for one purpose opens no other, and raising the
generation in the row revokes what was mailed. The keys are ``LINK_KEYS``: the first signs, all of
them verify. Whether the row exists and still has this generation is the caller's question.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.conf import settings

ID_BYTES = 16
GENERATION_BYTES = 4
MAC_BYTES = 16
# 36 bytes are exactly 48 characters of base64url, so each token has one spelling only.
SHAPE = re.compile(r"[A-Za-z0-9_-]{48}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine token says. Compare ``generation`` with the row's before trusting it."""

    public_id: UUID
    generation: int


def token(purpose: str, public_id: UUID, generation: int) -> str:
    """The token for this row, 48 characters that are safe in an address."""
    claim = public_id.bytes + generation.to_bytes(GENERATION_BYTES, "big")
    signed = claim + mac(settings.LINK_KEYS[0], purpose, claim, MAC_BYTES)
    return base64.urlsafe_b64encode(signed).decode("ascii")


def read(purpose: str, token: str) -> Link | None:
    """What ``token`` says, or None when it is not one that we signed for ``purpose``."""
    if not SHAPE.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    claim, seal = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    # Every key is tried, whichever fits: the time tells nothing about them.
    fits = [
        hmac.compare_digest(seal, mac(key, purpose, claim, MAC_BYTES)) for key in settings.LINK_KEYS
    ]
    if not any(fits):
        return None
    return Link(
        public_id=UUID(bytes=claim[:ID_BYTES]),
        generation=int.from_bytes(claim[ID_BYTES:], "big"),
    )


def mac(key: str, purpose: str, claim: bytes, size: int) -> bytes:
    """The first ``size`` bytes of what ``key`` alone can make of ``claim``, for one purpose."""
    signed = _keyed(key, purpose).copy()
    signed.update(claim)
    return signed.digest()[:size]


@lru_cache(maxsize=64)
def _keyed(key: str, purpose: str) -> hmac.HMAC:
    """What all claims of a purpose begin with: making it takes longer than going on from it."""
    return hmac.new(key.encode(), purpose.encode() + b"\0", "sha256")
