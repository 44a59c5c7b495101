"""The one mail account of this installation: its settings, and the holds that spare it.

The Sender row is the only thing written here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.db import connection
from django.db.models import Q

from communications.mailer import crash
from communications.mailer.backoff import hold_for
from communications.mailer.server import Server
from communications.models import Sender
from communications.services.pipeline import clock

NAME = "default"
# A server that has too much of us is spared that long.
FEWER_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the Sender row says now. None: no limit, and as many connections as the settings say."""

    held_until: datetime | None = None
    per_second: int | None = None
    per_hour: int | None = None
    connections: int | None = None
    fewer_connections: int | None = None
    uses_pipelining: bool = True

    @property
    def is_limited(self) -> bool:
        return self.per_second is not None or self.per_hour is not None

    def lines(self, usual: int) -> int:
        """How many connections a process may open."""
        number = self.connections or usual
        return min(number, self.fewer_connections or number)


_STANDING = """
    SELECT CASE WHEN hold_until > now.at THEN hold_until END, per_second, per_hour, connections,
           CASE WHEN fewer_until > now.at THEN fewer_connections END, uses_pipelining
    FROM communications_sender, (SELECT clock_timestamp() + %s::interval) AS now (at)
    WHERE name = %s
"""


def standing() -> Standing:
    """One query; workers ask it several times a second."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [clock.ahead(), NAME])
        row = cursor.fetchone()
    return Standing(*row) if row else Standing()


def server(*, may_pipeline: bool = True) -> Server:
    """The server that EMAIL_URL names."""
    return Server(
        host=settings.EMAIL_HOST,
        port=int(settings.EMAIL_PORT or 25),
        user=settings.EMAIL_HOST_USER or "",
        password=settings.EMAIL_HOST_PASSWORD or "",
        use_tls=settings.EMAIL_USE_TLS,
        use_ssl=settings.EMAIL_USE_SSL,
        timeout=float(settings.EMAIL_TIMEOUT or 30),
        hello_name=DNS_NAME.get_fqdn(),
        may_pipeline=settings.SEND_PIPELINING and may_pipeline,
    )


def from_address() -> str:
    """The bare address that mails come from and that bounces go to."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def held_until() -> datetime | None:
    """The moment until which the server is left alone, None where it may be used now."""
    return standing().held_until


def hold(why: str, *, fewer: int | None = None) -> None:
    """Leave the server alone for a while, longer each time until a mail gets through.

    ``fewer`` connections afterwards, where it said that we are too many. Where it is left alone
    already, this was the same trouble on another connection.
    """
    row, _created = Sender.objects.get_or_create(name=NAME)
    now, failures = clock.database_now(), row.failures_in_a_row + 1
    crash.point("before-hold")
    less = {"fewer_connections": fewer, "fewer_until": now + FEWER_FOR} if fewer else {}
    Sender.objects.filter(Q(hold_until__isnull=True) | Q(hold_until__lte=now), pk=row.pk).update(
        hold_until=now + hold_for(failures),
        hold_reason=why[:500],
        failures_in_a_row=failures,
        **less,
    )
    crash.point("after-hold")


def trust_again() -> None:
    """A mail got through: the next hold starts short again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE communications_sender SET failures_in_a_row = 0, hold_until = NULL,"
            " hold_reason = '' WHERE name = %s AND failures_in_a_row <> 0",
            [NAME],
        )
