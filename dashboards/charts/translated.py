"""The timeline's words in the reader's language, for views. The layout knows no translation."""

from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.formats import get_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dashboards.charts.words import Words


def translated_words() -> Words:
    """Words for the language that is active now. The braces are filled in by the layout."""
    return Words(
        months=tuple(capfirst(str(MONTHS_3[number])) for number in range(1, 13)),
        weekdays=tuple(str(WEEKDAYS_ABBR[number]) for number in range(7)),
        day_pattern=pgettext("day and month", "{day} {month}"),
        thousands=str(get_format("THOUSAND_SEPARATOR")),
        today=_("Today, {day}"),
        milestones=_("Milestones"),
        of=_("{done} of {total}"),
        people=_("{n} people"),
        window_day=_("day {n}"),
        window=_("{n}-day window"),
        days=_("{n} days"),
        freeze=_("Freeze"),
        before=_("Today, {day}, lies before this plan begins."),
        after=_("Today, {day}, lies after this plan ends."),
        span=_("{first} to {last}"),
        phase_title=_("{title}: {dates}, {count} steps done"),
        step_title=_("{title}: {dates}, {state}"),
        freeze_title=_("{title}: {dates}, no switching"),
        told_from=_("told from {day}"),
        switch=_("switch {day}"),
        until=_("survey by {day}"),
        description=_(
            "{phases} phases, {steps} steps, {cohorts} cohorts with their switch dates and "
            "{milestones} milestones, from {first} to {last}. "
            "The same dates stand in the table below."
        ),
        states={
            "done": _("done"),
            "active": _("in progress"),
            "todo": _("to do"),
            "warn": _("needs attention"),
            "planned": _("planned"),
            "told": _("told"),
            "switched": _("switched"),
            "verified": _("verified"),
        },
    )
