"""From a Workflow's answer to what is written in the row, and what it means for its channel. Pure.

There is no dot: once a post has begun it may have arrived, so only a clear no is tried again.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.utils.translation import gettext as _

from communications.enums import AmbiguityPolicy, DeliveryState
from communications.mailer.backoff import retry_after
from communications.services.pipeline.outcomes import NO_LATER
from communications.services.pipeline.step import AFTER_THE_DOT, BEFORE_THE_DOT, Outcome
from communications.teams.line import Answer

# The Workflow is gone, or its address opens nothing any more.
CLOSED = frozenset({401, 403, 404, 410})
# A gateway's: what stands behind it may have taken the post.
UNKNOWN = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})


@dataclass(frozen=True, slots=True)
class Tried:
    """The row as it was marked: ``attempts`` counts this one."""

    pk: int
    attempts: int
    not_after: datetime | None
    ambiguity: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """``hold`` leaves the channel alone so long; zero where it is well, None where the answer says
    nothing about it. ``pause`` stops the message, and says why."""

    outcome: Outcome
    hold: timedelta | None = None
    pause: str = ""
    is_trouble: bool = False


def answered(answer: Answer, tried: Tried) -> Verdict:
    status, text = answer.status, _words(answer)
    if 200 <= status < 300:
        return Verdict(_outcome(tried, DeliveryState.SENT, status, text), hold=timedelta(0))
    if status in UNKNOWN:
        return Verdict(_uncertain(tried, text, status), is_trouble=True)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = timedelta(seconds=answer.wait) if answer.wait else _wait(tried)
        return Verdict(_again(tried, wait, status, text), hold=wait)
    if status >= 500 or status == HTTPStatus.REQUEST_TIMEOUT:
        return Verdict(_again(tried, _wait(tried), status, text), is_trouble=True)
    if status in CLOSED:
        why = _("The Workflow no longer takes posts (%(answer)s). Look at its channel.")
        outcome = _outcome(tried, DeliveryState.QUEUED, status, text)
        return Verdict(outcome, pause=why % {"answer": text}, is_trouble=True)
    reason = _("refused by the Workflow")
    return Verdict(_outcome(tried, DeliveryState.FAILED, status, text, reason))


def not_reached(why: str, tried: Tried) -> Verdict:
    """Nothing was sent."""
    return Verdict(_again(tried, _wait(tried), None, why), is_trouble=True)


def unanswered(why: str, tried: Tried) -> Verdict:
    """It was sent, or begun, and no answer came."""
    return Verdict(_uncertain(tried, why, None), is_trouble=True)


def not_built(why: str, pk: int) -> Outcome:
    return Outcome(pk, DeliveryState.FAILED, BEFORE_THE_DOT, reason=why)


def not_posted(pk: int) -> Outcome:
    """The post was not begun, whatever the database says of the mark."""
    held_as = (*BEFORE_THE_DOT, *AFTER_THE_DOT)
    return Outcome(pk, DeliveryState.QUEUED, held_as, wait=timedelta(seconds=5))


def _again(tried: Tried, wait: timedelta, status: int | None, text: str) -> Outcome:
    late = tried.not_after is not None and tried.at + wait > tried.not_after
    if late or (tried.not_after is None and tried.attempts >= NO_LATER):
        reason = _("put off by the Workflow until too late")
        return _outcome(tried, DeliveryState.FAILED, status, text, reason)
    reason = _("put off by the Workflow")
    return _outcome(tried, DeliveryState.QUEUED, status, text, reason, wait)


def _uncertain(tried: Tried, text: str, status: int | None) -> Outcome:
    if tried.ambiguity == AmbiguityPolicy.RESEND:
        return _again(tried, _wait(tried), status, text)
    reason = _("the Workflow did not say whether it took the post")
    return _outcome(tried, DeliveryState.UNCERTAIN, status, text, reason)


def _outcome(
    tried: Tried,
    state: DeliveryState,
    status: int | None,
    text: str,
    reason: str = "",
    wait: timedelta = timedelta(0),
) -> Outcome:
    return Outcome(tried.pk, state, AFTER_THE_DOT, reason, code=status, text=text, wait=wait)


def _wait(tried: Tried) -> timedelta:
    return retry_after(tried.attempts, random.random())  # noqa: S311


def _words(answer: Answer) -> str:
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = ""
    return " ".join(word for word in (str(answer.status), phrase, answer.word) if word)
