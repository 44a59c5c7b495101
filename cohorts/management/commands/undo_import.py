"""``undo_import SLUG``: takes the last import back, where nothing was built on it since."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from cohorts.queries.uploads import last_import
from cohorts.services.undo import undo_import
from common.commands import Result, ResultCommand


class Command(ResultCommand):
    help = "Undo the last import of people."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The project's slug.")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="Who is recorded for it.")

    def run(self, *, slug: str, email: str | None, **options: Any) -> Result:
        project = self.project(slug)
        acting_user = self.user(email)
        last = last_import(project)
        if last is None:
            self.fail(_("No import has been made, or the last one was undone."))
        return asdict(undo_import(project=project, made=last.made, acting_user=acting_user))

    def say(self, result: Result) -> str:
        sentence = _(
            "Undone: %(removed)s removed, %(kept)s marked as left, %(restored)s set back,"
            " %(returned)s active again."
        )
        return sentence % result
