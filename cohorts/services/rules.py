"""The rules of a project: who belongs into which cohort, in which order they are asked.

Nothing here moves anybody; that is ``placement``. The project's row is locked first, so that two
managers do not give two rules one number.
"""

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus, RuleField
from cohorts.exceptions import CohortError
from cohorts.models import Cohort, CohortRule
from cohorts.planning import MOST_VALUES, TOGETHER, UP, RuleDraft
from cohorts.queries.rules import draft_of
from cohorts.rule_words import rule_words
from common.exceptions import Conflict
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

MOST_RULES = 60
EDIT_FIELDS = ("cohort_id", "attribute", "values", "sample_percent", "keep_together")


@transaction.atomic
def add_rule(*, cohort: Cohort, draft: RuleDraft, acting_user: "User | None") -> CohortRule:
    """Add a rule as the last of its project. Raises CohortError for one that says nothing."""
    project = cohort.project
    require_open(project)
    lock_row(project)
    _refuse_nonsense(cohort, draft)
    rules = CohortRule.objects.filter(project=project)
    if rules.count() >= MOST_RULES:
        raise CohortError(
            _("A project has at most %(n)s rules. Put several values into one.") % {"n": MOST_RULES}
        )
    last = rules.aggregate(last=Max("position"))["last"] or 0
    rule = CohortRule(project=project, cohort=cohort, position=last + 1)
    _say(rule, draft)
    rule.save()
    _record(rule, "rule.added", _("Rule added for “%(name)s”: %(words)s."), acting_user)
    return rule


@transaction.atomic
def update_rule(
    *,
    rule: CohortRule,
    cohort: Cohort,
    draft: RuleDraft,
    acting_user: "User | None",
    seen: str = "",
) -> CohortRule:
    """Let a rule say something else. ``seen`` is the fingerprint the form showed (PlanChanged)."""
    require_open(rule.project)
    locked = _locked(rule, seen)
    _refuse_nonsense(cohort, draft)
    locked.cohort = cohort
    _say(locked, draft)
    locked.save()
    _record(locked, "rule.changed", _("Rule changed for “%(name)s”: %(words)s."), acting_user)
    return locked


@transaction.atomic
def move_rule(*, rule: CohortRule, direction: str, acting_user: "User | None") -> CohortRule:
    """Let a rule be asked one place earlier or later; at an end nothing happens."""
    require_open(rule.project)
    lock_row(rule.project)
    locked = _locked(rule)
    rules = CohortRule.objects.filter(project=rule.project)
    if direction == UP:
        other = rules.filter(position__lt=locked.position).order_by("-position").first()
    else:
        other = rules.filter(position__gt=locked.position).order_by("position").first()
    if other is None:
        return locked
    # The constraint waits for the commit, so that two rules may change places.
    locked.position, other.position = other.position, locked.position
    CohortRule.objects.bulk_update([locked, other], ["position"])
    _record(locked, "rule.moved", _("Rule for “%(name)s” moved: %(words)s."), acting_user)
    return locked


@transaction.atomic
def turn_rule(*, rule: CohortRule, is_on: bool, acting_user: "User | None") -> CohortRule:
    """Use a rule, or keep it without using it."""
    require_open(rule.project)
    locked = _locked(rule)
    if locked.is_on != is_on:
        locked.is_on = is_on
        locked.save(update_fields=["is_on"])
        on = _("Rule for “%(name)s” turned on: %(words)s.")
        off = _("Rule for “%(name)s” turned off: %(words)s.")
        _record(locked, "rule.turned", on if is_on else off, acting_user)
    return locked


@transaction.atomic
def remove_rule(*, rule: CohortRule, acting_user: "User | None") -> None:
    """Forget a rule. Whom it has placed stays."""
    require_open(rule.project)
    lock_row(rule.project)
    locked = _locked(rule)
    _record(locked, "rule.removed", _("Rule for “%(name)s” removed: %(words)s."), acting_user)
    later = CohortRule.objects.filter(project=rule.project, position__gt=locked.position)
    locked.delete()
    later.update(position=F("position") - 1)


def _locked(rule: CohortRule, seen: str = "") -> CohortRule:
    try:
        return lock_row(rule, seen=seen, fields=EDIT_FIELDS)
    except CohortRule.DoesNotExist as error:
        raise Conflict(_("This rule was removed a moment ago.")) from error


def _say(rule: CohortRule, draft: RuleDraft) -> None:
    rule.field, rule.attribute = draft.field, draft.attribute
    rule.values = list(dict.fromkeys(draft.values))
    rule.sample_percent, rule.keep_together = draft.sample_percent, draft.keep_together


def _refuse_nonsense(cohort: Cohort, draft: RuleDraft) -> None:
    if cohort.status != CohortStatus.PLANNED:
        raise CohortError(
            _("“%(name)s” is %(status)s. Rules only fill cohorts that are planned.")
            % {"name": cohort.name, "status": cohort.get_status_display()}
        )
    if draft.field not in RuleField:
        raise CohortError(_("Choose what the rule looks at."))
    if draft.field != RuleField.EVERYBODY and not any(draft.values):
        raise CohortError(_("Say at least one value, or let the rule take everybody."))
    if draft.field == RuleField.ATTRIBUTE and not draft.attribute:
        raise CohortError(_("Choose the column the rule looks at."))
    if len(draft.values) > MOST_VALUES:
        raise CohortError(_("A rule names at most %(n)s values.") % {"n": MOST_VALUES})
    if draft.sample_percent is not None and not 1 <= draft.sample_percent <= 100:
        raise CohortError(_("A sample is between 1 and 100 percent."))
    if draft.keep_together and draft.keep_together not in TOGETHER:
        raise CohortError(_("People are kept together by department, office or manager."))


def _record(rule: CohortRule, verb: str, sentence: str, acting_user: "User | None") -> None:
    events.record(
        project=rule.project,
        verb=verb,
        sentence=sentence % {"name": rule.cohort.name, "words": rule_words(draft_of(rule))},
        acting_user=acting_user,
        subject=rule.cohort,
        data={"position": rule.position},
    )
