"""What is worth a second look about a new switch date. Pure; nothing here refuses."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cohorts.enums import CohortKind
from cohorts.models import Cohort
from common.dates import SATURDAY
from projects.models import FreezeWindow
from projects.schedule_plan import Anchors, ScheduleWarning


def warnings_of(
    cohort: Cohort,
    *,
    cohorts: Sequence[Cohort],
    anchors: Anchors,
    freezes: Iterable[FreezeWindow],
    snapshot: Mapping[str, Any],
) -> tuple[ScheduleWarning, ...]:
    """All of it, the gravest first. ``cohort`` has its new dates and is one of ``cohorts``;
    ``snapshot`` is the project's copy of its playbook."""
    found = (
        *(_frozen(cohort, freeze) for freeze in freezes),
        _target(cohort, anchors),
        _order(cohort, cohorts),
        _window(anchors, snapshot.get("window_days")),
        _pilot(cohort, snapshot.get("pilot_days")),
        _weekend(cohort),
    )
    return tuple(warning for warning in found if warning)


def _frozen(cohort: Cohort, freeze: FreezeWindow) -> ScheduleWarning | None:
    if not freeze.starts_on <= cohort.switch_on <= freeze.ends_on:
        return None
    words = {"title": freeze.title, "start": _day(freeze.starts_on), "end": _day(freeze.ends_on)}
    return ScheduleWarning(
        "freeze",
        _("Nothing is to be switched from %(start)s to %(end)s: %(title)s.") % words,
    )


def _target(cohort: Cohort, anchors: Anchors) -> ScheduleWarning | None:
    if cohort.switch_on <= anchors.project_target:
        return None
    return ScheduleWarning(
        "target_before_last_switch",
        _("That is after the project's target, %(target)s.")
        % {"target": _day(anchors.project_target)},
    )


def _order(cohort: Cohort, cohorts: Sequence[Cohort]) -> ScheduleWarning | None:
    """A cohort that comes before another one by its place should do so by its date."""
    late = [
        other.name
        for other in cohorts
        if (other.position - cohort.position) * (other.switch_on - cohort.switch_on).days < 0
    ]
    if not late:
        return None
    return ScheduleWarning(
        "order",
        _("It would change places with %(names)s. Is that meant?") % {"names": ", ".join(late)},
    )


def _window(anchors: Anchors, limit: int | None) -> ScheduleWarning | None:
    days = (anchors.last_switch - anchors.first_switch).days + 1  # both days count
    if limit is None or days <= limit:
        return None
    return ScheduleWarning(
        "window_long",
        _(
            "From the first to the last switch it would take %(days)s days; the playbook advises at"
            " most %(limit)s."
        )
        % {"days": days, "limit": limit},
    )


def _pilot(cohort: Cohort, least: int | None) -> ScheduleWarning | None:
    days = (cohort.ends_on - cohort.switch_on).days
    if cohort.kind != CohortKind.PILOT or least is None or days >= least:
        return None
    return ScheduleWarning(
        "pilot_short",
        _("The pilot would last %(days)s days; the playbook advises at least %(least)s.")
        % {"days": days, "least": least},
    )


def _weekend(cohort: Cohort) -> ScheduleWarning | None:
    if cohort.switch_on.weekday() < SATURDAY:
        return None
    return ScheduleWarning("weekend_switch", _("That is on a weekend. Is the service desk there?"))


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
