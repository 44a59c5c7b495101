"""Makes the plan of a new cohort from what is so now. Writes nothing; a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus
from cohorts.exceptions import CohortError
from cohorts.gates import is_asked
from cohorts.models import Cohort, Participant
from cohorts.planning import CohortPlan
from cohorts.queries.anchors import anchors_from
from cohorts.queries.fitting import split_figures, split_off
from cohorts.queries.journeys import journey_fault
from common.dates import local_day
from communications.queries.dated import told_people, told_until
from communications.queries.moves import occurrence_moves
from communications.queries.planning import PROJECT_KEY, plan_occurrences
from communications.queries.reach import EXAMPLES
from playbooks.schema import Playbook
from projects.models import Project
from projects.queries.guide import playbook_of
from projects.queries.replan import plan_moves
from projects.schedule_plan import Anchors
from rollout.reschedule import message_changes, plan_changes
from rollout.reschedule_warnings import warnings_of
from rollout.waves import NewMessage, NewSurvey, SplitDraft, WaveDraft, WavePlan
from surveys.queries.moves import planned_day, survey_moves


def plan_wave(*, project: Project, draft: WaveDraft, at: datetime) -> WavePlan:
    """All that adding the cohort would make and move; ``at`` is the database's now.

    Raises CohortError for a date that has passed, a name that is taken, a journey nobody can go.
    """
    refuse_impossible(project, draft.cohort, at)
    present = list(project.cohorts.exclude(status=CohortStatus.CANCELLED))
    wanted = replace(draft.cohort, position=_position(present, draft.cohort))
    new = Cohort(project=project, **asdict(wanted))
    after = [*present, new]
    anchors = anchors_from(project, after)
    plan = plan_moves(project, anchors_from(project, present), anchors)
    playbook = playbook_of(project)
    moves = occurrence_moves(project, anchors, cohorts=present, at=at)
    rules = 0
    if draft.copied_from is not None:
        rules = project.cohort_rules.filter(cohort=draft.copied_from).count()
    return WavePlan(
        cohort=wanted,
        copied_from=draft.copied_from,
        messages=_messages(project, new, anchors, at),
        surveys=_surveys(playbook, new, anchors),
        criteria=_criteria(playbook, new),
        rules=rules,
        changes=(
            *message_changes(moves, (), at),
            *plan_changes(survey_moves(project, anchors, present), plan.steps, plan.milestones),
        ),
        steps=plan.steps,
        milestones=plan.milestones,
        warnings=warnings_of(
            new,
            cohorts=after,
            anchors=anchors,
            freezes=project.freezes.all(),
            snapshot=project.playbook_snapshot,
        ),
    )


def plan_split(*, cohort: Cohort, draft: WaveDraft, split: SplitDraft, at: datetime) -> WavePlan:
    """``plan_wave`` with those whom ``split`` takes out of ``cohort``."""
    plan = plan_wave(project=cohort.project, draft=draft, at=at)
    going = split_off(cohort, split.who)
    told = told_people(cohort.pk, told_until(cohort, at))
    told = told.filter(pk__in=RawSQL(going.text, going.params))  # noqa: S611
    return replace(
        plan,
        split=split_figures(cohort, split.who),
        told=told.count(),
        told_names=_first_names(told),
    )


def told_of(cohort: Cohort, at: datetime) -> tuple[int, tuple[str, ...]]:
    """How many have been told when ``cohort`` switches, and the first three of them by name."""
    told = told_people(cohort.pk, told_until(cohort, at))
    return told.count(), _first_names(told)


def _first_names(people: QuerySet[Participant]) -> tuple[str, ...]:
    named = people.order_by("display_name", "pk").values_list("display_name", flat=True)
    return tuple(named[:EXAMPLES])


def refuse_impossible(project: Project, wanted: CohortPlan, at: datetime) -> None:
    """Raises CohortError where no cohort can be made like this."""
    if wanted.switch_on < local_day(at, wanted.timezone):
        raise CohortError(_("That date has passed. Choose today or a later one."))
    if wanted.ends_on < wanted.switch_on:
        raise CohortError(_("It would end before it switches. Choose a later end."))
    if project.cohorts.filter(name__iexact=wanted.name.strip()).exists():
        raise CohortError(
            _("There is already a cohort called “%(name)s”. Choose another name.")
            % {"name": wanted.name}
        )
    if fault := journey_fault(project, wanted.from_mode, wanted.to_mode):
        raise CohortError(fault)


def _position(present: Sequence[Cohort], wanted: CohortPlan) -> int:
    """Behind everybody who switches no later."""
    before = [one.position for one in present if one.switch_on <= wanted.switch_on]
    return max(before, default=-1) + 1


def _messages(
    project: Project, new: Cohort, anchors: Anchors, at: datetime
) -> tuple[NewMessage, ...]:
    titles = dict(project.messages.values_list("pk", "title"))
    planned = plan_occurrences(project=project, anchors=anchors, cohorts=[new])
    found = [
        NewMessage(
            titles[one.message_id],
            one.moment.due_at if one.moment else None,
            is_past=one.moment is not None and one.moment.due_at <= at,
        )
        for one in planned
        if one.anchor_key != PROJECT_KEY
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at is None, one.due_at or at, one.title)))


def _surveys(playbook: Playbook | None, new: Cohort, anchors: Anchors) -> tuple[NewSurvey, ...]:
    templates = playbook.surveys if playbook else ()
    return tuple(
        NewSurvey(one.title, planned_day(new, anchors, one.open_anchor, one.open_offset_days))
        for one in templates
        if one.cohort_kind == new.kind
    )


def _criteria(playbook: Playbook | None, new: Cohort) -> int:
    criteria = playbook.cohort_recipe.go_criteria if playbook else ()
    return sum(is_asked(one, new.kind) for one in criteria)
