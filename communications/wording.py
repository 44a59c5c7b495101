"""A message's rule in words: "21 days before the switch of Wave 1 (T−21), at 09:00". Pure."""

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from communications import timing

ANCHORS = {
    "project_start": gettext_lazy("the start of the project"),
    "pilot_start": gettext_lazy("the start of the pilot"),
    "pilot_end": gettext_lazy("the end of the pilot"),
    "first_switch": gettext_lazy("the first switch"),
    "last_switch": gettext_lazy("the last switch"),
    "project_target": gettext_lazy("the target date"),
    timing.COHORT_SWITCH: gettext_lazy("the switch of the cohort"),
    timing.COHORT_END: gettext_lazy("the end of the cohort"),
    timing.SURVEY_OPEN: gettext_lazy("the opening of the survey"),
}
OF_COHORT = {
    timing.COHORT_SWITCH: gettext_lazy("the switch of %(cohort)s"),
    timing.COHORT_END: gettext_lazy("the end of %(cohort)s"),
    timing.SURVEY_OPEN: gettext_lazy("the opening of the survey for %(cohort)s"),
}
AUDIENCES = {
    "cohort": gettext_lazy("members of the cohort"),
    "everyone": gettext_lazy("everybody to be upgraded"),
    "stakeholders": gettext_lazy("all stakeholders"),
    "it_staff": gettext_lazy("stakeholders in IT"),
    "channels": gettext_lazy("channels in Teams"),
    "told": gettext_lazy("members who were told the former date"),
    "survey_invited": gettext_lazy("members asked in a survey"),
    "survey_unanswered": gettext_lazy("members who have not answered"),
}


def rule_words(rule: timing.Rule, cohort_name: str = "") -> str:
    """One sentence without a full stop."""
    if rule.anchor in timing.OPEN_ANCHORS and rule.offset_days == 0:
        return _("At once with %(anchor)s") % {"anchor": anchor_words(rule.anchor, cohort_name)}
    words = _("%(days)s (%(offset)s), at %(time)s") % {
        "days": _days(rule.offset_days, anchor_words(rule.anchor, cohort_name)),
        "offset": timing.offset_words(rule.offset_days),
        "time": time_format(rule.wall_time, "H:i"),
    }
    if rule.is_working_day:
        words = _("%(rule)s, or on the next working day where the person is") % {"rule": words}
    return words


def moment_words(moment: timing.Moment) -> str:
    """ "Fri 7 May, 09:00, Europe/Berlin", as clocks there show it."""
    return f"{date_format(moment.wall_at, 'D j M, H:i')}, {moment.timezone}"


def anchor_words(anchor: str, cohort_name: str = "") -> str:
    if cohort_name and anchor in OF_COHORT:
        return OF_COHORT[anchor] % {"cohort": cohort_name}
    return str(ANCHORS.get(anchor, anchor))


def audience_words(kind: str) -> str:
    return str(AUDIENCES.get(kind, kind))


def _days(offset: int, anchor: str) -> str:
    n = abs(offset)
    if offset == 0:
        return _("On the day of %(anchor)s") % {"anchor": anchor}
    if offset < 0:
        sentence = ngettext("%(n)s day before %(anchor)s", "%(n)s days before %(anchor)s", n)
    else:
        sentence = ngettext("%(n)s day after %(anchor)s", "%(n)s days after %(anchor)s", n)
    return sentence % {"n": n, "anchor": anchor}
