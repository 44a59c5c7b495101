"""The form of an address that a mail server takes. Pure: no server is asked whether it exists."""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext as _

from common.addresses import ascii_domain
from communications.exceptions import AddressRefused

# RFC 5322's dot-atom: what every server takes. No quotes, no comments, no two addresses in one.
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\Z")
MAX_LOCAL = 64
MAX_ADDRESS = 254


@lru_cache(maxsize=1024)
def envelope_address(address: str) -> str:
    """The address as it is said to a mail server, plain ASCII. Raises AddressRefused."""
    local, _at, domain = address.strip().rpartition("@")
    plain = _plain_domain(domain)
    if (
        not plain
        or not LOCAL.match(local)
        or len(local) > MAX_LOCAL
        or len(local) + len(plain) >= MAX_ADDRESS
    ):
        raise AddressRefused(_("The address cannot be used for mail. Correct it in the roster."))
    return f"{local}@{plain}"


@lru_cache(maxsize=1024)
def _plain_domain(domain: str) -> str:
    """Empty for what is none."""
    plain = ascii_domain(unicodedata.normalize("NFC", domain))
    return plain if DOMAIN.match(plain) else ""
