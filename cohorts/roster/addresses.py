"""Addresses of people: what may stand in a roster, and the key under which a person is known.

Stricter than the RFCs where mail would go to nobody: Django encodes letters beyond ASCII before the
``@`` into an address that servers accept and no mailbox has.
"""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext as _

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
is_local = re.compile(rf"(?=.{{1,64}}\Z){ATOM}(?:\.{ATOM})*\Z").match
is_label = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z").match
LONGEST = 254


class AddressFault(ValueError):
    """The address cannot be used; the text says why."""


def key_of(address: str) -> str:
    """The identity key of an address: NFC, casefolded, the domain in its readable form.

    Raises AddressFault with the reason.
    """
    local, _at, domain = address.rpartition("@")
    # The length first: the IDNA codec takes its time over endless labels.
    known = domain_key(domain) if len(address) <= LONGEST else None
    if known is None or not is_local(local):
        raise AddressFault(_fault(address, local))
    # ASCII by now, so lower() is NFC and casefold().
    return f"{local.lower()}@{known}"


@lru_cache(maxsize=4096)
def domain_key(domain: str) -> str | None:
    """The domain NFC and casefolded, ``xn--`` labels decoded; None where it is not a domain.

    ``bücher.example`` and ``xn--bcher-kva.example`` are one domain and get one key.
    """
    labels = domain.lower().split(".") if domain.isascii() else _ascii_labels(domain)
    if len(labels) < 2 or not all(map(is_label, labels)) or labels[-1].isdigit():
        return None
    try:
        return ".".join(map(_readable, labels))
    except UnicodeError:
        return None


def _ascii_labels(domain: str) -> list[str]:
    """The labels as they go over the wire; empty where a label cannot."""
    text = unicodedata.normalize("NFC", domain)
    if not all(ch.isalnum() or ch in ".-" or unicodedata.category(ch)[0] == "M" for ch in text):
        return []
    try:
        return text.casefold().encode("idna").decode("ascii").lower().split(".")
    except UnicodeError:
        return []


def _readable(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    decoded = label.removeprefix("xn--").encode("ascii").decode("punycode")
    if not decoded or not decoded.isprintable():
        raise UnicodeError(label)
    return unicodedata.normalize("NFC", decoded.casefold())


def _fault(address: str, local: str) -> str:
    shown = {"address": visible(address)}
    if not address.isprintable():
        return _("“%(address)s” holds an invisible character; type the address again.") % shown
    if re.search(r"[,;]|@.*@", address):
        return _("“%(address)s” is more than one address; give one.") % shown
    if not local.isascii():
        return _("“%(address)s” has letters before the @ that mail servers do not take.") % shown
    return _("“%(address)s” is not an address like anna@example.org.") % shown


def visible(text: str, longest: int = 80) -> str:
    """``text`` for a sentence: cut, and with a sign in place of what cannot be seen."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(ch if ch.isprintable() else "\N{REPLACEMENT CHARACTER}" for ch in cut)
