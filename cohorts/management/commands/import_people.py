"""``import_people SLUG FILE``: the roster import for scripts. Bad rows are listed, not fatal."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.commands import CohortCommand
from cohorts.queries.uploads import chosen_for
from cohorts.roster.columns import EXPORT_NAMES, KEPT, LEFT_OUT, NAMES, folded
from cohorts.roster.report import ImportReport
from cohorts.services.mapping import remember_columns
from cohorts.services.roster import import_people
from common.commands import Result

LINES_SHOWN = 20
TARGETS = {"keep": KEPT, "drop": LEFT_OUT, **{folded(n): f for f, n in EXPORT_NAMES.items()}}


class Command(CohortCommand):
    help = "Import people from a CSV or XLSX file."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The project's slug.")
        parser.add_argument("file", help="CSV in UTF-8 (comma, semicolon or tab), or XLSX.")
        parser.add_argument("--cohort", metavar="NAME", help="Put everybody into this cohort.")
        parser.add_argument("--dry-run", action="store_true", help="Count, but write nothing.")
        parser.add_argument("--strict", action="store_true", help="Write nothing if a row is bad.")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADER=FIELD",
            help="Take a column as one of our fields, or as “keep” or “drop”; remembered.",
        )
        parser.add_argument(
            "--whole",
            action="store_true",
            help="The file is the whole organisation: whoever is not in it has left.",
        )
        parser.add_argument(
            "--leavers",
            type=int,
            metavar="N",
            help="That so many people leave is right; needed above a fifth of all.",
        )
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="Who is recorded for it.")

    def run(self, *, slug: str, file: str, **options: Any) -> Result:
        project = self.project(slug)
        name = options["cohort"]
        cohort = self.cohort(project, name) if name is not None else None
        acting_user = self.user(options["email"])
        chosen = self.chosen(options["map"])
        path = Path(self.plain(file))
        try:
            with path.open("rb") as stream:
                report = import_people(
                    project=project,
                    stream=stream,
                    cohort=cohort,
                    is_strict=options["strict"],
                    is_dry_run=options["dry_run"],
                    acting_user=acting_user,
                    chosen={**chosen_for(project), **chosen},
                    is_whole=options["whole"],
                    leavers_agreed=options["leavers"],
                    note=_("In the file %(file)s") % {"file": path.name},
                )
        except OSError as error:
            self.fail(
                _("The file “%(file)s” cannot be read: %(why)s.")
                % {"file": file, "why": error.strerror}
            )
        if chosen and not options["dry_run"]:
            remember_columns(project=project, columns=chosen, acting_user=acting_user)
        self._note(report)
        return report.as_json()

    def say(self, result: Result) -> str:
        sentence = _(
            "%(rows)s rows: %(created)s new, %(updated)s changed, %(unchanged)s as before,"
            " %(bad)s rejected."
        )
        rejected = result["rejected"]
        lines = [sentence % {**result, "bad": len(rejected)}]
        if "left" in result:
            left = ngettext("%(n)s person left.", "%(n)s people left.", result["left"])
            lines.append(left % {"n": result["left"]})
        lines += [_("  line %(line)s: %(reason)s") % row for row in rejected[:LINES_SHOWN]]
        if more := len(rejected[LINES_SHOWN:]):
            lines.append(_("  and %(n)s more; --json lists all") % {"n": more})
        return "\n".join(lines)

    def chosen(self, pairs: list[str]) -> dict[str, str]:
        """What columns are to be taken as; ends the command where that is no field of ours."""
        chosen = {}
        for pair in pairs:
            header, _sign, wanted = self.plain(pair).rpartition("=")
            known = wanted if wanted in NAMES else TARGETS.get(folded(wanted))
            if known is None or not folded(header):
                self.fail(
                    _("“%(pair)s” is not HEADER=FIELD. The fields are %(fields)s, keep and drop.")
                    % {"pair": pair, "fields": ", ".join(EXPORT_NAMES.values())}
                )
            chosen[folded(header)] = known
        return chosen

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
        if more := report.warned - len(report.warnings[:LINES_SHOWN]):
            self.stderr.write(_("and %(n)s more warnings") % {"n": more})
