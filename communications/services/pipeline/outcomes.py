"""From what the mail server said to what is written in the row. Decides, but writes nothing."""

import random
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from communications.enums import AmbiguityPolicy, DeliveryState
from communications.mailer.backoff import retry_after
from communications.mailer.reply import Reply
from communications.mailer.verdict import Verdict
from communications.services.pipeline.decide import Claimed
from communications.services.pipeline.step import AFTER_THE_DOT, BEFORE_THE_DOT, Outcome

NO_LATER = 7  # tries of a mail that has no last moment


def taken(reply: Reply, mail: Claimed) -> Outcome:
    return Outcome(mail.pk, DeliveryState.SENT, AFTER_THE_DOT, code=reply.code, text=reply.text)


def of_reply(
    verdict: Verdict, reply: Reply, mail: Claimed, at: datetime, *, is_marked: bool
) -> Outcome:
    """The server said no. The mark counted the attempt already, otherwise it is counted here."""
    state, wait, reason = _state(verdict, mail, at)
    return Outcome(
        pk=mail.pk,
        state=state,
        held_as=AFTER_THE_DOT if is_marked else BEFORE_THE_DOT,
        reason=reason,
        code=reply.code,
        text=reply.text,
        wait=wait,
        is_tried=not is_marked and verdict in (Verdict.FAIL, Verdict.RETRY, Verdict.HOLD),
    )


def of_trouble(why: str, mail: Claimed, at: datetime, *, was_offered: bool) -> Outcome:
    """The connection broke off before the dot, so nothing was handed over.

    A row that was being offered waits like one that was refused: it may be what broke it.
    """
    if not was_offered:
        return Outcome(mail.pk, DeliveryState.QUEUED, BEFORE_THE_DOT, text=why)
    state, wait, reason = _state(Verdict.RETRY, mail, at)
    return Outcome(mail.pk, state, BEFORE_THE_DOT, reason, text=why, wait=wait, is_tried=True)


def unknown(why: str, mail: Claimed) -> Outcome:
    """The dot was sent and no answer came."""
    if mail.occurrence.ambiguity == AmbiguityPolicy.RESEND:
        return Outcome(
            mail.pk,
            DeliveryState.QUEUED,
            AFTER_THE_DOT,
            text=why,
            wait=retry_after(mail.attempts + 1, random.random()),  # noqa: S311
        )
    reason = _("the server did not answer after it had the whole mail")
    return Outcome(mail.pk, DeliveryState.UNCERTAIN, AFTER_THE_DOT, reason, text=why)


def not_built(why: str, mail: Claimed) -> Outcome:
    return Outcome(mail.pk, DeliveryState.FAILED, BEFORE_THE_DOT, reason=why)


def not_handed_over(mail: Claimed) -> Outcome:
    """No dot was sent, whatever the database says: the row waits for its next turn.

    The short wait keeps a worker from turning round and round over a mail it may not mark.
    """
    held_as = (*BEFORE_THE_DOT, *AFTER_THE_DOT)
    return Outcome(mail.pk, DeliveryState.QUEUED, held_as, wait=timedelta(seconds=5))


def _state(verdict: Verdict, mail: Claimed, at: datetime) -> tuple[DeliveryState, timedelta, str]:
    match verdict:
        case Verdict.FAIL:
            return DeliveryState.FAILED, timedelta(0), _("refused by the mail server")
        case Verdict.WAIT | Verdict.PAUSE:
            return DeliveryState.QUEUED, timedelta(0), ""
    attempts = mail.attempts + 1
    wait = retry_after(attempts, random.random())  # noqa: S311
    not_after = mail.occurrence.not_after
    gives_up = attempts >= NO_LATER if not_after is None else at + wait > not_after
    if gives_up:
        return DeliveryState.FAILED, timedelta(0), _("put off by the mail server until too late")
    return DeliveryState.QUEUED, wait, _("put off by the mail server")
