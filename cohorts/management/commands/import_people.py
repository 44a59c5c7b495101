"""``import_people SLUG FILE``: the roster import for scripts. Bad rows are listed, not fatal."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import Cohort
from cohorts.roster.report import ImportReport
from cohorts.services.roster import import_people
from common.commands import Result, ResultCommand

LINES_SHOWN = 20


class Command(ResultCommand):
    help = "Import people from a CSV file."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The project's slug.")
        parser.add_argument("file", help="CSV, UTF-8; comma, semicolon or tab.")
        parser.add_argument("--cohort", metavar="NAME", help="Put everybody into this cohort.")
        parser.add_argument("--dry-run", action="store_true", help="Count, but write nothing.")
        parser.add_argument("--strict", action="store_true", help="Write nothing if a row is bad.")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="Who is recorded for it.")

    def run(self, *, slug: str, file: str, **options: Any) -> Result:
        project = self.project(slug)
        name = options["cohort"]
        cohort = self.cohort(project, name) if name is not None else None
        acting_user = self.user(options["email"])
        try:
            with Path(self.plain(file)).open("rb") as stream:
                report = import_people(
                    project=project,
                    stream=stream,
                    cohort=cohort,
                    is_strict=options["strict"],
                    is_dry_run=options["dry_run"],
                    acting_user=acting_user,
                )
        except OSError as error:
            self.fail(
                _("The file “%(file)s” cannot be read: %(why)s.")
                % {"file": file, "why": error.strerror}
            )
        self._note(report)
        return report.as_json()

    def say(self, result: Result) -> str:
        sentence = _(
            "%(rows)s rows: %(created)s new, %(updated)s changed, %(unchanged)s as before,"
            " %(bad)s rejected."
        )
        rejected = result["rejected"]
        lines = [sentence % {**result, "bad": len(rejected)}]
        lines += [_("  line %(line)s: %(reason)s") % row for row in rejected[:LINES_SHOWN]]
        if more := len(rejected[LINES_SHOWN:]):
            lines.append(_("  and %(n)s more; --json lists all") % {"n": more})
        return "\n".join(lines)

    def cohort(self, project: Any, name: str) -> Cohort:
        """The cohort of this name, whatever its case; ends the command where there is none."""
        found: Cohort | None = project.cohorts.filter(name__iexact=self.plain(name)).first()
        if found is None:
            self.fail(
                _("There is no cohort “%(name)s” in “%(project)s”.")
                % {"name": name, "project": project.slug}
            )
        return found

    def _note(self, report: ImportReport) -> None:
        """Moves and warnings go to standard error: the result stands alone on the other."""
        if report.moved:
            self.stderr.write(
                ngettext(
                    "%(n)s person comes from another cohort.",
                    "%(n)s people come from another cohort.",
                    report.moved,
                )
                % {"n": report.moved}
            )
        for warning in report.warnings[:LINES_SHOWN]:
            self.stderr.write(f"line {warning.line}: {warning.reason}")
