"""Plan, expand and send until nothing is due, without Celery. Several may run at once."""

import dataclasses
import signal
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import Result, ResultCommand
from communications.services import sending
from communications.services.pipeline.patience import AWAY

LEAST_SECONDS, MOST_SECONDS = 1, 3600


def seconds(text: str) -> float:
    """Of an argument. Raises ArgumentTypeError where it makes no sense."""
    with suppress(ValueError):
        if LEAST_SECONDS <= float(text) <= MOST_SECONDS:
            return float(text)
    raise ArgumentTypeError(_("Say a number of seconds from 1 to 3600."))


class Command(ResultCommand):
    help = "Send everything that is due now: plan, expand and send, without Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--every",
            type=seconds,
            metavar="SECONDS",
            help="go on until stopped, and look again so many seconds after nothing was due",
        )

    def run(self, *, every: float | None = None, **options: Any) -> Result:
        try:
            with stopped_by_signals():
                done = sending.send_due() if every is None else sending.keep_sending(every)
                return dataclasses.asdict(done)
        except AWAY:
            self.fail(_("The database does not answer. What is due stays due; try again later."))

    def say(self, result: Result) -> str:
        if not result["is_on"]:
            return _(
                "Sending is off, for this database is a copy or was turned off. "
                "`manage.py send_switch on` turns it on."
            )
        said = (
            _(
                "%(sent)s sent, %(failed)s failed, %(skipped)s skipped, %(uncertain)s uncertain, "
                "%(put_off)s put off; %(remaining)s still due."
            )
            % result
        )
        if result["held_until"] is not None:
            said += " " + _("The mail server is left alone until %s.") % result["held_until"]
        return said


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGTERM and Ctrl-C finish the mail in hand, give the others back and end in good order."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_about: sending.STOP.set()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
