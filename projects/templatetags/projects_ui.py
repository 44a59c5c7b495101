"""How figures of goals and answers are written: "71 %", "+12", "34", "Yes"."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from common.templatetags.ui import number, percent, signed
from projects.enums import CriterionState
from projects.models import ReadinessCheck

register = template.Library()


@register.simple_tag
def figure(value: Decimal | None, unit: str) -> str:
    """A figure in its unit; "no figure yet" where there is none."""
    if value is None:
        return _("no figure yet")
    if unit == "%":
        return percent(value)
    if unit == "score":
        return signed(value)
    whole = value == value.to_integral_value()
    shown = number(value, 0 if whole else 2)
    return shown if unit == "count" else f"{shown} {unit}"


@register.simple_tag
def stored_figure(value: str, unit: str) -> str:
    """A figure that was written down with a decision."""
    return figure(Decimal(value), unit)


@register.simple_tag
def criterion_word(state: str) -> str:
    return str(CriterionState(state).label)


@register.filter
def answer_word(check: ReadinessCheck) -> str:
    """An answer as it is read: yes and no as words, everything else as it was written."""
    words = {"yes": _("Yes"), "no": _("No")}
    return words.get(check.answer, check.answer) if check.kind == "yes_no" else check.answer
