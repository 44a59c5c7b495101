"""The figures that a go/no-go asks about one cohort; without a ``cohort`` about the whole project.

Active people only, as everywhere. People are never counted here: the database keeps the figures.
"""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cohorts.enums import CohortStatus, ParticipantStatus, ProblemStatus
from cohorts.models import Cohort, Problem
from cohorts.queries.counts import PeopleCounts, PeopleFigures, counts_by_cohort, figures_by_project
from projects.metrics import Params, Reading, register
from projects.models import Project

HUNDRED = Decimal(100)


def cohort_people(project: Project, params: Params, at: datetime) -> Reading | None:
    """How many people there are. Never None: nobody is a figure too."""
    people = _counts(project, params).people
    return Reading(Decimal(people), n=people)


def people_without_address(project: Project, params: Params, at: datetime) -> Reading | None:
    """How many people have neither mail address nor UPN; ``n`` is how many there are."""
    counts = _counts(project, params)
    return Reading(Decimal(counts.without_address), n=counts.people)


def open_blockers(project: Project, params: Params, at: datetime) -> Reading | None:
    """Open problems that block somebody who is in the cohort now, wherever they reported it."""
    blocking = Problem.objects.filter(
        status=ProblemStatus.OPEN,
        is_blocking=True,
        participant__project=project,
        participant__status=ParticipantStatus.ACTIVE,
    )
    if cohort := params.get("cohort"):
        # One membership in a cohort, so no problem is counted twice.
        blocking = blocking.filter(participant__memberships__cohort=cohort)
    number = blocking.count()
    return Reading(Decimal(number), n=number)


def previous_verified(project: Project, params: Params, at: datetime) -> Reading | None:
    """Percent seen in their mode, of the people of the last cohort that switches before this one.

    100 of nobody where there is no such cohort; None without a cohort to ask about. Whoever has
    another cohort that counts is not asked for. Cut, not rounded.
    """
    cohort = project.cohorts.filter(pk=params.get("cohort") or 0).first()
    if cohort is None:
        return None
    counts = counts_by_cohort([project.pk])
    for before in _before(cohort):
        found = counts.get(before.pk, PeopleCounts())
        if people := found.people - found.not_applicable:
            share = HUNDRED * found.verified / people
            return Reading(share.quantize(Decimal("0.01"), rounding=ROUND_DOWN), n=people)
    return Reading(HUNDRED, n=0)


def _before(cohort: Cohort) -> "QuerySet[Cohort]":
    """The cohorts in front of this one, by day and then by the order people gave them."""
    earlier = Q(switch_on__lt=cohort.switch_on) | Q(
        switch_on=cohort.switch_on, position__lt=cohort.position
    )
    rows = Cohort.objects.filter(earlier, project=cohort.project_id)
    rows = rows.exclude(status=CohortStatus.CANCELLED).exclude(pk=cohort.pk)
    return rows.order_by("-switch_on", "-position", "-pk")


def _counts(project: Project, params: Params) -> PeopleCounts | PeopleFigures:
    if cohort := params.get("cohort"):
        return counts_by_cohort([project.pk]).get(cohort, PeopleCounts())
    return figures_by_project([project.pk]).get(project.pk, PeopleFigures())


def register_all() -> None:
    register("cohort_people", "count", _("Active people in the cohort."), cohort_people)
    register(
        "people_without_address",
        "count",
        _("Active people in the cohort with neither mail address nor UPN."),
        people_without_address,
    )
    register(
        "open_blockers",
        "count",
        _("Open problems that block the switch of people in the cohort."),
        open_blockers,
    )
    register(
        "previous_verified",
        "%",
        _("People seen in their new mode ÷ active people of the cohort that switches before."),
        previous_verified,
    )
