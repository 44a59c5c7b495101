"""Which Workflow addresses may be kept, and which machines a post may reach.

A manager types the address and our server follows it, so it leads only to the hosts of Workflows,
over TLS, and never into our own network: what a name resolves to is looked at when we connect.
"""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from communications.exceptions import ChannelRefused

MOST_CHARACTERS = 2000
# No spaces, control characters or backslashes, which two readers may understand in two ways.
_PLAIN = re.compile(r"https?://[!-\[\]-~]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)


def refuse_bad_address(url: str) -> None:
    """Raises ChannelRefused for what is no Workflow's address. Asks no name server.

    An empty one was sealed under a key that is gone.
    """
    if not url:
        raise ChannelRefused(
            _("The address of the Workflow can no longer be read. Enter it once more.")
        )
    if not _PLAIN.fullmatch(url) or len(url) > MOST_CHARACTERS:
        raise ChannelRefused(_("Copy the whole address of the Workflow; it begins with https://."))
    parts = urlsplit(url)
    if not _HOST.fullmatch(parts.netloc) or not _is_port(parts):
        raise ChannelRefused(_("This is no address that Workflows have. Copy it once more."))
    if parts.scheme.lower() != "https" and not settings.TEAMS_INSIDE:
        raise ChannelRefused(_("The address must begin with https://."))
    if not is_known_host(parts.hostname or ""):
        raise ChannelRefused(
            _(
                "%(host)s is no host of Workflows that this installation knows. If it should be,"
                " whoever runs the installation adds it to TEAMS_HOSTS."
            )
            % {"host": parts.hostname}
        )


def is_known_host(host: str) -> bool:
    """Whether TEAMS_HOSTS names it: a whole host, or with a dot in front everything below one."""
    host = host.lower()
    return any(
        host.endswith(known) and len(host) > len(known) if known[:1] == "." else host == known
        for known in (entry.lower().removeprefix("*") for entry in settings.TEAMS_HOSTS)
    )


def reachable_at(host: str, port: int) -> str | None:
    """The IP address to connect to, None where the name leads inside. OSError: it leads nowhere.

    All addresses of a name must be public, so that nobody hides one of ours behind another.
    """
    found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not settings.TEAMS_INSIDE and not all(is_public(address) for address in found):
        return None
    return found[0]


def is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if inner is not None and not is_public(str(inner)):
        return False
    return ip.is_global and not ip.is_multicast


def _is_port(parts: SplitResult) -> bool:
    try:
        port = parts.port
    except ValueError:
        return False
    return port in (None, 443) or settings.TEAMS_INSIDE
