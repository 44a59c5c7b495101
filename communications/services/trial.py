"""A mail to oneself, to see it in one's own mail program. It is never counted and has no row."""

from email.mime.text import MIMEText
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext as _

from common.addresses import is_allowed
from communications.audiences import Recipient
from communications.enums import LatePolicy
from communications.exceptions import OrderRefused
from communications.languages import name
from communications.models import Occurrence
from communications.queries.texts import own_language, with_texts
from communications.rendering import RenderedMail
from communications.rendering.skeleton import CALENDAR_FILE
from communications.services.approval import record_occurrence, words
from communications.services.content import preview

if TYPE_CHECKING:
    from accounts.models import User


def send_test(*, occurrence: Occurrence, acting_user: "User", as_recipient: Recipient) -> None:
    """What ``as_recipient`` would get, to the acting user, marked as a test: one mail for each
    language, and for the short text where those who join late get it.

    OrderRefused when the server does not take it or the address may get no mail; RenderError
    when this person's mail cannot be built. Not a transaction: there is nothing to undo.
    """
    if not is_allowed(acting_user.email, settings.MAIL_ALLOW_LIST):
        raise OrderRefused(
            _("Your address is not on this installation's list of those who may get mail.")
        )
    tests = [_test(mail, acting_user.email) for mail in _mails(occurrence, as_recipient)]
    try:
        get_connection().send_messages(tests)
    except (SMTPException, OSError) as error:
        raise OrderRefused(
            _("The mail server did not take the test. Ask whoever runs it, then try again.")
        ) from error
    sentence = _("A test of “%(what)s” was sent.") % {"what": words(occurrence)}
    record_occurrence(occurrence, "occurrence.tested", sentence, acting_user)


def _mails(occurrence: Occurrence, recipient: Recipient) -> list[RenderedMail]:
    """The message in each of its texts, written as if to ``recipient``."""
    message, texts = with_texts(occurrence.message_id)
    is_short = message.late_policy == LatePolicy.SHORT
    wanted = [text for text in texts.everything if is_short or not text.is_short]
    if len(wanted) == 1:
        return [preview(occurrence, recipient, banner=_banner(recipient))]
    mails = []
    for text in wanted:
        language = text.language or own_language(message)
        reader = recipient._replace(language=language)
        banner = _banner(reader, name(language), is_short=text.is_short)
        mails.append(preview(occurrence, reader, banner=banner, is_short=text.is_short))
    return mails


def _banner(reader: Recipient, language: str = "", *, is_short: bool = False) -> str:
    which = {"name": reader.name, "language": language}
    if is_short:
        return (
            _(
                "This is a test of the short text in %(language)s, written as if to %(name)s."
                " Nobody else got it."
            )
            % which
        )
    if language:
        return (
            _("This is a test in %(language)s, written as if to %(name)s. Nobody else got it.")
            % which
        )
    return _("This is a test, written as if to %(name)s. Nobody else got it.") % which


def _test(mail: RenderedMail, to: str) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=_("[Test] %(subject)s") % {"subject": mail.subject},
        body=mail.text,
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    if mail.calendar:
        message.attach(_calendar_file(mail.calendar))
    return message


def _calendar_file(calendar: str) -> MIMEText:
    """As the real mail has it."""
    part = MIMEText(calendar.replace("\n", "\r\n"), "calendar", "utf-8")
    part.set_param("method", "PUBLISH")
    part.add_header("Content-Disposition", "attachment", filename=CALENDAR_FILE)
    return part
