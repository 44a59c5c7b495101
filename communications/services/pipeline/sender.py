"""The one mail account of this installation: its settings, and the holds that spare it.

The Sender row is the only thing written here.
"""

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.db import connection
from django.db.models import Q

from communications.mailer.backoff import hold_for
from communications.mailer.server import Server
from communications.models import Sender
from communications.services.pipeline import clock

NAME = "default"


def server() -> Server:
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
        may_pipeline=settings.SEND_PIPELINING,
    )


def from_address() -> str:
    """The bare address that mails come from and that bounces go to."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def held_until() -> datetime | None:
    """The moment until which the server is left alone, None where it may be used now."""
    row = Sender.objects.filter(name=NAME, hold_until__gt=clock.database_now()).first()
    return row.hold_until if row else None


def hold(why: str) -> None:
    """Leave the server alone for a while, longer each time until a mail gets through.

    Where it is left alone already, this was the same trouble on another connection.
    """
    row, _created = Sender.objects.get_or_create(name=NAME)
    now, failures = clock.database_now(), row.failures_in_a_row + 1
    Sender.objects.filter(Q(hold_until__isnull=True) | Q(hold_until__lte=now), pk=row.pk).update(
        hold_until=now + hold_for(failures), hold_reason=why[:500], failures_in_a_row=failures
    )


def trust_again() -> None:
    """A mail got through: the next hold starts short again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE communications_sender SET failures_in_a_row = 0, hold_until = NULL,"
            " hold_reason = '' WHERE name = %s AND failures_in_a_row <> 0",
            [NAME],
        )
