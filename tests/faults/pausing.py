"""Somebody pauses a message at a random moment while mails leave, and lets it go on later."""

import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from random import Random

from accounts.models import User
from communications.models import Message
from communications.services.pausing import pause_message, resume_message

MOST_SECONDS = 5.0


def pause_and_resume(
    message: Message,
    *,
    user: User,
    starting: Callable[[], BaseProcess],
    accepted: Callable[[], list[float]],
    chance: Random,
    workers: int = 2,
) -> float:
    """How many seconds after the click the mail server took the last mail; 0.0 if none did.

    ``accepted`` are the moments of all mails it has. The click is the commit of the pause. Whoever
    looks for work meanwhile finds none; what is left is sent by whom the caller starts afterwards.
    """
    crew = [starting() for _worker in range(workers)]
    before = len(accepted())
    while len(accepted()) == before and any(one.is_alive() for one in crew):
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.3))
    pause_message(message=_fresh(message), acting_user=user)
    clicked = time.time()
    for one in [*crew, starting()]:
        one.join()
    late = max([0.0, *(at - clicked for at in accepted())])
    resume_message(message=_fresh(message), acting_user=user)
    return late


def _fresh(message: Message) -> Message:
    return Message.objects.select_related("project").get(pk=message.pk)
