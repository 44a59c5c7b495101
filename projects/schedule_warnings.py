"""What a reader of a plan should know before saving it. Pure; nothing here refuses."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.dates import SATURDAY
from playbooks.schema import Playbook
from projects.schedule_plan import Anchors, ScheduleWarning


def warnings_of(
    playbook: Playbook,
    *,
    anchors: Anchors,
    switches: tuple[tuple[str, date], ...],
    natural_end_on: date,
    saved_days: int,
) -> tuple[ScheduleWarning, ...]:
    """All that is worth a second look, the gravest first. ``switches`` is (cohort name, day)."""
    found = (
        _target(anchors, natural_end_on),
        _shortened(saved_days),
        _window(playbook, anchors),
        _pilot(playbook),
        _weekends(switches),
    )
    return tuple(warning for warning in found if warning)


def _target(anchors: Anchors, end: date) -> ScheduleWarning | None:
    dates = {
        "target": _day(anchors.project_target),
        "last": _day(anchors.last_switch),
        "end": _day(end),
    }
    if anchors.project_target < anchors.last_switch:
        return ScheduleWarning(
            "target_before_last_switch",
            _(
                "The last wave switches on %(last)s, after the target of %(target)s. Start earlier,"
                " use fewer waves, or set the target to %(end)s."
            )
            % dates,
        )
    if anchors.project_target < end:
        return ScheduleWarning(
            "target_not_reachable",
            _(
                "All people are switched before the target of %(target)s, but the last step ends on"
                " %(end)s. Start earlier, use fewer waves, or move the target."
            )
            % dates,
        )
    return None


def _shortened(days: int) -> ScheduleWarning | None:
    if not days:
        return None
    return ScheduleWarning(
        "shortened",
        ngettext(
            "Preparation is %(n)s day shorter than the playbook advises, to meet the target.",
            "Preparation is %(n)s days shorter than the playbook advises, to meet the target.",
            days,
        )
        % {"n": days},
    )


def _window(playbook: Playbook, anchors: Anchors) -> ScheduleWarning | None:
    days = (anchors.last_switch - anchors.first_switch).days + 1  # both days count
    if days <= playbook.window_days:
        return None
    return ScheduleWarning(
        "window_long",
        _(
            "From the first to the last switch it takes %(days)s days; the playbook advises at most"
            " %(limit)s. Use fewer, larger waves."
        )
        % {"days": days, "limit": playbook.window_days},
    )


def _pilot(playbook: Playbook) -> ScheduleWarning | None:
    days = playbook.cohort_recipe.pilot.length_days
    if days >= playbook.pilot_days:
        return None
    return ScheduleWarning(
        "pilot_short",
        _("The pilot lasts %(days)s days; the playbook advises at least %(least)s.")
        % {"days": days, "least": playbook.pilot_days},
    )


def _weekends(switches: tuple[tuple[str, date], ...]) -> ScheduleWarning | None:
    late = [name for name, day in switches if day.weekday() >= SATURDAY]
    if not late:
        return None
    return ScheduleWarning(
        "weekend_switch",
        ngettext(
            "%(names)s switches on a weekend. Is the service desk there?",
            "%(names)s switch on a weekend. Is the service desk there?",
            len(late),
        )
        % {"names": ", ".join(late)},
    )


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
