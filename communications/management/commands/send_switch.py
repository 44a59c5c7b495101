"""Turns sending on or off for this database, or says how it stands."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import Result, ResultCommand
from communications.services.pipeline import switch


class Command(ResultCommand):
    help = "Turn sending on or off for this database; without a word, say how it stands."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("position", nargs="?", choices=["on", "off"])

    def run(self, **options: Any) -> Result:
        if options["position"]:
            switch.set_switch(is_on=options["position"] == "on")
        return {"is_on": switch.is_on()}

    def say(self, result: Result) -> str:
        return _("Sending is on.") if result["is_on"] else _("Sending is off.")
