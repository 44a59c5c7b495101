"""Makes the plan of a reschedule from what is so now. Writes nothing; a fixed number of queries."""

from collections.abc import Sequence
from datetime import date, datetime

from cohorts.enums import CohortStatus, DeferralStatus
from cohorts.gates import gate_key
from cohorts.models import Cohort, Deferral
from cohorts.queries.anchors import anchors_from
from cohorts.switching import SwitchDates, dates_of, refuse_impossible
from communications.correction_text import usual_text
from communications.models import Occurrence
from communications.queries.audience import recipients
from communications.queries.dated import told_people, told_until
from communications.queries.moves import occurrence_moves
from communications.queries.texts import usual_languages
from projects.enums import GateChoice
from projects.models import Gate
from projects.queries.replan import plan_moves
from rollout.reschedule import Promise, ReschedulePlan, message_changes, plan_changes
from rollout.reschedule_warnings import warnings_of
from surveys.queries.moves import survey_moves

OPEN_PROMISES = (DeferralStatus.ASKED, DeferralStatus.APPROVED)
SAMPLE = 3


def plan_reschedule(*, cohort: Cohort, new: SwitchDates, at: datetime) -> ReschedulePlan:
    """All that would change if ``cohort`` switched as ``new`` says; ``at`` is the database's now.

    Raises CohortError where it cannot.
    """
    refuse_impossible(cohort, new, at)
    project = cohort.project
    cohorts = list(project.cohorts.exclude(status=CohortStatus.CANCELLED))
    moved = new.applied_to(cohort)
    after = [moved if one.pk == cohort.pk else one for one in cohorts]
    anchors = anchors_from(project, after)
    plan = plan_moves(project, anchors_from(project, cohorts), anchors)
    people = told_people(cohort.pk, told_until(cohort, at))
    return ReschedulePlan(
        cohort_pk=cohort.pk,
        cohort_name=cohort.name,
        old=dates_of(cohort),
        new=new,
        changes=(
            *message_changes(
                occurrence_moves(project, anchors, cohorts=after, at=at), _own(cohort), at
            ),
            *plan_changes(survey_moves(project, anchors, after), plan.steps, plan.milestones),
        ),
        warnings=warnings_of(
            moved,
            cohorts=after,
            anchors=anchors,
            freezes=project.freezes.all(),
            snapshot=project.playbook_snapshot,
        ),
        promises=_broken_promises(cohort, new.switch_on),
        waiver_until=_waiver_that_ends(cohort, new.switch_on),
        told=people.count(),
        sample=recipients(people.order_by("display_name", "pk")[:SAMPLE]),
        steps=plan.steps,
        milestones=plan.milestones,
        text=usual_text(dates_of(cohort)),
        languages=usual_languages(project.pk),
    )


def _own(cohort: Cohort) -> Sequence[Occurrence]:
    rows = Occurrence.objects.filter(cohort=cohort).select_related("message", "cohort")
    return list(rows.order_by("due_at", "pk"))


def _broken_promises(cohort: Cohort, switch_on: date) -> tuple[Promise, ...]:
    """Deferrals into this cohort that were to end before it switches now."""
    rows = Deferral.objects.filter(
        to_cohort=cohort, status__in=OPEN_PROMISES, until__lt=switch_on
    ).select_related("participant")
    return tuple(
        Promise(row.pk, str(row.participant), row.until)
        for row in rows.order_by("until", "pk")
        if row.until is not None
    )


def _waiver_that_ends(cohort: Cohort, switch_on: date) -> date | None:
    """The last day of the waiver of this cohort's go/no-go, where it does not reach the switch."""
    gate = Gate.objects.filter(project=cohort.project_id, key=gate_key(cohort)).first()
    last = gate.decisions.order_by("-pk").first() if gate else None
    if last is None or last.choice != GateChoice.WAIVER or last.until is None:
        return None
    return last.until if last.until < switch_on else None
