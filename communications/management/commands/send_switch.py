"""Turns sending on or off for this database, or says how it stands."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import Result, ResultCommand
from communications.queries.waiting import waiting_everywhere
from communications.services.pipeline import switch
from communications.services.pipeline.clock import database_now


class Command(ResultCommand):
    help = "Turn sending on or off for this database; without a word, say how it stands."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("position", nargs="?", choices=["on", "off"])
        self.add_yes(parser)

    def run(self, *, yes: bool, **options: Any) -> Result:
        if options["position"] == "on" and not switch.is_on():
            waiting = waiting_everywhere(database_now())
            self.tell_who(waiting.people, waiting.names, is_sure=yes)
        if options["position"]:
            switch.set_switch(is_on=options["position"] == "on")
        return {"is_on": switch.is_on()}

    def say(self, result: Result) -> str:
        return _("Sending is on.") if result["is_on"] else _("Sending is off.")
