"""The one thing to do for a cohort now, and why. Pure: what the page shows goes in.

In the order of the loop: people, go/no-go, messages, switch, verify, survey, end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import CohortStatus
from cohorts.models import Cohort
from cohorts.progress import Progress
from cohorts.queries.counts import PeopleCounts
from communications.models import Occurrence
from dashboards.queries.attention_item import days_ago
from rollout.queries.gates import CohortGate
from surveys.enums import SurveyStatus
from surveys.models import Survey

NEAR_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """``is_done_here``: the button says that it is done (a POST); else it leads to ``url``."""

    title: str
    why: str
    url: str
    action: str
    is_done_here: bool = False
    other_url: str = ""
    other_action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How the cohort stands. ``today`` is a day in the project's zone."""

    cohort: Cohort
    counts: PeopleCounts
    gate: CohortGate
    to_approve: Occurrence | None
    surveys: Sequence[Survey]
    to_mode: str
    can_verify: bool
    today: date

    @property
    def slug(self) -> str:
        return self.cohort.project.slug

    @property
    def days_left(self) -> int:
        return (self.cohort.switch_on - self.today).days


def next_deed(now: Now) -> Deed | None:
    """None where nothing waits for anybody today."""
    return next(_deeds(now), None)


def _deeds(now: Now) -> Iterator[Deed]:
    if now.cohort.status == CohortStatus.CANCELLED:
        return
    if not now.counts.people:
        if now.cohort.status == CohortStatus.PLANNED:
            yield _import(now)
        return
    if now.cohort.status == CohortStatus.PLANNED:
        yield from _before(now)
    elif now.cohort.status == CohortStatus.SWITCHED:
        yield from _after(now)
    elif now.to_approve is not None:
        yield _approve(now, now.to_approve)


def _before(now: Now) -> Iterator[Deed]:
    if now.gate.is_closed and now.days_left <= 0:
        yield _decide(now, _("Nobody switches while the go/no-go is closed."))
    elif now.days_left <= 0:
        yield _switch(now)
    if now.to_approve is not None:
        yield _approve(now, now.to_approve)
    if now.counts.blocked_only and now.days_left <= NEAR_DAYS:
        yield _unblock(now)
    if now.gate.is_closed and now.days_left <= NEAR_DAYS:
        yield _decide(now, now.gate.standing.why if now.gate.standing else "")


def _after(now: Now) -> Iterator[Deed]:
    if now.can_verify and now.counts.drift:
        yield _drift(now)
    if now.can_verify and now.counts.verified < now.counts.people:
        yield _verify(now)
    if now.to_approve is not None:
        yield _approve(now, now.to_approve)
    for survey in now.surveys:
        is_due = survey.opens_on is not None and survey.opens_on <= now.today
        if survey.status == SurveyStatus.DRAFT and is_due:
            yield _survey(now, survey)
    if now.cohort.ends_on < now.today:
        yield _finish(now)


def _import(now: Now) -> Deed:
    return Deed(
        title=_("Put people into this cohort."),
        why=_("Nobody is in it yet: nobody is told, and nobody switches."),
        url=f"{reverse('cohorts:people_import', args=[now.slug])}?cohort={now.cohort.pk}",
        action=_("Import people"),
        other_url=f"{reverse('cohorts:people_list', args=[now.slug])}?cohort=none",
        other_action=_("Choose them from the list"),
    )


def _decide(now: Now, why: str) -> Deed:
    standing = now.gate.standing
    title = _("Decide go or no-go.")
    if standing and standing.missing:
        words = {"n": len(standing.missing), "all": len(standing.required)}
        title = _("Decide go or no-go: %(n)s of %(all)s criteria are open.") % words
    return Deed(
        title=title,
        why=f"{why} {_when(now)}",
        url=reverse("projects:gate_detail", args=[now.slug, now.gate.key]),
        action=_("Look and decide"),
    )


def _when(now: Now) -> str:
    words = {"day": date_format(now.cohort.switch_on, "D j M")}
    return _("The switch is on %(day)s, ") % words + f"{days_ago(now.cohort.switch_on, now.today)}."


def _switch(now: Now) -> Deed:
    people = now.counts.people
    title = ngettext(
        "Switch %(n)s person to %(mode)s.", "Switch %(n)s people to %(mode)s.", people
    ) % {"n": f"{people:,}", "mode": now.to_mode}
    return Deed(
        title=title,
        why=_("Change the mode in your admin tools first, then say here that it is done."),
        url=reverse("rollout:cohort_switch", args=[now.slug, now.cohort.pk]),
        action=_("%(name)s is switched") % {"name": now.cohort.name},
        is_done_here=True,
        other_url=reverse("cohorts:modes_scripts", args=[now.slug, now.cohort.pk]),
        other_action=_("Scripts that do it"),
    )


def _approve(now: Now, occurrence: Occurrence) -> Deed:
    due = date_format(occurrence.wall_at, "D j M, H:i") if occurrence.wall_at else ""
    why = _("It is due %(due)s. Nothing is sent before somebody has approved it.") % {"due": due}
    return Deed(
        title=_("Approve “%(message)s”.") % {"message": occurrence.message.title},
        why=why,
        url=reverse("communications:occurrence_detail", args=[now.slug, occurrence.pk]),
        action=_("Look and approve"),
    )


def _unblock(now: Now) -> Deed:
    blocked = now.counts.blocked_only
    title = ngettext("%(n)s person is blocked.", "%(n)s people are blocked.", blocked)
    return Deed(
        title=title % {"n": blocked},
        why=_("A problem keeps them from switching. Solve it, or defer them.") + f" {_when(now)}",
        url=_people(now, f"progress={Progress.BLOCKED}"),
        action=_("See who"),
        other_url=reverse("cohorts:problem_list", args=[now.slug]),
        other_action=_("Problems"),
    )


def _drift(now: Now) -> Deed:
    title = ngettext(
        "%(n)s person is seen in another mode than intended.",
        "%(n)s people are seen in another mode than intended.",
        now.counts.drift,
    )
    return Deed(
        title=title % {"n": now.counts.drift},
        why=_("Put them into the next script, run it, and import a new report."),
        url=f"{reverse('cohorts:modes_list', args=[now.slug])}?cohort={now.cohort.pk}",
        action=_("See who"),
    )


def _verify(now: Now) -> Deed:
    missing = now.counts.people - now.counts.verified
    title = ngettext(
        "Import a report of modes: %(n)s person is not verified.",
        "Import a report of modes: %(n)s people are not verified.",
        missing,
    )
    return Deed(
        title=title % {"n": f"{missing:,}"},
        why=_("Only a report shows who really is in the new mode."),
        url=reverse("cohorts:modes_verify", args=[now.slug]),
        action=_("Import a report"),
    )


def _survey(now: Now, survey: Survey) -> Deed:
    return Deed(
        title=_("Open “%(survey)s”.") % {"survey": survey.title},
        why=_("Its day has come; nobody is asked before somebody opens it."),
        url=reverse("surveys:survey_detail", args=[now.slug, survey.pk]),
        action=_("Open survey"),
    )


def _finish(now: Now) -> Deed:
    return Deed(
        title=_("Finish the cohort."),
        why=_("Its last day is over. Finished, nobody joins it any more and its pace counts."),
        url=reverse("cohorts:cohort_finish", args=[now.slug, now.cohort.pk]),
        action=_("%(name)s is finished") % {"name": now.cohort.name},
        is_done_here=True,
    )


def _people(now: Now, more: str) -> str:
    return f"{reverse('cohorts:people_list', args=[now.slug])}?cohort={now.cohort.pk}&{more}"
