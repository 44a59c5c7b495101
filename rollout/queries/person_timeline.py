"""Everything that happened to one person, in one line each, the latest first.

Answers to surveys are told by their moment alone, and of anonymous surveys not even that: when
somebody answered would tie them to what was answered that day. A fixed number of queries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cohorts.enums import Placement
from cohorts.models import Membership, Participant, RosterBefore
from cohorts.modes.plan import ModePlan
from communications.enums import DeliveryState
from communications.models import Delivery
from projects.models import Event
from surveys.models import Invitation

Row = TypeVar("Row", bound=Model)
PAGE = 50
# Of one kind: enough to fill the page with it alone, and to see lines of the same moment.
OF_ONE_KIND = PAGE + 1


@dataclass(frozen=True, slots=True)
class Line:
    """``look`` is a state of the status tag, ``kind`` the word on it."""

    at: datetime
    look: str
    kind: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """``before`` is the moment that the next page begins at, None at the end."""

    lines: tuple[Line, ...]
    before: datetime | None


def timeline_of(person: Participant, *, before: datetime | None = None) -> Timeline:
    """Fifty lines that happened before ``before``, and those of the same moment as the last."""
    sources = (_roster, _cohorts, _modes, _mails, _surveys, _deferrals, _problems, _record)
    lines = [
        line
        for source in sources
        for line in source(person, before)
        if before is None or line.at < before
    ]
    lines.sort(key=lambda line: line.at, reverse=True)
    if len(lines) <= PAGE:
        return Timeline(tuple(lines), None)
    end = lines[PAGE - 1].at
    shown = tuple(line for line in lines if line.at >= end)
    return Timeline(shown, end if len(shown) < len(lines) else None)


def _latest(rows: "QuerySet[Row, Row]", name: str, before: datetime | None) -> "QuerySet[Row, Row]":
    """The rows of a page by the moment in ``name``."""
    if before is not None:
        rows = rows.filter(**{f"{name}__lt": before})
    return rows.exclude(**{name: None}).order_by(f"-{name}", "-pk")[:OF_ONE_KIND]


def _roster(person: Participant, before: datetime | None) -> Iterator[Line]:
    roster = _("Roster")
    yield Line(person.created_at, "todo", roster, _("Added to the project."))
    if person.left_at is not None:
        yield Line(person.left_at, "left", roster, _("Left: not counted any more, gets no mail."))
    words = {field.name: str(field.verbose_name) for field in Participant._meta.concrete_fields}
    changes = RosterBefore.objects.filter(participant=person, is_place=False)
    for row in changes.select_related("roster_import")[:OF_ONE_KIND]:
        before_it = row.before or {}
        changed = [name for name, value in row.after.items() if before_it.get(name) != value]
        yield Line(
            row.roster_import.made_at,
            "move",
            roster,
            _("Changed by an import."),
            str(capfirst(", ".join(words[name] for name in words if name in changed))),
        )


def _cohorts(person: Participant, before: datetime | None) -> Iterator[Line]:
    """At most two, so they are not paged."""
    kind = _("Cohort")
    for row in person.memberships.select_related("cohort", "deferred_from"):
        name = row.cohort.name
        yield Line(
            row.joined_at, "move", kind, _("Put into “%(name)s”.") % {"name": name}, why_here(row)
        )
        if row.told_at is not None:
            yield Line(row.told_at, "told", kind, _("Told about “%(name)s”.") % {"name": name})
        if row.switched_at is not None:
            yield Line(
                row.switched_at, "switched", kind, _("Switched with “%(name)s”.") % {"name": name}
            )


def why_here(row: Membership) -> str:
    """How the person came into the cohort, in words."""
    if row.placement_note:
        return row.placement_note
    return str(capfirst(Placement(row.placed_by).label)) if row.placed_by else ""


def _modes(person: Participant, before: datetime | None) -> Iterator[Line]:
    plan = ModePlan.of(person.project.playbook_snapshot)
    looks = {"granted": "active", "observed": "done"}
    for row in _latest(person.mode_records.all(), "at", before):
        mode = plan.title(row.mode) if row.mode else _("no mode")
        yield Line(
            row.at,
            looks.get(row.kind, "todo"),
            _("Mode"),
            f"{capfirst(row.get_kind_display())}: {mode}",
            str(capfirst(row.get_source_display())),
        )


def _mails(person: Participant, before: datetime | None) -> Iterator[Line]:
    rows = Delivery.objects.filter(participant=person).annotate(
        happened=Coalesce("sent_at", "not_before")
    )
    for row in _latest(rows.select_related("occurrence__message"), "happened", before):
        state = DeliveryState(row.state)
        yield Line(
            row.happened,
            row.state,
            str(state.label),
            _("Mail “%(title)s”.") % {"title": row.occurrence.message.title},
            row.reason,
        )


def _surveys(person: Participant, before: datetime | None) -> Iterator[Line]:
    kind = _("Survey")
    rows = Invitation.objects.filter(participant=person).select_related("survey")
    recent = Q(invited_at__lt=before) | Q(answered_at__lt=before) if before else Q()
    for row in rows.filter(recent).order_by("-invited_at", "-pk")[:OF_ONE_KIND]:
        title = row.survey.title
        yield Line(row.invited_at, "todo", kind, _("Asked: “%(survey)s”.") % {"survey": title})
        if row.answered_at is not None and not row.survey.is_anonymous:
            yield Line(
                row.answered_at, "done", kind, _("Answered “%(survey)s”.") % {"survey": title}
            )


def _deferrals(person: Participant, before: datetime | None) -> Iterator[Line]:
    kind = _("Deferral")
    for row in person.deferrals.select_related("from_cohort", "to_cohort")[:OF_ONE_KIND]:
        names = {"left": row.from_cohort.name}
        yield Line(
            row.asked_at, "deferred", kind, _("Asked to leave “%(left)s” for a later date.") % names
        )
        if row.decided_at is not None:
            to = f"→ {row.to_cohort.name}" if row.to_cohort else ""
            yield Line(
                row.decided_at, row.status, kind, str(capfirst(row.get_status_display())), to
            )


def _problems(person: Participant, before: datetime | None) -> Iterator[Line]:
    kind = _("Problem")
    for row in person.problems.all()[:OF_ONE_KIND]:
        blocks = _("It blocks the switch.") if row.is_blocking else ""
        look = "blocked" if row.is_blocking else "warn"
        yield Line(row.reported_at, look, kind, _("A problem was reported."), blocks)
        if row.solved_at is not None:
            yield Line(row.solved_at, "done", kind, _("A problem was solved."))


def _record(person: Participant, before: datetime | None) -> Iterator[Line]:
    rows = Event.objects.filter(
        project=person.project_id, subject_type="participant", subject_id=person.pk
    )
    for row in _latest(rows.select_related("actor"), "at", before):
        who = str(row.actor) if row.actor else ""
        yield Line(row.at, "todo", _("Record"), row.sentence, who)
