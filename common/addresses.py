"""Mail addresses: one key for all spellings, and who may get mail at all. Pure.

No word here about what is an address: rosters and envelopes have rules of their own.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

DIGEST = "sha256:"


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """One key for all spellings of an address: NFC, case folded, the domain in its ASCII form.

    Never raises: what is no address is a key of its own.
    """
    local, _at, domain = unicodedata.normalize("NFC", address.strip()).casefold().rpartition("@")
    return f"{local}@{ascii_domain(domain) or domain}"


def address_digest(key: str) -> str:
    """What stands for the key of an address that must be recognised but not read any more."""
    return f"{DIGEST}{hashlib.sha256(key.encode()).hexdigest()}"


def is_allowed(address: str, allow_list: Iterable[str]) -> bool:
    """Whether an allow-list of addresses and @domains lets it pass; an empty one lets all pass.

    An entry with ``!`` in front refuses; a list of such entries alone lets all others pass.
    """
    entries = [entry.strip() for entry in allow_list if entry.strip()]
    if not entries:
        return True
    refused = {address_key(entry[1:]) for entry in entries if entry.startswith("!")}
    allowed = {address_key(entry) for entry in entries if not entry.startswith("!")}
    key = address_key(address)
    names = {key, f"@{key.rpartition('@')[2]}"}
    return not names & refused and (not allowed or bool(names & allowed))


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str:
    """Punycode, lower case; empty where the domain cannot be written in ASCII."""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def in_words(name: str, address: str) -> str:
    """A person in a sentence, with the address: of many people several have the same name."""
    return f"{name} ({address})" if name and address else name or address
