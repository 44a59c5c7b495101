"""``verify_modes SLUG FILE``: who is in which mode, from an export or the results of a script."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cohorts.services.verification import verify_modes
from common.commands import Result, ResultCommand


class Command(ResultCommand):
    help = "Verify people's modes from an export, or read the results of a script."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The project's slug.")
        parser.add_argument("file", help="CSV (UTF-8; comma, semicolon or tab) or XLSX.")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="Who is recorded for it.")

    def run(self, *, slug: str, file: str, **options: Any) -> Result:
        project = self.project(slug)
        acting_user = self.user(options["email"])
        try:
            with Path(self.plain(file)).open("rb") as stream:
                report = verify_modes(
                    project=project, stream=stream, acting_user=acting_user, at=now()
                )
        except OSError as error:
            self.fail(
                _("The file “%(file)s” cannot be read: %(why)s.")
                % {"file": file, "why": error.strerror}
            )
        return report.as_json()

    def say(self, result: Result) -> str:
        if "kind" in result:
            return _(
                "%(rows)s rows of meetings: %(verified)s converted, %(failed)s failed,"
                " %(pending)s on their way, %(unknown)s unknown."
            ) % {"failed": 0, **result}
        sentence = _(
            "%(rows)s rows: %(verified)s verified, %(drift)s drift, %(pending)s pending,"
            " %(unknown)s unknown."
        )
        if "failed" in result:
            sentence += " " + _("%(failed)s refused.")
        if "repeated" in result:
            sentence += " " + _("%(repeated)s repeated.")
        return sentence % result
