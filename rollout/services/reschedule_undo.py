"""Takes back the last move of a cohort's switch, while no mail with the new date has left."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import Cohort
from cohorts.queries.anchors import anchors_of
from cohorts.services.rescheduling import reschedule_cohort
from common.exceptions import Conflict
from communications.services.corrections import hold_mails, withdraw_corrections
from communications.services.occurrences import recompute_occurrences
from projects.replan import MilestoneMove, StepMove
from projects.services import events
from projects.services.replanning import move_plan
from rollout.queries.last_move import last_move
from rollout.reschedule_record import UNDONE, Move
from rollout.services.reschedule import lock_cohort
from surveys.services.surveys import recompute_surveys

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def undo_reschedule(*, cohort: Cohort, acting_user: "User") -> Cohort:
    """The former dates again; the correction is cancelled, nobody hears of the move.

    Raises Conflict with the reason where there is nothing to take back, or it is too late.
    """
    cohort = lock_cohort(cohort)
    told = hold_mails(cohort=cohort)
    last = last_move(cohort)
    if last is None:
        raise Conflict(_("There is no move to take back."))
    if last.hindrance:
        raise Conflict(last.hindrance)
    withdraw_corrections(cohort=cohort, acting_user=acting_user)
    reschedule_cohort(cohort=cohort, dates=last.move.old, acting_user=acting_user, at=None)
    project = cohort.project
    recompute_occurrences(
        project=project, anchors=anchors_of(project), acting_user=acting_user, at=told.moved_at
    )
    recompute_surveys(project=project, acting_user=acting_user)
    steps, milestones = _back(last.move)
    move_plan(project=project, steps=steps, milestones=milestones, acting_user=acting_user)
    events.record(
        project=project,
        verb=UNDONE,
        sentence=_("The move of “%(cohort)s” was taken back before anybody heard of it.")
        % {"cohort": cohort.name},
        acting_user=acting_user,
        subject=cohort,
    )
    return cohort


def _back(move: Move) -> tuple[tuple[StepMove, ...], tuple[MilestoneMove, ...]]:
    """What somebody has moved since by hand stays: such a row has other days than the move's."""
    steps = tuple(
        StepMove(
            pk=step.pk,
            title=step.title,
            old_starts_on=step.starts_on,
            old_ends_on=step.ends_on,
            starts_on=step.old_starts_on,
            ends_on=step.old_ends_on,
        )
        for step in move.steps
    )
    milestones = tuple(MilestoneMove(m.pk, m.title, m.on, m.old_on) for m in move.milestones)
    return steps, milestones
