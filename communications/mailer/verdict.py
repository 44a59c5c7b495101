"""What a server's no means: for this mail, for the message, or for the server itself."""

from enum import Enum
from functools import lru_cache

from communications.mailer.server import Refused, Stage

# "Service closing", "too many connections", "too many recipients": slow down, do not fail.
SLOW_DOWN = frozenset({421, 432, 452})
BEFORE_THE_RECIPIENT = frozenset({Stage.CONNECT, Stage.AUTH, Stage.MAIL})


class Verdict(Enum):
    TAKEN = "taken"
    FAIL = "fail"  # this mail, for good
    RETRY = "retry"  # this mail, later
    HOLD = "hold"  # this mail later, and the server left alone for a while
    WAIT = "wait"  # the server left alone; the mail was not even tried
    PAUSE = "pause"  # the message: the server will take it from nobody


def of_refusal(refusal: Refused) -> Verdict:
    code = refusal.reply.code
    if refusal.stage in (Stage.CONNECT, Stage.AUTH) and code < 500:
        return Verdict.WAIT
    if code in SLOW_DOWN:
        return Verdict.HOLD
    if code < 500:
        return Verdict.RETRY
    return Verdict.PAUSE if refusal.stage in BEFORE_THE_RECIPIENT else Verdict.FAIL


@lru_cache
def of_dot(code: int) -> Verdict | None:
    """The answer to the dot; None where it is no answer to it at all, so nobody knows."""
    match code // 100:
        case 2:
            return Verdict.TAKEN
        case 4:
            return Verdict.HOLD if code in SLOW_DOWN else Verdict.RETRY
        case 5:
            return Verdict.FAIL
        case _:
            return None
