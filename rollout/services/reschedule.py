"""Moves a cohort's switch with all that hangs on it, in one transaction, and takes the move back.

Whoever was told the former date gets exactly one correction; nobody is told the former date after
the commit. What would move is worked out in ``rollout.queries.reschedule``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import Cohort
from cohorts.queries.anchors import anchors_of
from cohorts.services.rescheduling import reschedule_cohort
from cohorts.switching import SwitchDates
from common.exceptions import StaleState
from communications.correction_text import CorrectionText
from communications.models import Occurrence
from communications.queries.dated import ToldBefore
from communications.services.corrections import (
    hold_mails,
    order_correction,
    withdraw_corrections,
)
from communications.services.occurrences import recompute_occurrences
from projects.models import Project
from projects.services import events
from projects.services.replanning import move_plan
from rollout.queries.reschedule import plan_reschedule
from rollout.reschedule import ReschedulePlan
from rollout.reschedule_record import MOVED, as_data
from surveys.services.surveys import recompute_surveys

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """``correction`` is None where nobody had been told."""

    cohort: Cohort
    plan: ReschedulePlan
    correction: Occurrence | None


@transaction.atomic
def apply_reschedule(
    *,
    cohort: Cohort,
    new: SwitchDates,
    acting_user: "User",
    seen_digest: str,
    text: CorrectionText | None = None,
) -> Rescheduled:
    """Do what the plan with ``seen_digest`` says. ``text`` replaces the correction's usual words.

    Raises StaleState (409) where it would come out differently by now, CohortError for a date that
    cannot be, ContentRefused for a text that cannot be sent.
    """
    cohort = lock_cohort(cohort)
    told = hold_mails(cohort=cohort)
    plan = plan_reschedule(cohort=cohort, new=new, at=told.moved_at)
    if plan.digest != seen_digest:
        raise StaleState(
            _("Something has changed since you looked: the list of changes is another one now.")
        )
    reschedule_cohort(cohort=cohort, dates=new, acting_user=acting_user, at=told.moved_at)
    move_rows(cohort.project, plan, acting_user, told.moved_at)
    cancelled = withdraw_corrections(cohort=cohort, acting_user=acting_user)
    correction = None
    if plan.told:
        correction = order_correction(
            cohort=cohort,
            told=told,
            text=text or plan.text,
            old=plan.old,
            acting_user=acting_user,
            at=told.moved_at,
        )
    _record(cohort, plan, told, correction, cancelled, acting_user)
    return Rescheduled(cohort, plan, correction)


def lock_cohort(cohort: Cohort) -> Cohort:
    """The cohort as it is now; one at a time for a whole project, since all count from its dates.

    Not against foreign keys: an import that adds people for minutes is not waited for.
    """
    Project.objects.select_for_update(no_key=True).get(pk=cohort.project_id)
    locked = Cohort.objects.select_for_update(no_key=True, of=("self",)).select_related("project")
    return locked.get(pk=cohort.pk)


def move_rows(project: Project, plan: ReschedulePlan, acting_user: "User", at: datetime) -> None:
    """Each room moves its own."""
    recompute_occurrences(
        project=project, anchors=anchors_of(project), acting_user=acting_user, at=at
    )
    recompute_surveys(project=project, acting_user=acting_user)
    move_plan(
        project=project, steps=plan.steps, milestones=plan.milestones, acting_user=acting_user
    )


def _record(
    cohort: Cohort,
    plan: ReschedulePlan,
    told: ToldBefore,
    correction: Occurrence | None,
    cancelled: list[int],
    acting_user: "User",
) -> None:
    sentence = _("Nobody had been told another date for “%(cohort)s”.")
    if plan.told:
        sentence = ngettext(
            "%(n)s person had been told another date for “%(cohort)s” and gets one correction.",
            "%(n)s people had been told another date for “%(cohort)s”. They get one correction.",
            plan.told,
        )
    data: dict[str, Any] = as_data(plan, told, correction.pk if correction else None, cancelled)
    events.record(
        project=cohort.project,
        verb=MOVED,
        sentence=sentence % {"n": number_format(plan.told, force_grouping=True), "cohort": cohort},
        acting_user=acting_user,
        subject=cohort,
        data=data,
    )
