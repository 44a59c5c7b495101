"""``export_powershell SLUG COHORT --out DIR``: the scripts that change a cohort's modes."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cohorts.commands import CohortCommand
from cohorts.models import Cohort
from cohorts.queries.gates import closed_sentence
from cohorts.services.scripts import ScriptExport, export_scripts
from common.commands import Result

LINES_SHOWN = 20


class Command(CohortCommand):
    help = "Write the scripts that change the modes of a cohort's people."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The project's slug.")
        parser.add_argument("cohort", help="The cohort's name.")
        parser.add_argument("--out", required=True, metavar="DIR", help="Where the files go.")
        parser.add_argument(
            "--method", default="", help="batch, user or move; the playbook's first without it."
        )
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="Who is recorded for it.")

    def run(self, *, slug: str, cohort: str, out: str, **options: Any) -> Result:
        project = self.project(slug)
        found = self.cohort(project, cohort)
        folder = Path(self.plain(out))
        acting_user = self.user(options["email"])
        try:
            result = self._write(found, self.plain(options["method"]), folder, acting_user)
        except OSError as error:
            self.fail(
                _("“%(folder)s” cannot be written: %(why)s.")
                % {"folder": out, "why": error.strerror}
            )
        if result.gate:
            self.stderr.write(closed_sentence(found))
        return {"cohort": found.name, "out": str(folder), **result.as_json()}

    def say(self, result: Result) -> str:
        sentence = _("%(people)s people in %(batches)s batches, %(n)s skipped: %(out)s")
        skipped = result["skipped"]
        lines = [sentence % {**result, "n": len(skipped)}, *result["warnings"]]
        lines += [_("  %(person)s %(reason)s") % row for row in skipped[:LINES_SHOWN]]
        if more := len(skipped[LINES_SHOWN:]):
            lines.append(_("  and %(n)s more; skipped.csv lists all") % {"n": more})
        return "\n".join(lines)

    @transaction.atomic
    def _write(self, cohort: Cohort, method: str, folder: Path, acting_user: Any) -> ScriptExport:
        """All files or none: they come to their place together, before anything is recorded."""
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".export-", dir=folder) as held:

            def sink(name: str, content: bytes) -> None:
                (Path(held) / name).write_bytes(content)

            result = export_scripts(
                cohort=cohort, method=method, sink=sink, acting_user=acting_user, at=now()
            )
            for file in result.files:
                (Path(held) / file.name).replace(folder / file.name)
        return result
