"""The figures that a go/no-go asks about one cohort; without a ``cohort`` about the whole project.

Active people only, as everywhere.
"""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.db.models import Case, CharField, Count, F, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _

from cohorts.enums import CohortStatus, ModeState, ParticipantStatus, ProblemStatus
from cohorts.models import Cohort, Participant, Problem
from cohorts.roster.addresses import ATOM
from projects.metrics import Params, Reading, register
from projects.models import Project

# As the mailer takes addresses: plain letters before the one @, something with a dot behind it.
USABLE = rf"^{ATOM}(\.{ATOM})*@[^@[:space:]]+\.[^@[:space:].]+$"
HUNDRED = Decimal(100)


def cohort_people(project: Project, params: Params, at: datetime) -> Reading | None:
    """How many people there are. Never None: nobody is a figure too."""
    people = _people(project, params).count()
    return Reading(Decimal(people), n=people)


def people_without_address(project: Project, params: Params, at: datetime) -> Reading | None:
    """How many people no mail can reach; ``n`` is how many there are."""
    address = Case(When(mail="", then=F("upn")), default=F("mail"), output_field=CharField())
    found = (
        _people(project, params)
        .annotate(address_used=address)
        .aggregate(people=Count("pk"), usable=Count("pk", filter=Q(address_used__regex=USABLE)))
    )
    return Reading(Decimal(found["people"] - found["usable"]), n=found["people"])


def open_blockers(project: Project, params: Params, at: datetime) -> Reading | None:
    """Open problems that block somebody who is in the cohort now, wherever they reported it."""
    problems = Problem.objects.filter(status=ProblemStatus.OPEN, is_blocking=True)
    blocked = problems.filter(participant__in=_people(project, params).order_by().values("pk"))
    people = blocked.count()
    return Reading(Decimal(people), n=people)


def previous_verified(project: Project, params: Params, at: datetime) -> Reading | None:
    """Percent seen in their mode, of the people of the last cohort that switches before this one.

    100 of nobody where there is no such cohort; None without a cohort to ask about. Whoever has
    another cohort that counts is not asked for. Cut, not rounded.
    """
    cohort = project.cohorts.filter(pk=params.get("cohort") or 0).first()
    if cohort is None:
        return None
    counts = (
        _before(cohort)
        .annotate(
            people=Count("memberships", filter=_ASKED),
            verified=Count(
                "memberships", filter=_ASKED & Q(memberships__mode_state=ModeState.VERIFIED)
            ),
        )
        .filter(people__gt=0)
        .order_by("-switch_on", "-position", "-pk")
        .values_list("people", "verified")
        .first()
    )
    if counts is None:
        return Reading(HUNDRED, n=0)
    people, verified = counts
    share = HUNDRED * verified / people
    return Reading(share.quantize(Decimal("0.01"), rounding=ROUND_DOWN), n=people)


_ASKED = Q(memberships__participant__status=ParticipantStatus.ACTIVE) & ~Q(
    memberships__mode_state=ModeState.NOT_APPLICABLE
)


def _before(cohort: Cohort) -> "QuerySet[Cohort]":
    """The cohorts in front of this one, by day and then by the order people gave them."""
    earlier = Q(switch_on__lt=cohort.switch_on) | Q(
        switch_on=cohort.switch_on, position__lt=cohort.position
    )
    rows = Cohort.objects.filter(earlier, project=cohort.project_id)
    return rows.exclude(status=CohortStatus.CANCELLED).exclude(pk=cohort.pk)


def _people(project: Project, params: Params) -> "QuerySet[Participant]":
    people = Participant.objects.active().filter(project=project)
    if cohort := params.get("cohort"):
        # One membership in a cohort, so nobody is counted twice.
        people = people.filter(memberships__cohort=cohort)
    return people


def register_all() -> None:
    register("cohort_people", "count", _("Active people in the cohort."), cohort_people)
    register(
        "people_without_address",
        "count",
        _("Active people in the cohort whose mail address and UPN no mail can go to."),
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
