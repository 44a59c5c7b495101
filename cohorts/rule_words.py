"""A rule as a sentence, for the list of rules and for whoever asks why they are here. Pure."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from cohorts.enums import RuleField
from cohorts.planning import RuleDraft

NAMED = 3


def rule_words(rule: RuleDraft) -> str:
    """ "department is Sales, Marketing or 2 more, 10 % of them, keeping each office together"."""
    parts = [_fit(rule)]
    if rule.sample_percent is not None:
        parts.append(_("about %(n)s %% of them") % {"n": rule.sample_percent})
    if rule.keep_together:
        field = RuleField(rule.keep_together).label
        parts.append(_("keeping each %(field)s together") % {"field": field})
    return ", ".join(parts)


def placement_note(position: int, rule: RuleDraft) -> str:
    """Why a person is in a cohort: "Rule 2: department is Sales"."""
    return _("Rule %(n)s: %(words)s") % {"n": position, "words": rule_words(rule)}


def _fit(rule: RuleDraft) -> str:
    if rule.field == RuleField.EVERYBODY:
        return _("everybody")
    field = rule.attribute if rule.field == RuleField.ATTRIBUTE else RuleField(rule.field).label
    return _("%(field)s is %(values)s") % {"field": field, "values": _or(rule.values)}


def _or(values: Sequence[str]) -> str:
    shown = [*values[:NAMED]]
    if len(values) > NAMED:
        shown.append(_("%(n)s more") % {"n": len(values) - NAMED})
    if len(shown) == 1:
        return shown[0]
    return _("%(values)s or %(last)s") % {"values": ", ".join(shown[:-1]), "last": shown[-1]}
