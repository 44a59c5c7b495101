"""Moves steps: status, owner, dates, evidence. Out-of-order work is allowed and warned about."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.state import change_status, label
from projects.enums import STEP_CLOSED, STEP_TRANSITIONS, StepStatus
from projects.exceptions import NotAllowedHere
from projects.models import Evidence, Project, Stakeholder, Step
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

EDIT_FIELDS = ("owner_id", "starts_on", "ends_on")
FARTHEST = timedelta(days=3660)  # ten years around the project's start


@dataclass(frozen=True, slots=True)
class StepChange:
    """The step after its move and what is out of order about it, in sentences."""

    step: Step
    warnings: tuple[str, ...]


@transaction.atomic
def change_step_status(
    *,
    step: Step,
    status: str,
    acting_user: "User | None",
    note: str = "",
    at: datetime | None = None,
) -> StepChange:
    """Move a step through its transition table. ``acting_user`` None is the clock.

    Raises StaleState for a move the table does not know or that somebody else made first. A
    ``note`` becomes evidence.
    """
    require_open(step.project)
    at = at or now()
    done_at = at if status == StepStatus.DONE else None
    change = change_status(step, status, transitions=STEP_TRANSITIONS, done_at=done_at)
    reopened = change.old in STEP_CLOSED
    events.record(
        project=step.project,
        verb="step.reopened" if reopened else f"step.{change.new}",
        sentence=_("Step “%(step)s” is now “%(status)s”.")
        % {"step": step.title, "status": label(step, "status", change.new)},
        acting_user=acting_user,
        subject=step,
        data={"old": change.old, "new": change.new},
    )
    if note.strip():
        Evidence.objects.create(step=step, note=note.strip(), added_by=acting_user, added_at=at)
    return StepChange(step=step, warnings=_out_of_order(step))


def _out_of_order(step: Step) -> tuple[str, ...]:
    if step.status not in (StepStatus.ACTIVE, StepStatus.DONE):
        return ()
    waiting = step.after.exclude(status__in=STEP_CLOSED).values_list("title", flat=True)
    return tuple(
        _("“%(before)s” comes before this step and is not done yet. That is allowed.")
        % {"before": title}
        for title in waiting
    )


@transaction.atomic
def update_step(
    *,
    step: Step,
    owner: Stakeholder | None,
    starts_on: date,
    ends_on: date,
    acting_user: "User",
    seen: str = "",
) -> Step:
    """Owner and dates (both days are worked on). The planned dates stay as they were.

    ``seen`` is the fingerprint of EDIT_FIELDS the user saw; PlanChanged where they moved since.
    """
    project = step.project
    require_open(project)
    _check_dates(project, starts_on, ends_on)
    if owner is not None and owner.project_id != project.pk:
        raise NotAllowedHere(_("Choose an owner from this project's stakeholders."))
    step = lock_row(step, seen=seen, fields=EDIT_FIELDS)
    # The rule "anchor + offset" follows the new dates, so that a later move of the anchor keeps
    # the distance the team has chosen.
    step.offset_days += (starts_on - step.starts_on).days
    step.length_days = (ends_on - starts_on).days + 1
    step.owner, step.starts_on, step.ends_on = owner, starts_on, ends_on
    step.save(update_fields=["owner", "starts_on", "ends_on", "offset_days", "length_days"])
    events.record(
        project=project,
        verb="step.planned",
        sentence=_("Step “%(step)s”: owner or dates changed.") % {"step": step.title},
        acting_user=acting_user,
        subject=step,
        data={
            "owner": str(owner) if owner else "",
            "starts_on": starts_on.isoformat(),
            "ends_on": ends_on.isoformat(),
        },
    )
    return step


def _check_dates(project: Project, starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise NotAllowedHere(_("The last day must not lie before the first day."))
    earliest, latest = project.starts_on - FARTHEST, project.starts_on + FARTHEST
    if starts_on < earliest or ends_on > latest:
        raise NotAllowedHere(_("Choose dates within ten years of the project's start."))


@transaction.atomic
def add_evidence(
    *, step: Step, note: str, url: str, acting_user: "User", at: datetime | None = None
) -> Evidence:
    """What shows that a step was done: a note, a link or both."""
    require_open(step.project)
    if not note.strip() and not url:
        raise NotAllowedHere(_("Write a note or give a link."))
    evidence = Evidence.objects.create(
        step=step, note=note.strip(), url=url, added_by=acting_user, added_at=at or now()
    )
    events.record(
        project=step.project,
        verb="step.evidence",
        sentence=_("Evidence added to step “%(step)s”.") % {"step": step.title},
        acting_user=acting_user,
        subject=step,
    )
    return evidence
