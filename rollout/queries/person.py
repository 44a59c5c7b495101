"""Everything the page of one person says, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime

from cohorts.enums import ParticipantStatus
from cohorts.models import Deferral, Membership, Participant, Problem
from cohorts.modes.plan import ModePlan
from cohorts.queries.modes import LOOKS
from cohorts.queries.person import facts_of, memberships_of
from communications.models import Suppression
from communications.queries.addressees import in_force, suppression_keys
from rollout.queries.person_timeline import Timeline, timeline_of, why_here

MOST = 20


@dataclass(frozen=True, slots=True)
class Place:
    """One cohort of the person. ``look`` is how the state of the mode is drawn."""

    membership: Membership
    why: str
    look: str
    observed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """``silence`` is why and until when no mail goes to the person's address, None if it does."""

    places: tuple[Place, ...]
    facts: tuple[tuple[str, str], ...]
    deferrals: tuple[Deferral, ...]
    problems: tuple[Problem, ...]
    silence: Suppression | None
    timeline: Timeline
    is_erased: bool


def person_page(person: Participant, at: datetime, *, before: datetime | None = None) -> PersonPage:
    """``before``: where the page of the timeline begins."""
    plan = ModePlan.of(person.project.playbook_snapshot)
    deferrals = person.deferrals.select_related("from_cohort", "to_cohort")
    return PersonPage(
        places=tuple(_place(row, plan) for row in memberships_of(person)),
        facts=facts_of(person),
        deferrals=tuple(deferrals[:MOST]),
        problems=tuple(person.problems.all()[:MOST]),
        silence=silence_of(person, at),
        timeline=timeline_of(person, before=before),
        is_erased=person.status == ParticipantStatus.ERASED,
    )


def silence_of(person: Participant, at: datetime) -> Suppression | None:
    """The suppression of the person's address that holds at ``at``."""
    rows = Suppression.objects.filter(
        in_force(at), address_key__in=suppression_keys(person.address)
    )
    return rows.select_related("set_by").first()


def _place(row: Membership, plan: ModePlan) -> Place:
    observed = plan.title(row.observed_mode) if row.observed_mode else ""
    return Place(row, why_here(row), LOOKS[row.mode_state], observed)
