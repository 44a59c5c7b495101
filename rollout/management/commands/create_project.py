"""`create_project`: the wizard for scripts and for people who live in a shell."""

from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.services.users import ensure_user
from common.commands import Result, ResultCommand
from rollout.drafts import ProjectDraft, plan_project
from rollout.services.create import create_project


class Command(ResultCommand):
    help = "Make a project from a playbook and print its slug."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--playbook", required=True, help="Key of the playbook.")
        parser.add_argument("--name", required=True)
        parser.add_argument("--start", required=True, help="First day, YYYY-MM-DD.")
        parser.add_argument("--target", help="By when everybody is upgraded, YYYY-MM-DD.")
        parser.add_argument("--timezone", required=True, help="Like Europe/Berlin.")
        parser.add_argument("--cohorts", required=True, help="Number of waves; a pilot is added.")
        parser.add_argument("--from-mode", default="")
        parser.add_argument("--to-mode", default="")
        parser.add_argument(
            "--owner", required=True, help="E-mail of the manager; invited where unknown."
        )

    def run(self, **options: Any) -> Result:
        draft = ProjectDraft(
            playbook_key=self.plain(options["playbook"]),
            name=self.plain(options["name"]),
            starts_on=self._day(options["start"]),
            target_on=self._day(options["target"]) if options["target"] else None,
            timezone=self.plain(options["timezone"]),
            wave_count=self._number(options["cohorts"]),
            from_mode=self.plain(options["from_mode"]),
            to_mode=self.plain(options["to_mode"]),
        )
        plan = plan_project(draft)
        with transaction.atomic():
            owner = ensure_user(email=self.plain(options["owner"]))
            project = create_project(draft=draft, owner=owner, acting_user=owner)
        return {
            "slug": project.slug,
            "warnings": [str(warning.sentence) for warning in plan.schedule.warnings],
        }

    def say(self, result: Result) -> str:
        return "\n".join([result["slug"], *result["warnings"]])

    def _day(self, text: str) -> date:
        try:
            return date.fromisoformat(self.plain(text))
        except ValueError:
            self.fail(_("“%(text)s” is not a date. Write it like 2027-01-31.") % {"text": text})

    def _number(self, text: str) -> int:
        if not self.plain(text).isascii() or not text.isdigit() or len(text) > 4:
            self.fail(_("“%(text)s” is not a number of waves. Write it like 4.") % {"text": text})
        return int(text)
