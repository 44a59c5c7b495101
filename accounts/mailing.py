"""Mails about signing in, through Django's mail API. Pure of the database.

They are asked for and can be asked for again, so a mail server that is away costs a log line, not
the work that wanted the mail.
"""

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

from common.addresses import is_allowed

log = structlog.get_logger(__name__)


def send(message: EmailMessage, *, purpose: str) -> bool:
    """Send unless the allow list holds it back; False where nothing left.

    Logs the purpose, never the address.
    """
    if not all(is_allowed(address, settings.MAIL_ALLOW_LIST) for address in message.to):
        log.info("account_mail_held_back", purpose=purpose)
        return False
    try:
        message.send()
    except (SMTPException, OSError) as error:
        log.warning("account_mail_unsent", purpose=purpose, error=type(error).__name__)
        return False
    return True
