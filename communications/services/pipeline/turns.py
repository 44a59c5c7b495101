"""What one event on a connection means: for its row, for the server, for the message. Pure."""

from datetime import datetime
from typing import NamedTuple

from communications.mailer.line import Answered, Declined
from communications.mailer.reply import Reply
from communications.mailer.server import Refused
from communications.mailer.verdict import SLOW_DOWN, Verdict, of_dot, of_refusal
from communications.services.pipeline import outcomes
from communications.services.pipeline.decide import Claimed
from communications.services.pipeline.step import Outcome


class Turn(NamedTuple):
    """What became of a row, and what it means for the others.

    ``hold``: leave the server alone, and why. ``pause``: stop the message, and why. ``is_taken``
    is None where the answer says nothing about the message. ``is_too_much``: of us, says the
    server.
    """

    outcome: Outcome
    hold: str = ""
    pause: str = ""
    is_taken: bool | None = None
    ends_batch: bool = False
    is_too_much: bool = False


def answered(event: Answered, mail: Claimed, at: datetime) -> Turn:
    """The server's word on the dot."""
    verdict = of_dot(event.reply.code)
    if verdict is Verdict.TAKEN:
        return Turn(outcomes.taken(event.reply, mail), is_taken=True)
    if verdict is None:
        return unknown(str(event.reply), mail)
    outcome = outcomes.of_reply(verdict, event.reply, mail, at, is_marked=True)
    return _turn(verdict, event.reply, outcome, f"final dot: {event.reply}")


def unknown(why: str, mail: Claimed) -> Turn:
    """The dot was sent and no answer came."""
    return Turn(outcomes.unknown(why, mail), hold=why, ends_batch=True)


def declined(event: Declined, mail: Claimed, at: datetime) -> Turn:
    return refused(event.refusal, mail, at)


def refused(refusal: Refused, mail: Claimed, at: datetime) -> Turn:
    """The server said no before the dot, or before it would listen at all."""
    verdict = of_refusal(refusal)
    outcome = outcomes.of_reply(verdict, refusal.reply, mail, at, is_marked=False)
    return _turn(verdict, refusal.reply, outcome, str(refusal))


def broken(why: str, mail: Claimed, at: datetime, *, was_offered: bool) -> Turn:
    """The connection broke off before the dot, or could not be had."""
    outcome = outcomes.of_trouble(why, mail, at, was_offered=was_offered)
    return Turn(outcome, hold=why, ends_batch=True)


def not_built(why: str, mail: Claimed) -> Turn:
    return Turn(outcomes.not_built(why, mail), is_taken=False)


def not_handed_over(mail: Claimed) -> Turn:
    """Not marked, or given up in a stop."""
    return Turn(outcomes.not_handed_over(mail), ends_batch=True)


def _turn(verdict: Verdict, reply: Reply, outcome: Outcome, why: str) -> Turn:
    is_hold = verdict in (Verdict.HOLD, Verdict.WAIT)
    is_taken = False if verdict in (Verdict.FAIL, Verdict.RETRY) else None
    return Turn(
        outcome,
        hold=why if is_hold else "",
        pause=why if verdict is Verdict.PAUSE else "",
        is_taken=is_taken,
        ends_batch=is_hold or verdict is Verdict.PAUSE,
        is_too_much=is_hold and reply.code in SLOW_DOWN,
    )
