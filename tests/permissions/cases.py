"""Deferrals, problems and links of people."""

from datetime import date
from typing import Any

from cohorts.models import Deferral, Problem
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.permissions.rows import (
    DONE_BY_EDITORS,
    DONE_BY_MANAGERS,
    FORM_OF_EDITORS,
    FORM_OF_MANAGERS,
    PAGE_FOR_ALL_MEMBERS,
    PAGE_FOR_EDITORS,
    PAGE_FOR_MANAGERS,
    Row,
)


def of_member(project: Project) -> dict[str, Any]:
    days = {"switch_on": date(2050, 6, 1), "ends_on": date(2050, 6, 15)}
    membership = MembershipFactory(cohort=CohortFactory(project=project, **days))
    return {"slug": project.slug, "pk": membership.participant_id}


def of_deferral(project: Project) -> dict[str, Any]:
    membership = MembershipFactory(cohort=CohortFactory(project=project))
    deferral = Deferral.objects.create(
        participant=membership.participant, from_cohort=membership.cohort, reason="At sea."
    )
    return {"slug": project.slug, "pk": deferral.pk}


def of_problem(project: Project, status: str = "open") -> dict[str, Any]:
    membership = MembershipFactory(cohort=CohortFactory(project=project))
    problem = Problem.objects.create(
        participant=membership.participant,
        cohort=membership.cohort,
        text="No sound.",
        status=status,
    )
    return {"slug": project.slug, "pk": problem.pk}


def of_solved_problem(project: Project) -> dict[str, Any]:
    return of_problem(project, "solved")


def weight(project: Project) -> dict[str, Any]:
    return {"is_blocking": "yes"}


CASES = {
    "cohorts:deferral_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "rollout:deferral_decide": Row(
        arguments=of_deferral, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "rollout:deferral_withdraw": Row(arguments=of_deferral, POST=DONE_BY_MANAGERS),
    "rollout:deferral_add": Row(arguments=of_member, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "cohorts:problem_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:problem_detail": Row(
        arguments=of_problem, GET=PAGE_FOR_ALL_MEMBERS, POST=FORM_OF_EDITORS
    ),
    "cohorts:problem_reopen": Row(arguments=of_solved_problem, POST=DONE_BY_EDITORS),
    "cohorts:problem_weigh": Row(arguments=of_problem, POST=DONE_BY_EDITORS, data=weight),
    "cohorts:problem_add": Row(arguments=of_member, GET=PAGE_FOR_EDITORS, POST=FORM_OF_EDITORS),
    "cohorts:links_revoke": Row(arguments=of_member, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS),
}
