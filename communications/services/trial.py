"""A mail to oneself, to see it in one's own mail program. It is never counted and has no row."""

from email.mime.text import MIMEText
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from common.addresses import is_allowed
from communications.audiences import Recipient
from communications.exceptions import OrderRefused
from communications.models import Occurrence
from communications.rendering.skeleton import CALENDAR_FILE
from communications.services.approval import record_occurrence, words
from communications.services.content import preview

if TYPE_CHECKING:
    from accounts.models import User


def send_test(*, occurrence: Occurrence, acting_user: "User", as_recipient: Recipient) -> None:
    """What ``as_recipient`` would get, to the acting user, marked as a test.

    OrderRefused when the server does not take it or the address may get no mail; RenderError
    when this person's mail cannot be built. Not a transaction: there is nothing to undo.
    """
    if not is_allowed(acting_user.email, settings.MAIL_ALLOW_LIST):
        raise OrderRefused(
            _("Your address is not on this installation's list of those who may get mail.")
        )
    banner = _("This is a test, written as if to %(name)s. Nobody else got it.") % {
        "name": as_recipient.name
    }
    mail = preview(occurrence, as_recipient, banner=banner)
    message = EmailMultiAlternatives(
        subject=_("[Test] %(subject)s") % {"subject": mail.subject},
        body=mail.text,
        to=[acting_user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    if mail.calendar:
        message.attach(_calendar_file(mail.calendar))
    try:
        message.send()
    except (SMTPException, OSError) as error:
        raise OrderRefused(
            _("The mail server did not take the test. Ask whoever runs it, then try again.")
        ) from error
    sentence = _("A test of “%(what)s” was sent.") % {"what": words(occurrence)}
    record_occurrence(occurrence, "occurrence.tested", sentence, acting_user)


def _calendar_file(calendar: str) -> MIMEText:
    """As the real mail has it."""
    part = MIMEText(calendar.replace("\n", "\r\n"), "calendar", "utf-8")
    part.set_param("method", "PUBLISH")
    part.add_header("Content-Disposition", "attachment", filename=CALENDAR_FILE)
    return part
