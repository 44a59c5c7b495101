"""What the kept figures must be, counted person by person in Python: slow, plain, independent."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from django.db.models import Sum

from cohorts.models import Membership, Participant, SeenCount
from cohorts.queries.counts import (
    NAMES,
    PeopleCounts,
    PeopleFigures,
    counts_by_cohort,
    figures_by_project,
    hours_by_cohort,
    hours_of,
    pairs_of,
)
from projects.models import Project


def kept(project: Project) -> dict[str, Any]:
    """What the pages read."""
    figures = figures_by_project([project.pk]).get(project.pk, PeopleFigures())
    return {
        "cohorts": {
            cohort: counts
            for cohort, counts in counts_by_cohort([project.pk]).items()
            if counts != PeopleCounts()
        },
        "project": figures,
        "pairs": {
            (pair.pilot, pair.wave): (
                pair.people,
                pair.switched,
                pair.pilot_verified,
                pair.wave_verified,
            )
            for pair in pairs_of(project)
        },
        "seen": {
            (row["cohort_id"], row["observed_mode"], row["mode_state"], row["is_seen"], row["n"])
            for row in SeenCount.objects.filter(project=project)
            .values("cohort_id", "observed_mode", "mode_state", "is_seen")
            .annotate(n=Sum("people"))
            if row["n"]
        },
        "hours": {(h.hour, h.switched, h.verified) for h in hours_of(project)},
        "hours by cohort": {
            (cohort, h.hour, h.switched, h.verified)
            for cohort, hours in hours_by_cohort(project).items()
            for h in hours
        },
    }


def counted(project: Project) -> dict[str, Any]:
    people = {p.pk: p for p in Participant.objects.filter(project=project, status="active")}
    members = [
        m for m in Membership.objects.filter(cohort__project=project) if m.participant_id in people
    ]
    cohorts: dict[int, Counter[str]] = {}
    for member in members:
        person = people[member.participant_id]
        cohorts.setdefault(member.cohort_id, Counter()).update(states(member, person))
    by_person: dict[int, dict[str, Membership]] = {}
    for member in members:
        by_person.setdefault(member.participant_id, {})[member.kind] = member
    hours = hours_of_people(by_person)
    own: Counter[tuple[int, datetime, str]] = Counter()
    for m in members:
        own.update([(m.cohort_id, hour(m.switched_at), "switched")] if m.switched_at else [])
        own.update([(m.cohort_id, hour(seen), "verified")] if (seen := seen_at(m)) else [])
    both = [(p["pilot"], p["wave"]) for p in by_person.values() if len(p) == 2]
    return {
        "cohorts": {
            pk: PeopleCounts(**{name: numbers[name] for name in NAMES})
            for pk, numbers in cohorts.items()
        },
        "project": PeopleFigures(
            people=len(people),
            in_cohorts=len(by_person),
            switched=sum(any(m.switched_at for m in p.values()) for p in by_person.values()),
            white_glove=sum(p.is_white_glove for p in people.values()),
            without_address=sum(not p.address for p in people.values()),
        ),
        "pairs": pairs(both),
        "seen": {(*key, n) for key, n in Counter(map(seen_as, members)).items()},
        "hours": {
            (at, hours[at, "switched"], hours[at, "verified"]) for at in {at for at, _ in hours}
        },
        "hours by cohort": {
            (pk, at, own[pk, at, "switched"], own[pk, at, "verified"])
            for pk, at in {(pk, at) for pk, at, _ in own}
        },
    }


def hours_of_people(
    by_person: dict[int, dict[str, Membership]],
) -> Counter[tuple[datetime, str]]:
    """Each person in the hour of the first of their cohorts."""
    hours: Counter[tuple[datetime, str]] = Counter()
    for places in by_person.values():
        moments = [m.switched_at for m in places.values() if m.switched_at]
        hours.update([(hour(min(moments)), "switched")] if moments else [])
        moments = [seen for m in places.values() if (seen := seen_at(m))]
        hours.update([(hour(min(moments)), "verified")] if moments else [])
    return hours


def states(m: Membership, person: Participant) -> set[str]:
    is_verified = m.mode_state == "verified"
    is_so = {
        "people": True,
        "told": m.told_at is not None,
        "switched": m.switched_at is not None,
        m.mode_state: m.mode_state != "waiting",
        "deferred": m.deferred_from_id is not None and not is_verified,
        "blocked": m.blocked_since is not None and not is_verified,
        "white_glove": person.is_white_glove,
        "without_address": not person.address,
    }
    found = {name for name, is_it in is_so.items() if is_it}
    if not is_verified:
        ladder = ("switched", "blocked", "deferred", "told")
        furthest = next((name for name in ladder if is_so[name]), None)
        found |= {f"{furthest}_only"} if furthest else set()
    return found


def pairs(both: list[tuple[Membership, Membership]]) -> dict[tuple[int, int], tuple[int, ...]]:
    found: dict[tuple[int, int], list[int]] = {}
    for a, b in both:
        numbers = found.setdefault((a.cohort_id, b.cohort_id), [0, 0, 0, 0])
        numbers[0] += 1
        numbers[1] += bool(a.switched_at and b.switched_at)
        numbers[2] += a.mode_state == "verified"
        numbers[3] += b.mode_state == "verified"
    return {key: tuple(numbers) for key, numbers in found.items()}


def seen_as(m: Membership) -> tuple[int, str, str, bool]:
    return (m.cohort_id, m.observed_mode, m.mode_state, m.observed_at is not None)


def seen_at(m: Membership) -> datetime | None:
    return (m.observed_at or m.switched_at or m.joined_at) if m.mode_state == "verified" else None


def hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
