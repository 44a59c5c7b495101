"""Reads mails that came back, from a mailbox file, a folder, single files or standard input."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.commands import Result, ResultCommand
from communications.bounces.reading import mails_in
from communications.bounces.report import MOST_BYTES
from communications.services.bounces import Reading, read_mail

STANDARD_INPUT = "-"


class Command(ResultCommand):
    help = "Read mails that came back and suppress the addresses that are gone."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "path", help="a mailbox file, a folder of mails, one mail, or - for standard input"
        )
        parser.add_argument(
            "--recipient",
            action="append",
            default=[],
            help="whom the one mail on standard input was for, as a pipe transport knows it",
        )

    def run(self, **options: Any) -> Result:
        total = Reading()
        if options["path"] == STANDARD_INPUT:
            return _figures(read_mail(sys.stdin.buffer.read(MOST_BYTES), options["recipient"]))
        path = Path(options["path"])
        try:
            for raw in mails_in(path):
                total = total.plus(read_mail(raw))
        except OSError as error:
            sentence = _("%(path)s cannot be read: %(why)s.")
            raise CommandError(sentence % {"path": path, "why": error.strerror}) from error
        return _figures(total)

    def say(self, result: Result) -> str:
        sentence = ngettext(
            "%(read)s mail read: %(new)s new, %(known)s known, %(ignored)s no report of ours;"
            " %(suppressed)s suppressed.",
            "%(read)s mails read: %(new)s new, %(known)s known, %(ignored)s no reports of ours;"
            " %(suppressed)s suppressed.",
            result["read"],
        )
        return sentence % result


def _figures(reading: Reading) -> Result:
    return {name: getattr(reading, name) for name in Reading.__slots__}
