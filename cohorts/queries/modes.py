"""Reads about modes: members for a script, drift, the last report, states by cohort.

A fixed number of statements, whatever the size; the list of drift is key-set paged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum

from cohorts.enums import ModeState, ParticipantStatus
from cohorts.models import Cohort, Membership, SeenCount
from cohorts.modes.plan import ModePlan
from cohorts.modes.scripts import Candidate, Choice
from cohorts.queries.counts import counts_by_cohort
from projects.models import Event, Project

PAGE = 50
VERIFIED = "modes.verified"
LOOKS: dict[str, str] = {
    ModeState.WAITING: "todo",
    ModeState.GRANTED: "active",
    ModeState.VERIFIED: "done",
    ModeState.DRIFT: "bad",
    ModeState.FAILED: "bad",
    ModeState.NOT_APPLICABLE: "off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One person in another mode, with the titles of both modes."""

    membership: Membership
    observed: str
    target: str

    @classmethod
    def of(cls, row: Membership, titles: Mapping[str, str]) -> "Drift":
        target = row.cohort.to_mode
        return cls(
            membership=row,
            observed=titles.get(row.observed_mode, row.observed_mode),
            target=titles.get(target, target),
        )


@dataclass(frozen=True, slots=True)
class DriftPage:
    """``before`` and ``after`` are ids for the neighbouring pages' addresses, None at an end."""

    rows: tuple[Membership, ...]
    total: int
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeCount:
    """``is_seen`` False: people no report has shown yet."""

    title: str
    state: str
    people: int
    is_seen: bool

    @property
    def word(self) -> str:
        return str(ModeState(self.state).label)

    @property
    def look(self) -> str:
        """The look of the status tag."""
        return LOOKS[self.state] if self.is_seen or self.state != ModeState.WAITING else "unsure"


@dataclass(frozen=True, slots=True)
class CohortStates:
    """Members of one cohort by the state of their mode: (state, its word, people)."""

    cohort: Cohort
    people: int
    states: tuple[tuple[str, str, int], ...]


def states_by_cohort(project: Project) -> tuple[CohortStates, ...]:
    """Every cohort with people, in its order; cancelled ones too while somebody is in them. Two
    queries, and nobody is counted: the database keeps the figures."""
    counts = counts_by_cohort([project.pk])
    rows = ((cohort, counts.get(cohort.pk)) for cohort in project.cohorts.all())
    return tuple(
        CohortStates(
            cohort,
            found.people,
            tuple(
                (state.value, str(state.label), getattr(found, state.value)) for state in ModeState
            ),
        )
        for cohort, found in rows
        if found is not None and found.people
    )


def candidates_of(cohort: Cohort) -> Iterator[Candidate]:
    """Everybody in the cohort, also who left, in the order of ids; streamed."""
    names = {
        "membership": "pk",
        "upn": "participant__upn",
        "sip_address": "participant__sip_address",
        "object_id": "participant__object_id",
        "mail": "participant__mail",
        "name": "participant__display_name",
        "status": "participant__status",
        "state": "mode_state",
        "exported_at": "exported_at",
        "granted_at": "granted_at",
    }
    rows = Membership.objects.filter(cohort=cohort).order_by("participant_id")
    for row in rows.values_list(*names.values()).iterator(chunk_size=2000):
        yield Candidate(**dict(zip(names, row, strict=True)))


@dataclass(frozen=True, slots=True)
class ScriptPreview:
    """``reasons``: why somebody would be skipped, with the number of people."""

    people: int
    recent: int
    reasons: tuple[tuple[str, int], ...]


def script_preview(cohort: Cohort, at: datetime) -> ScriptPreview:
    """Who would stand in a script at ``at``; people are told apart by their UPN alone."""
    choice = Choice(("upn",), at)
    people = sum(1 for _one in choice.of(candidates_of(cohort)))
    reasons = Counter(row.reason for row in choice.skipped)
    return ScriptPreview(people, choice.recent, tuple(reasons.most_common()))


def not_run_yet(cohort: Cohort) -> "QuerySet[Membership]":
    """Who stands in a script of which nobody has said yet that it ran."""
    rows = Membership.objects.filter(
        cohort=cohort, participant__status=ParticipantStatus.ACTIVE, exported_at__isnull=False
    ).exclude(mode_state__in=[ModeState.VERIFIED, ModeState.NOT_APPLICABLE])
    # Not exclude(): a grant that is not there is NULL, and the row must stay.
    return rows.filter(Q(granted_at=None) | Q(granted_at__lt=F("exported_at")))


def drift_page(
    project: Project,
    cohort: Cohort | None = None,
    *,
    after: int | None = None,
    before: int | None = None,
) -> DriftPage:
    """Fifty memberships in drift, by id, behind ``after`` or in front of ``before``."""
    rows = _drift(project, cohort)
    total = rows.count()
    backwards = before is not None
    place = before if backwards else after
    if place is not None:
        rows = rows.filter(pk__lt=place) if backwards else rows.filter(pk__gt=place)
    rows = rows.select_related("participant", "cohort").order_by("-pk" if backwards else "pk")
    found = list(rows[: PAGE + 1])
    is_more = len(found) > PAGE
    shown = found[:PAGE][::-1] if backwards else found[:PAGE]
    if not shown:
        return DriftPage((), total, None, None)
    has_before = is_more if backwards else place is not None
    has_after = backwards or is_more
    return DriftPage(
        tuple(shown),
        total,
        shown[0].pk if has_before else None,
        shown[-1].pk if has_after else None,
    )


def last_report(project: Project) -> Event | None:
    """The record of the last export that was read, with its figures in ``data``."""
    rows = Event.objects.filter(project=project, verb=VERIFIED)
    return rows.select_related("actor").order_by("-pk").first()


def mode_counts(project: Project, cohort: Cohort) -> tuple[ModeCount, ...]:
    """Active members by the mode they were seen in; one query. Most people first."""
    plan = ModePlan.of(project.playbook_snapshot)
    rows = (
        SeenCount.objects.filter(cohort=cohort, project=project)
        .values("observed_mode", "mode_state", "is_seen")
        .annotate(number=Sum("people"))
        .filter(number__gt=0)
        .order_by("-is_seen", "-number", "observed_mode", "mode_state")
    )
    return tuple(
        ModeCount(
            title=plan.title(row["observed_mode"]),
            state=row["mode_state"],
            people=row["number"],
            is_seen=row["is_seen"],
        )
        for row in rows
    )


def _drift(project: Project, cohort: Cohort | None) -> "QuerySet[Membership]":
    rows = Membership.objects.filter(
        mode_state=ModeState.DRIFT, participant__status=ParticipantStatus.ACTIVE
    )
    return rows.filter(cohort=cohort) if cohort else rows.filter(cohort__project=project)
