"""What needs somebody, worst first, and the one thing to do next. Pure: figures in, items out.

Each item says what is wrong, since when, and where the way out is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import CohortStatus
from cohorts.gates import gate_key
from cohorts.models import Cohort
from common.dates import local_day
from dashboards.queries.attention_item import MANY, AttentionItem, Situation, days_ago
from dashboards.queries.attention_mail import stopped, troubled, waiting
from dashboards.queries.gates import is_near
from projects.models import Project


def attention(now: Situation) -> tuple[AttentionItem, ...]:
    """Every item, worst first."""
    items = [
        *stopped(now),
        *troubled(now),
        *_unswitched(now),
        *_undecided(now),
        *_drifting(now),
        *_blocked(now),
        *_asked(now),
        *waiting(now),
        *_overdue(now),
        *_goals(now),
        *_surveys(now),
    ]
    return tuple(sorted(items, key=lambda item: -item.weight))


def _unswitched(now: Situation) -> Iterator[AttentionItem]:
    for row in now.cohorts:
        late = row.cohort.switch_on < now.today
        if late and row.cohort.status == CohortStatus.PLANNED and row.people:
            yield AttentionItem(
                state="bad",
                word=_("Not switched"),
                title=_("%(cohort)s should have been switched") % {"cohort": row.cohort.name},
                detail=_("Switch it or move its date."),
                age=days_ago(row.cohort.switch_on, now.today),
                url=_cohort_url(now.project, row.cohort),
                action=_("Open cohort"),
                weight=90,
                is_for_managers=True,
            )


def _undecided(now: Situation) -> Iterator[AttentionItem]:
    """A switch within a week that waits for a go."""
    for row in now.cohorts:
        cohort, key = row.cohort, gate_key(row.cohort)
        if is_near(row, now.today) and key in now.closed_gates:
            when = days_ago(cohort.switch_on, now.today)
            yield AttentionItem(
                state="warn",
                word=_("Go/no-go"),
                title=_("The go/no-go of %(cohort)s is closed") % {"cohort": cohort.name},
                detail=_("Nobody switches before it is decided."),
                age=when,
                url=reverse("projects:gate_detail", args=[now.project.slug, key]),
                action=_("Look and decide"),
                weight=87,
                deed=_("Decide go or no-go for %(cohort)s") % {"cohort": cohort.name},
                why=_("The switch is %(when)s, and nobody switches before that.") % {"when": when},
                is_for_managers=True,
            )


def _drifting(now: Situation) -> Iterator[AttentionItem]:
    for row in now.cohorts:
        if row.counts.drift:
            title = ngettext(
                "%(n)s person is seen in another mode than intended",
                "%(n)s people are seen in another mode than intended",
                row.counts.drift,
            )
            yield AttentionItem(
                state="bad",
                word=_("Mode drift"),
                title=title % {"n": row.counts.drift},
                detail=row.cohort.name,
                url=f"{reverse('cohorts:modes_list', args=[now.project.slug])}"
                f"?cohort={row.cohort.pk}",
                action=_("See who"),
                weight=80,
            )


def _blocked(now: Situation) -> Iterator[AttentionItem]:
    if now.blocking_problems:
        title = ngettext(
            "%(n)s problem blocks a switch",
            "%(n)s problems block people’s switch",
            now.blocking_problems,
        )
        yield AttentionItem(
            state="blocked",
            word=_("Blocked"),
            title=title % {"n": _up_to_many(now.blocking_problems)},
            detail=_("Solve it, or say that it does not block."),
            url=f"{reverse('cohorts:problem_list', args=[now.project.slug])}?status=blocking",
            action=_("See problems"),
            weight=75,
        )


def _up_to_many(number: int) -> str:
    shown = number_format(number, force_grouping=True)
    return _("%(n)s or more") % {"n": shown} if number >= MANY else shown


def _asked(now: Situation) -> Iterator[AttentionItem]:
    if now.open_deferrals:
        title = ngettext(
            "%(n)s person asks for a later date",
            "%(n)s people ask for a later date",
            now.open_deferrals,
        )
        yield AttentionItem(
            state="defer",
            word=_("Deferral"),
            title=title % {"n": _up_to_many(now.open_deferrals)},
            detail=_("Until somebody decides, their date stands."),
            url=f"{reverse('cohorts:deferral_list', args=[now.project.slug])}?status=asked",
            action=_("Decide"),
            weight=65,
            is_for_managers=True,
        )


def _overdue(now: Situation) -> Iterator[AttentionItem]:
    for step in now.overdue:
        yield AttentionItem(
            state="overdue",
            word=_("Overdue"),
            title=step.title,
            detail=step.owner.name if step.owner else _("Nobody owns it yet."),
            age=_late(step.ends_on, now.today),
            url=reverse("projects:step_detail", args=[now.project.slug, step.key]),
            action=_("Open step"),
            weight=50,
        )


def _late(day: date, today: date) -> str:
    days = (today - day).days
    return ngettext("%(n)s day late", "%(n)s days late", days) % {"n": days}


def _goals(now: Situation) -> Iterator[AttentionItem]:
    for row in now.goals:
        yield AttentionItem(
            state="off_track",
            word=_("Goal"),
            title=row.goal.title,
            detail=row.note,
            age=days_ago(local_day(row.measured_at, now.project.timezone), now.today)
            if row.measured_at
            else "",
            url=reverse("projects:goal_list", args=[now.project.slug]),
            action=_("See goal"),
            weight=40,
        )


def _surveys(now: Situation) -> Iterator[AttentionItem]:
    for survey in now.unopened_surveys:
        yield AttentionItem(
            state="warn",
            word=_("Survey"),
            title=_("%(survey)s has not been opened") % {"survey": survey.title},
            detail=survey.cohort.name,
            url=reverse("surveys:survey_detail", args=[now.project.slug, survey.pk]),
            action=_("Open survey"),
            weight=45,
            is_for_managers=True,
        )


def _cohort_url(project: Project, cohort: Cohort) -> str:
    return reverse("rollout:cohort_detail", args=[project.slug, cohort.pk])


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The one thing to do, why, and the button."""

    title: str
    why: str
    url: str
    action: str


def next_step(
    now: Situation, items: Iterable[AttentionItem], *, is_manager: bool = True
) -> NextStep | None:
    """People first (nothing works without them), then the worst item, then the next open step.

    Who is no manager is not asked for what only managers may do.
    """
    if is_manager and not any(row.people for row in now.cohorts):
        return NextStep(
            title=_("Import the people"),
            why=_("Cohorts, messages and surveys wait for them."),
            url=reverse("cohorts:people_import", args=[now.project.slug]),
            action=_("Import people"),
        )
    for item in items:
        if item.is_for_managers and not is_manager:
            continue
        return NextStep(
            title=item.deed or item.title,
            why=item.why or " · ".join(part for part in (item.word, item.detail, item.age) if part),
            url=item.url,
            action=item.action,
        )
    for step in now.open_steps:
        return NextStep(
            title=step.title,
            why=_("Next step of the plan, due %(age)s.")
            % {"age": days_ago(step.ends_on, now.today)},
            url=reverse("projects:step_detail", args=[now.project.slug, step.key]),
            action=_("Open step"),
        )
    return None
