"""From an address to a cohort or a person, always inside a project the user may see.

Strangers and ids of other projects get 404, members without the right 403.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from cohorts.models import Cohort, CohortRule, Deferral, Participant, Problem, RosterUpload
from cohorts.queries.deferrals import deferrals_of
from cohorts.queries.problems import problems_of
from projects.access import get_editable_project, get_managed_project, get_project
from projects.models import Project

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    Reader = User | AnonymousUser


def get_cohort(user: "Reader", slug: str, pk: int) -> Cohort:
    """A cohort for reading; ``cohort.project.role`` says what else the user may do."""
    return _cohort(get_project(user, slug), pk)


def get_managed_cohort(user: "Reader", slug: str, pk: int) -> Cohort:
    return _cohort(get_managed_project(user, slug), pk)


def get_managed_rule(user: "Reader", slug: str, pk: int) -> CohortRule:
    project = get_managed_project(user, slug)
    rule = get_object_or_404(project.cohort_rules.select_related("cohort"), pk=pk)
    rule.project = project
    return rule


def get_participant(user: "Reader", slug: str, pk: int) -> Participant:
    """A person for reading; ``participant.project.role`` says what else the user may do."""
    return _participant(get_project(user, slug), pk)


def get_managed_participant(user: "Reader", slug: str, pk: int) -> Participant:
    return _participant(get_managed_project(user, slug), pk)


def get_editable_participant(user: "Reader", slug: str, pk: int) -> Participant:
    return _participant(get_editable_project(user, slug), pk)


def get_managed_deferral(user: "Reader", slug: str, pk: int) -> Deferral:
    """A deferral with its person and cohorts, for deciding: managers only."""
    project = get_managed_project(user, slug)
    deferral = get_object_or_404(deferrals_of(project), pk=pk)
    deferral.participant.project = deferral.from_cohort.project = project
    return deferral


def get_problem(user: "Reader", slug: str, pk: int) -> Problem:
    """A problem with its person, for reading."""
    return _problem(get_project(user, slug), pk)


def get_editable_problem(user: "Reader", slug: str, pk: int) -> Problem:
    return _problem(get_editable_project(user, slug), pk)


def get_upload(user: "Reader", slug: str, public_id: UUID) -> RosterUpload:
    """An upload that waits for confirmation; managers only, for it holds personal data."""
    project = get_managed_project(user, slug)
    waiting = project.roster_uploads.select_related("cohort")
    upload = get_object_or_404(waiting, public_id=public_id)
    upload.project = project
    return upload


def picked_participants(project: Project, pks: Iterable[int]) -> "QuerySet[Participant]":
    """The people ticked in a list; 404 as soon as one of them is not in this project."""
    wanted = set(pks)
    picked = project.participants.filter(pk__in=wanted)
    if picked.count() != len(wanted):
        raise Http404
    return picked


def _cohort(project: Project, pk: int) -> Cohort:
    cohort = project.cohorts.filter(pk=pk).first()
    if cohort is None:
        raise Http404
    cohort.project = project
    return cohort


def _problem(project: Project, pk: int) -> Problem:
    problem = get_object_or_404(problems_of(project), pk=pk)
    problem.participant.project = project
    return problem


def _participant(project: Project, pk: int) -> Participant:
    participant = project.participants.filter(pk=pk).first()
    if participant is None:
        raise Http404
    participant.project = project
    return participant
