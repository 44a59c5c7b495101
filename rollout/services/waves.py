"""Adds a cohort to a running project, splits one, joins two, gives one up: each room does its own
part, all in one transaction.

What would happen is worked out in ``rollout.queries.waves``.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.queries.anchors import anchors_from, anchors_of
from cohorts.services.cohorts import create_cohorts
from cohorts.services.shaping import (
    cancel_cohort,
    copy_rules,
    make_room,
    merge_members,
    split_members,
)
from cohorts.switching import dates_of
from common.exceptions import Conflict
from communications.correction_text import usual_text
from communications.queries.dated import ToldBefore, told_people
from communications.services.cancelling import cancel_all
from communications.services.corrections import hold_mails, order_correction
from communications.services.occurrences import create_occurrences, recompute_occurrences
from communications.services.pipeline.clock import database_now
from projects.models import Project
from projects.queries.guide import playbook_of
from projects.queries.replan import plan_moves
from projects.schedule_plan import Anchors
from projects.services.guards import require_open
from projects.services.replanning import move_plan
from rollout.queries.waves import plan_split, plan_wave
from rollout.services.gates import create_cohort_gate
from rollout.waves import SplitDraft, WaveDraft, WavePlan
from surveys.enums import SurveyStatus
from surveys.services.closing import close_survey
from surveys.services.surveys import create_surveys, recompute_surveys

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def add_wave(
    *, project: Project, draft: WaveDraft, seen_digest: str, acting_user: "User"
) -> Cohort:
    """Make the cohort with its mails, surveys and go/no-go, as the plan with ``seen_digest`` says.

    Raises Conflict where the plan came out differently, CohortError for what cannot be.
    """
    at = _lock(project)
    plan = plan_wave(project=project, draft=draft, at=at)
    _refuse_old(plan, seen_digest)
    return _make(project, plan, acting_user, at)


@transaction.atomic
def split_wave(
    *,
    cohort: Cohort,
    draft: WaveDraft,
    split: SplitDraft,
    seen_digest: str,
    acting_user: "User",
) -> Cohort:
    """``add_wave`` with some people of ``cohort``. Whoever of them was told another date gets one
    correction. Raises CohortFull as well."""
    at = _lock(cohort.project)
    plan = plan_split(cohort=cohort, draft=draft, split=split, at=at)
    _refuse_old(plan, seen_digest)
    told = hold_mails(cohort=cohort)
    new = _make(cohort.project, plan, acting_user, at)
    split_members(cohort=cohort, into=new, draft=split.who, acting_user=acting_user)
    _correct(cohort, new, told, acting_user)
    return new


@transaction.atomic
def merge_waves(*, cohort: Cohort, into: Cohort, expected: int, acting_user: "User") -> Cohort:
    """Everybody of ``cohort`` goes with ``into``; the empty cohort is cancelled.

    ``expected`` is the number of people somebody agreed to (Conflict). Whoever was told the former
    date gets one correction. Raises CohortError, CohortFull.
    """
    at = _lock(cohort.project)
    if cohort.memberships.count() != expected:
        raise Conflict(_("People have come or gone since you looked. Look at it once more."))
    told = hold_mails(cohort=cohort)
    merge_members(cohort=cohort, into=into, acting_user=acting_user)
    _correct(cohort, into, told, acting_user)
    _give_up(cohort, 0, acting_user, at)
    return into


@transaction.atomic
def cancel_wave(*, cohort: Cohort, expected: int, acting_user: "User") -> Cohort:
    """Give ``cohort`` up; its ``expected`` people are in no cohort then (Conflict), and what has
    not been sent of its mails is cancelled."""
    at = _lock(cohort.project)
    _give_up(cohort, expected, acting_user, at)
    return cohort


def _lock(project: Project) -> datetime:
    """One at a time for a whole project, since everything counts from the dates of all cohorts."""
    require_open(project)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    return database_now()


def _refuse_old(plan: WavePlan, seen_digest: str) -> None:
    if plan.digest != seen_digest:
        raise Conflict(_("Something has changed since you looked. Look at the plan once more."))


def _make(project: Project, plan: WavePlan, acting_user: "User", at: datetime) -> Cohort:
    make_room(project, plan.cohort.position)
    (cohort,) = create_cohorts(project=project, plan=[plan.cohort], acting_user=acting_user)
    anchors = anchors_of(project)
    create_occurrences(project=project, anchors=anchors, acting_user=acting_user, cohorts=[cohort])
    playbook = playbook_of(project)
    if playbook is not None:
        create_surveys(
            project=project, playbook=playbook, cohorts=[cohort], acting_user=acting_user
        )
    create_cohort_gate(cohort=cohort, acting_user=acting_user)
    if plan.copied_from is not None:
        source = Cohort.objects.get(project=project, pk=plan.copied_from)
        copy_rules(cohort=source, into=cohort, acting_user=acting_user)
    _move_rest(project, plan, anchors, acting_user, at)
    return cohort


def _move_rest(
    project: Project, plan: WavePlan, anchors: Anchors, acting_user: "User", at: datetime
) -> None:
    """What counts from the first or the last switch."""
    recompute_occurrences(project=project, anchors=anchors, acting_user=acting_user, at=at)
    recompute_surveys(project=project, acting_user=acting_user)
    move_plan(
        project=project, steps=plan.steps, milestones=plan.milestones, acting_user=acting_user
    )


def _correct(old: Cohort, new: Cohort, told: ToldBefore, acting_user: "User") -> None:
    """One mail to those of ``new`` who were told by ``old`` that they switch at another time."""
    if dates_of(old).at == dates_of(new).at or not told_people(new.pk, told).exists():
        return
    # Of the calendar entry, and of the correction's key: the next one is another.
    new.calendar_sequence += 1
    new.save(update_fields=["calendar_sequence"])
    order_correction(
        cohort=new,
        told=told,
        text=usual_text(dates_of(old)),
        old=dates_of(old),
        acting_user=acting_user,
        at=told.moved_at,
    )


def _give_up(cohort: Cohort, expected: int, acting_user: "User", at: datetime) -> None:
    project = cohort.project
    present = list(project.cohorts.exclude(status=CohortStatus.CANCELLED))
    before = anchors_from(project, present)
    cancel_cohort(cohort=cohort, expected=expected, acting_user=acting_user)
    cancel_all(occurrences=cohort.occurrences.all(), acting_user=acting_user)
    for survey in cohort.surveys.filter(status=SurveyStatus.OPEN):
        close_survey(survey=survey, acting_user=acting_user, at=at)
    after = anchors_of(project)
    recompute_occurrences(project=project, anchors=after, acting_user=acting_user, at=at)
    recompute_surveys(project=project, acting_user=acting_user)
    moves = plan_moves(project, before, after)
    move_plan(
        project=project, steps=moves.steps, milestones=moves.milestones, acting_user=acting_user
    )
