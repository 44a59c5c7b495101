"""Mails about signing in, through Django's mail API. Pure of the database.

They are asked for and can be asked for again, so a mail server that is away costs a log line, not
the work that wanted the mail.
"""

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

log = structlog.get_logger(__name__)


def is_held_back(address: str) -> bool:
    """Whether the allow list stops it: addresses and @domains; `!` in front of one refuses it."""
    entries = [entry.strip().lower() for entry in settings.MAIL_ALLOW_LIST if entry.strip()]
    refused = {entry[1:] for entry in entries if entry.startswith("!")}
    allowed = {entry for entry in entries if not entry.startswith("!")}
    address = address.strip().lower()
    names = {address, "@" + address.rpartition("@")[2]}
    return bool(names & refused) or (bool(allowed) and not names & allowed)


def send(message: EmailMessage, *, purpose: str) -> bool:
    """Send unless held back; False where nothing left. Logs the purpose, never the address."""
    if any(is_held_back(address) for address in message.to):
        log.info("account_mail_held_back", purpose=purpose)
        return False
    try:
        message.send()
    except (SMTPException, OSError) as error:
        log.warning("account_mail_unsent", purpose=purpose, error=type(error).__name__)
        return False
    return True
