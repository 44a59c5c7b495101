"""`project_report`: every number of the dashboards."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import now

from common.commands import Result, ResultCommand
from dashboards.queries.report import project_report
from projects.services.measuring import measure_project


class Command(ResultCommand):
    help = "Measure the goals now and print every number of the dashboards."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The project.")

    def run(self, **options: Any) -> Result:
        project = self.project(options["slug"])
        at = now()
        measure_project(project=project, at=at)
        return project_report(project, at)

    def say(self, result: Result) -> str:
        steps = result["steps"]
        lines = [
            f"Steps      {steps['done']} of {steps['total']} done, {steps['overdue']} overdue",
            *(
                f"{row['name']:<10} {row['switch_on']}  {row['people']} people, "
                f"{row['told']} told, {row['switched']} switched, {row['answered']} answered"
                for row in result["cohorts"]
            ),
            *(
                f"{row['title']}: {_figure(row['actual'])} {row['unit']} "
                f"(target {row['operator']} {row['target']:g}), {row['status']}"
                for row in result["goals"]
            ),
            *(f"{state:<12} {count}" for state, count in result["deliveries"].items() if count),
        ]
        return "\n".join(lines)


def _figure(value: float | None) -> str:
    return "no figure yet" if value is None else f"{value:g}"
