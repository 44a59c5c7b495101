"""Mail addresses: one key for all spellings, the form an envelope takes, who may get mail at all.

Pure. It does not ask any server whether an address exists.
"""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _

from communications.exceptions import AddressRefused

# RFC 5322's dot-atom: what every server takes. No quotes, no comments, no two addresses in one.
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\Z")
MAX_LOCAL = 64
MAX_ADDRESS = 254


def address_key(address: str) -> str:
    """One key for all spellings of an address: NFC, case folded, the domain in its ASCII form.

    Never raises: what is no address is a key of its own.
    """
    local, _at, domain = unicodedata.normalize("NFC", address.strip()).casefold().rpartition("@")
    return f"{local}@{_ascii_domain(domain) or domain}"


def envelope_address(address: str) -> str:
    """The address as it is said to a mail server, plain ASCII. Raises AddressRefused."""
    local, _at, domain = address.strip().rpartition("@")
    plain = _ascii_domain(unicodedata.normalize("NFC", domain))
    if (
        not LOCAL.match(local)
        or not DOMAIN.match(plain)
        or len(local) > MAX_LOCAL
        or len(local) + len(plain) >= MAX_ADDRESS
    ):
        raise AddressRefused(_("The address cannot be used for mail. Correct it in the roster."))
    return f"{local}@{plain}"


def is_allowed(address: str, allow_list: Iterable[str]) -> bool:
    """Whether an allow-list of addresses and @domains lets it pass; an empty one lets all pass.

    An entry with ``!`` in front refuses; a list of such entries alone lets all others pass.
    """
    entries = [entry.strip() for entry in allow_list if entry.strip()]
    refused = {address_key(entry[1:]) for entry in entries if entry.startswith("!")}
    allowed = {address_key(entry) for entry in entries if not entry.startswith("!")}
    key = address_key(address)
    names = {key, f"@{key.rpartition('@')[2]}"}
    return not names & refused and (not allowed or bool(names & allowed))


def _ascii_domain(domain: str) -> str:
    """Punycode, lower case; empty where the domain cannot be written in ASCII."""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
