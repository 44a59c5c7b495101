"""`reschedule`: print what would change if a cohort switched another day; with --apply do it."""

from dataclasses import asdict
from datetime import date, time
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.commands import CohortCommand
from cohorts.models import Cohort
from cohorts.switching import SwitchDates, dates_of
from common.commands import Result
from communications.services.pipeline.clock import database_now
from rollout.queries.reschedule import plan_reschedule
from rollout.reschedule import Change, Kind, ReschedulePlan
from rollout.services.reschedule import apply_reschedule


class Command(CohortCommand):
    help = "Show what changes if a cohort switches another day; with --apply move it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="the project")
        parser.add_argument("cohort", help="the cohort's name")
        parser.add_argument("--to", required=True, metavar="DATE", help="YYYY-MM-DD")
        parser.add_argument("--time", metavar="HH:MM", help="as now, unless given")
        parser.add_argument("--timezone", metavar="ZONE", help="as now, unless given")
        parser.add_argument("--ends", metavar="DATE", help="moves along, unless given")
        parser.add_argument("--as", dest="email", required=True, metavar="EMAIL")
        parser.add_argument("--apply", action="store_true", help="do it")
        self.add_yes(parser)

    def run(
        self, *, slug: str, cohort: str, email: str, apply: bool, yes: bool, **options: Any
    ) -> Result:
        project = self.project(slug)
        user = self.manager(project, email)
        found = self.cohort(project, cohort)
        new = self._dates(found, options)
        plan = plan_reschedule(cohort=found, new=new, at=database_now())
        correction = None
        if apply:
            if plan.told:
                names = [one.in_words for one in plan.sample]
                self.tell_who(plan.told, names, is_sure=yes)
            done = apply_reschedule(
                cohort=found, new=new, acting_user=user, seen_digest=plan.digest
            )
            plan, correction = done.plan, done.correction
        return _result(plan) | {
            "applied": apply,
            "correction": correction.pk if correction else None,
        }

    def say(self, result: Result) -> str:
        told = ngettext(
            "%(n)s person has been told the present date and gets one correction.",
            "%(n)s people have been told the present date. They get one correction.",
            result["told"],
        )
        return "\n".join(
            [
                *(f"{c['kind']}: {c['title']}: {c['old'][0]} → {c['new'][0]}, {c['effect']}"
                  for c in result["changes"]),
                *result["warnings"],
                told % {"n": result["told"]},
                _("Done.") if result["applied"] else _("Nothing was changed; add --apply."),
            ]
        )  # fmt: skip

    def _dates(self, cohort: Cohort, options: dict[str, Any]) -> SwitchDates:
        now, day = dates_of(cohort), self._day(options["to"])
        try:
            ends_on = self._day(options["ends"]) if options["ends"] else now.on(day).ends_on
            at = time.fromisoformat(options["time"]) if options["time"] else now.switch_time
        except OverflowError:
            self.fail(_("That date is too far away. Choose an earlier one."))
        except ValueError:
            self.fail(
                _("“%(text)s” is not a time. Write it like 18:00.") % {"text": options["time"]}
            )
        zone = self.plain(options["timezone"]) if options["timezone"] else now.timezone
        return SwitchDates(day, at, zone, ends_on)

    def _day(self, text: str) -> date:
        try:
            return date.fromisoformat(self.plain(text))
        except ValueError:
            self.fail(_("“%(text)s” is not a date. Write it like 2027-01-31.") % {"text": text})


def _result(plan: ReschedulePlan) -> Result:
    return {
        "cohort": plan.cohort_name,
        "old": asdict(plan.old),
        "new": asdict(plan.new),
        "told": plan.told,
        "changes": [_change(change) for change in plan.changing],
        "stays": [_change(change) for change in plan.staying],
        "warnings": [warning.sentence for warning in plan.warnings],
        "deferrals": [promise.pk for promise in plan.promises],
        "waiver_until": plan.waiver_until,
        "digest": plan.digest,
    }


def _change(change: Change) -> Result:
    days = slice(0, 1) if change.kind == Kind.MESSAGE else slice(None)
    return {
        "kind": change.kind.value,
        "id": change.pk,
        "title": change.title,
        "cohort": change.cohort,
        "effect": change.effect.value,
        "old": list(change.old[days]),
        "new": list(change.new[days]),
    }
