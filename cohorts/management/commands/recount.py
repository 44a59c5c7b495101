"""``recount``: count all people anew and say which kept figures were wrong."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.services.counts import recount
from common.commands import Result, ResultCommand


class Command(ResultCommand):
    help = "Count all people anew and repair the figures that pages read."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--check", action="store_true", help="Compare only, change nothing.")

    def run(self, *, check: bool, **options: Any) -> Result:
        wrong = recount(is_check=check)
        return {
            "wrong": len(wrong),
            "is_repaired": not check,
            "differences": [one.as_json() for one in wrong],
        }

    def say(self, result: Result) -> str:
        if not result["wrong"]:
            return _("Every figure is right.")
        sentence = ngettext("%(n)s figure was wrong.", "%(n)s figures were wrong.", result["wrong"])
        lines = [sentence % {"n": result["wrong"]}]
        lines += [
            _("%(place)s: %(figure)s was %(kept)s, is %(counted)s") % one
            for one in result["differences"]
        ]
        return "\n".join(lines)
