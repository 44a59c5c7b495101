"""Bodies that are taken by the forms of cohorts, rules, gates and messages."""

from collections.abc import Callable
from typing import Any

from django.utils.timezone import now

from cohorts.models import Cohort
from projects.models import Project
from projects.queries.gates import gate_standing
from tests.factories.cohorts import CohortFactory

Body = dict[str, Any]


def newest(project: Project) -> Cohort:
    """The cohort that the row of the table has made, else one more."""
    cohort: Cohort | None = project.cohorts.order_by("-pk").first()
    return cohort or CohortFactory(project=project)


def cohort_settings(project: Project) -> Body:
    cohort = newest(project)
    return {
        "name": "N",
        "owner": "",
        "capacity": "5",
        "from_mode": cohort.from_mode,
        "to_mode": cohort.to_mode,
        "is_bookable": "on",
        "booking_closes_days": "7",
        "seen": "",
    }


def one_more_cohort(project: Project) -> Body:
    cohort = newest(project)
    return {
        "name": "Wave 9",
        "kind": cohort.kind,
        "switch_on": "2100-06-15",
        "switch_time": "18:00",
        "timezone": "Europe/Berlin",
        "ends_on": "",
        "capacity": "30",
        "from_mode": cohort.from_mode,
        "to_mode": cohort.to_mode,
        "booking_closes_days": "7",
    }


def into_another(project: Project) -> Body:
    return {"into": CohortFactory(project=project).pk, "expected": "0"}


def no_go(project: Project) -> Body:
    standing = gate_standing(project.gates.get(), now())
    return {"choice": "no_go", "note": "n", "until": "", "seen": standing.digest}


def whole_message(project: Project) -> Body:
    return {
        "title": "T",
        "subject": "S",
        "body": "B {person_name}",
        "audience": "stakeholders",
        "days": "7",
        "direction": "before",
        "anchor": "project_start",
        "wall_time": "09:00",
        "zone": "project",
        "not_after_days": "3",
        "is_working_day": "on",
        "late_policy": "skip",
        "language": "en-gb",
        "short_subject": "S",
        "short_body": "B",
        "is_mandatory": "on",
        "sender": "",
        "sample": "first",
    }


def in_german(project: Project) -> Body:
    return {
        "language": "de",
        "subject": "S {switch_date}",
        "body": "B {person_name} {cohort_name} {switch_time}",
        "revision": "1",
        "sample": "reader",
    }


SHAPES: dict[str, Callable[[Project], Body]] = {
    "cohorts:cohort_edit": cohort_settings,
    "cohorts:rule_add": lambda project: {
        "cohort": newest(project).pk,
        "typed": "Sales",
        "sample_percent": "10",
        "keep_together": "",
    },
    "cohorts:rule_edit": lambda project: {
        "cohort": newest(project).pk,
        "sample_percent": "10",
        "keep_together": "",
        "seen": "",
    },
    "rollout:wave_add": one_more_cohort,
    "rollout:wave_split": lambda project: {
        **one_more_cohort(project),
        "looks_at": "everybody",
        "sample_percent": "50",
    },
    "rollout:wave_merge": into_another,
    "rollout:wave_cancel": lambda project: {"expected": "0"},
    "projects:gate_detail": no_go,
    "communications:message_new": whole_message,
    "communications:message_preview": whole_message,
    "communications:language_new": in_german,
    "communications:language_edit": in_german,
    "communications:language_preview": in_german,
    "communications:channel_list": lambda project: {
        "name": "General",
        "url": "https://prod-01.westeurope.logic.azure.com/workflows/a1/invoke?sig=x",
    },
    "communications:channel_edit": lambda project: {"name": "General", "url": ""},
    "communications:rules": lambda project: {
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "mails_a_week": "5",
        "second_above": "500",
        "is_one_an_address": "on",
        "is_staging": "on",
        "staging_list": "a@example.org\n@example.org",
    },
}
