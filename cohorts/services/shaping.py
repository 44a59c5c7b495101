"""Moves people between cohorts when one is split or joined to another, and ends a cohort.

Dates, mails, surveys and go/no-go of the cohorts are composed by ``rollout``.
"""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import COHORT_TRANSITIONS, CohortStatus, DeferralStatus, Placement
from cohorts.exceptions import CohortError
from cohorts.models import Cohort, CohortRule, Deferral, Membership
from cohorts.planning import RuleDraft
from cohorts.queries.fitting import split_off
from cohorts.queries.rules import draft_of
from cohorts.rule_words import rule_words
from cohorts.services.members import open_for_joining
from cohorts.services.placing import place
from cohorts.services.rules import MOST_RULES
from common.doorbell import ring
from common.exceptions import Conflict
from common.state import change_status
from projects.models import Project
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def split_members(
    *, cohort: Cohort, into: Cohort, draft: RuleDraft, acting_user: "User | None"
) -> int:
    """Move whom ``draft`` fits from ``cohort`` into a new one; how many went. Raises CohortFull."""
    _lock_both(cohort, into)
    going = split_off(cohort, draft)
    note = _("Split off “%(name)s”: %(words)s") % {
        "name": cohort.name,
        "words": rule_words(draft),
    }
    chosen = f"SELECT going.id, %s::bigint, %s::text FROM ({going.text}) AS going(id)"  # noqa: S608
    params = [into.pk, note, *going.params]
    moved = place(chosen, params, placed_by=Placement.SPLIT).moved
    sentence = ngettext(
        "%(n)s person of “%(old)s” is in “%(new)s” now.",
        "%(n)s people of “%(old)s” are in “%(new)s” now.",
        moved,
    )
    events.record(
        project=cohort.project,
        verb="cohort.split",
        sentence=sentence % {"n": moved, "old": cohort.name, "new": into.name},
        acting_user=acting_user,
        subject=into,
        data={"people": moved, "from": cohort.pk},
    )
    ring("projects.tasks.measure_project_goals", cohort.project_id)
    return moved


@transaction.atomic
def merge_members(*, cohort: Cohort, into: Cohort, acting_user: "User | None") -> int:
    """Move everybody of a planned cohort into another of its kind, with its rules and with what
    was asked for; how many went. Raises CohortError, CohortFull."""
    if cohort.pk == into.pk or cohort.kind != into.kind:
        raise CohortError(_("Choose another cohort of the same kind."))
    locked, _into = _lock_both(cohort, into)
    if locked.status != CohortStatus.PLANNED or _into.status != CohortStatus.PLANNED:
        raise CohortError(_("Only cohorts that are both planned can be joined."))
    note = _("Came with all of “%(name)s”") % {"name": cohort.name}
    chosen = "SELECT participant_id, %s::bigint, %s::text FROM cohorts_membership"
    chosen += " WHERE cohort_id = %s"
    moved = place(chosen, [into.pk, note, cohort.pk], placed_by=Placement.MERGE).moved
    CohortRule.objects.filter(cohort=cohort).update(cohort=into)
    asked = Deferral.objects.filter(to_cohort=cohort, status=DeferralStatus.ASKED)
    asked.exclude(from_cohort=into).update(to_cohort=into)
    sentence = ngettext(
        "“%(old)s” was joined to “%(new)s”: %(n)s person.",
        "“%(old)s” was joined to “%(new)s”: %(n)s people.",
        moved,
    )
    events.record(
        project=cohort.project,
        verb="cohort.merged",
        sentence=sentence % {"n": moved, "old": cohort.name, "new": into.name},
        acting_user=acting_user,
        subject=into,
        data={"people": moved, "from": cohort.pk},
    )
    return moved


@transaction.atomic
def cancel_cohort(*, cohort: Cohort, expected: int, acting_user: "User | None") -> int:
    """Give a planned cohort up: its people are in no cohort then; how many they were.

    ``expected`` is the number somebody agreed to: Conflict when it is another one by now.
    """
    require_open(cohort.project)
    lock_row(cohort)
    members = Membership.objects.filter(cohort=cohort)
    people = members.count()
    if people != expected:
        raise Conflict(
            _("%(n)s people are in the cohort by now. Look at it once more.") % {"n": people}
        )
    change_status(
        cohort,
        CohortStatus.CANCELLED,
        transitions={CohortStatus.PLANNED: COHORT_TRANSITIONS[CohortStatus.PLANNED]},
        is_bookable=False,
    )
    members.delete()
    sentence = ngettext(
        "“%(name)s” was cancelled; %(n)s person is in no cohort now.",
        "“%(name)s” was cancelled; %(n)s people are in no cohort now.",
        people,
    )
    events.record(
        project=cohort.project,
        verb="cohort.cancelled",
        sentence=sentence % {"n": people, "name": cohort.name},
        acting_user=acting_user,
        subject=cohort,
        data={"people": people},
    )
    return people


@transaction.atomic
def copy_rules(*, cohort: Cohort, into: Cohort, acting_user: "User | None") -> int:
    """The rules of ``cohort`` once more for ``into``, all of them off; how many."""
    project = cohort.project
    lock_row(project)
    rules = list(CohortRule.objects.filter(project=project).order_by("position"))
    own = [rule for rule in rules if rule.cohort_id == cohort.pk]
    if len(rules) + len(own) > MOST_RULES:
        raise CohortError(
            _("A project has at most %(n)s rules. Remove some before you copy these.")
            % {"n": MOST_RULES}
        )
    last = rules[-1].position if rules else 0
    copies = [_copied(rule, into, last + n) for n, rule in enumerate(own, start=1)]
    CohortRule.objects.bulk_create(copies)
    if copies:
        events.record(
            project=project,
            verb="rules.copied",
            sentence=_("The rules of “%(old)s” were copied for “%(new)s”; they are off.")
            % {"old": cohort.name, "new": into.name},
            acting_user=acting_user,
            subject=into,
        )
    return len(copies)


def make_room(project: Project, position: int) -> None:
    """Let the cohorts from ``position`` on stand one place later, for a new one between them."""
    later = project.cohorts.filter(position__gte=position).order_by("-position", "-pk")
    for cohort in later:  # some dozens at most
        cohort.position += 1
        cohort.save(update_fields=["position"])


def _copied(rule: CohortRule, into: Cohort, position: int) -> CohortRule:
    draft = draft_of(rule)
    return CohortRule(
        project_id=rule.project_id,
        cohort=into,
        position=position,
        field=draft.field,
        attribute=draft.attribute,
        values=list(draft.values),
        sample_percent=draft.sample_percent,
        keep_together=draft.keep_together,
        is_on=False,
    )


def _lock_both(cohort: Cohort, into: Cohort) -> tuple[Cohort, Cohort]:
    """Both as they are now, locked by id, so that two who do it crosswise do not wait in a ring."""
    require_open(cohort.project)
    pair = sorted((cohort, into), key=lambda one: one.pk)
    locked = {one.pk: open_for_joining(one) for one in pair}
    return locked[cohort.pk], locked[into.pk]
