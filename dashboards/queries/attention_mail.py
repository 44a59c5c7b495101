"""What of messages needs somebody: stopped, in trouble, missed, waiting for approval. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.dates import local_day
from dashboards.queries.attention_item import AttentionItem, Situation, days_ago
from dashboards.queries.sending import TroubledOccurrence, WaitingOccurrence
from projects.models import Project


def stopped(now: Situation) -> Iterator[AttentionItem]:
    for row in now.stopped:
        yield AttentionItem(
            state="bad",
            word=_("Stopped"),
            title=_("“%(title)s” stopped by itself") % {"title": row.title},
            detail=row.why,
            age=days_ago(local_day(row.at, now.project.timezone), now.today),
            url=reverse("communications:message_detail", args=[now.project.slug, row.message_pk]),
            action=_("Look and resume"),
            weight=98,
            is_for_managers=True,
        )


def troubled(now: Situation) -> Iterator[AttentionItem]:
    for row in now.troubled:
        title = {
            "uncertain": ngettext(
                "%(n)s mail may or may not have arrived",
                "%(n)s mails may or may not have arrived",
                row.count,
            ),
            "quarantined": ngettext(
                "%(n)s mail was set aside after repeated crashes",
                "%(n)s mails were set aside after repeated crashes",
                row.count,
            ),
            "failed": ngettext(
                "%(n)s mail could not be delivered", "%(n)s mails could not be delivered", row.count
            ),
        }[row.state]
        yield AttentionItem(
            state="uncertain" if row.state == "uncertain" else "failed",
            word=row.word,
            title=title % {"n": row.count},
            detail=row.where,
            url=_occurrence_url(now.project, row),
            action=_("Decide"),
            weight={"uncertain": 100, "quarantined": 95, "failed": 60}[row.state],
            is_for_managers=True,
        )


def waiting(now: Situation) -> Iterator[AttentionItem]:
    cohorts = {one.cohort.pk: one.people - one.counts.without_address for one in now.cohorts}
    for row in now.waiting:
        if row.is_missed:
            yield _missed(now, row, cohorts)
            continue
        deed, why = _approval(row, now.today)
        yield AttentionItem(
            state="warn",
            word=_("Approval"),
            title=row.title,
            detail=row.where,
            age=days_ago(row.due_on, now.today),
            url=_occurrence_url(now.project, row),
            action=_("Look and approve"),
            # The nearer the heavier, but never above what has been missed.
            weight=70 - max(-10, min((row.due_on - now.today).days, 20)),
            deed=deed,
            why=why,
            is_for_managers=True,
        )


def _missed(now: Situation, row: WaitingOccurrence, cohorts: Mapping[int, int]) -> AttentionItem:
    title = (
        _("“%(title)s” was not ticked off in time")
        if row.is_item
        else _("“%(title)s” was not sent in time")
    )
    return AttentionItem(
        state="missed",
        word=_("Missed"),
        title=title % {"title": row.title},
        detail=" · ".join(part for part in (row.where, _meant(row, cohorts)) if part),
        age=days_ago(row.due_on, now.today),
        url=_occurrence_url(now.project, row),
        action=_("Decide"),
        weight=84 if row.is_item else 85,
        is_for_managers=True,
    )


def _meant(row: WaitingOccurrence, cohorts: Mapping[int, int]) -> str:
    """How many people it was to reach; empty where only its own page can count them."""
    people = row.people
    if people is None and row.cohort_pk is not None:
        people = cohorts.get(row.cohort_pk)
    if people is None or row.is_item:
        return ""
    words = ngettext("%(n)s person", "%(n)s people", people)
    return words % {"n": number_format(people, force_grouping=True)}


def _occurrence_url(project: Project, row: WaitingOccurrence | TroubledOccurrence) -> str:
    return reverse("communications:occurrence_detail", args=[project.slug, row.occurrence_pk])


def _approval(row: WaitingOccurrence, today: date) -> tuple[str, str]:
    words = {"title": row.title, "where": row.where, "when": days_ago(row.due_on, today)}
    deed = _("Approve “%(title)s” for %(where)s") if row.where else _("Approve “%(title)s”")
    why = _("It is due %(when)s. Nothing is sent before somebody has approved it.")
    return deed % words, why % words
