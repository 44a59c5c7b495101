"""Rehearses the next days of a project: every mail and change that would happen."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.commands import Result
from common.export import safe_cell
from projects.commands import ManagerCommand
from rollout.rehearsal import RehearsedMail
from rollout.services.rehearsal import rehearse

HEAD = ("at", "message", "cohort", "name", "address", "state", "reason")


class Command(ManagerCommand):
    help = "List what would happen in the next days of a project. Nothing is changed or sent."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--days", type=int, default=14)
        parser.add_argument("--as", dest="email", required=True, metavar="EMAIL")
        parser.add_argument(
            "--unapproved", action="store_true", help="what waits for approval is missed"
        )
        parser.add_argument("--mails", metavar="FILE", help="write every single mail there, as CSV")

    def run(self, **options: Any) -> Result:
        project = self.project(options["slug"])
        user = self.manager(project, options["email"])
        path = options["mails"]
        if path is None:
            return self._rehearse(project, user, options, lambda mail: None)
        try:
            with Path(path).open("w", newline="", encoding="utf-8-sig") as file:
                writer = csv.writer(file)
                writer.writerow(HEAD)

                def write(mail: RehearsedMail) -> None:
                    writer.writerow([safe_cell(str(getattr(mail, name))) for name in HEAD])

                return self._rehearse(project, user, options, write)
        except OSError as error:
            sentence = _("%(path)s cannot be written: %(why)s.")
            raise CommandError(sentence % {"path": path, "why": error.strerror}) from error

    def _rehearse(self, project: Any, user: Any, options: dict[str, Any], listen: Any) -> Result:
        found = rehearse(
            project=project,
            days=options["days"],
            acting_user=user,
            is_approving=not options["unapproved"],
            most_mails=None,
            listen=listen,
        )
        return dict(found.as_json())

    def say(self, result: Result) -> str:
        lines = [
            ngettext("%(n)s mail would go out.", "%(n)s mails would go out.", result["mails"])
            % {"n": result["mails"]}
        ]
        for one in result["sendings"]:
            states = ", ".join(f"{number} {state}" for state, number in one["states"].items())
            lines.append(f"{one['at']:%Y-%m-%d %H:%M} {one['message']} {one['cohort']}: {states}")
        lines += [f"{move['at']:%Y-%m-%d %H:%M} {move['sentence']}" for move in result["moves"]]
        lines += [f"! {sentence}" for sentence in result["conflicts"]]
        return "\n".join(lines)
