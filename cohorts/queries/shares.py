"""How many people of a project have switched and are verified, out of kept figures.

``None`` where the figures cannot tell what was so ``at`` that moment: somebody switched or was seen
in the hour of ``at`` or after it. Then people have to be counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cohorts.models import Cohort
from cohorts.modes.counting import counting
from cohorts.queries.cohorts import first_wave
from cohorts.queries.counts import (
    PeopleCounts,
    PeopleFigures,
    counts_by_cohort,
    figures_by_project,
    hours_by_cohort,
    pairs_of,
)
from projects.models import Project

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Share:
    part: int
    people: int


def kept_switched(project: Project, params: Mapping[str, Any], at: datetime) -> Share | None:
    """Active people in cohorts and those who have switched, each once. Five queries at most."""
    if not _is_settled(project, at):
        return None
    kind, first = params.get("cohort_kind"), params.get("waves") == "first"
    if not kind and not first:
        figures = figures_by_project([project.pk]).get(project.pk, PeopleFigures())
        return Share(figures.switched, figures.in_cohorts)
    cohorts = project.cohorts.all()
    if kind:
        cohorts = cohorts.filter(kind=kind)
    if first:
        cohorts = cohorts.filter(pk__in=first_wave(project))
    counts = counts_by_cohort([project.pk])
    rows = [counts.get(pk, PeopleCounts()) for pk in cohorts.values_list("pk", flat=True)]
    return Share(sum(row.switched for row in rows), sum(row.people for row in rows))


def kept_verified(project: Project, params: Mapping[str, Any], at: datetime) -> Share | None:
    """The same of people verified; of a person's two cohorts the one that counts decides."""
    if not _is_settled(project, at):
        return None
    cohorts = list(project.cohorts.all())
    counts = counts_by_cohort([project.pk])
    if kind := params.get("cohort_kind"):
        rows = [counts.get(one.pk, PeopleCounts()) for one in cohorts if one.kind == kind]
        return Share(sum(row.verified for row in rows), sum(row.people for row in rows))
    figures = figures_by_project([project.pk]).get(project.pk, PeopleFigures())
    verified = sum(counts[one.pk].verified for one in cohorts if one.pk in counts)
    return Share(verified - _counted_twice(project, cohorts, at), figures.in_cohorts)


def _counted_twice(project: Project, cohorts: list[Cohort], at: datetime) -> int:
    """Those verified with the one of their two cohorts that does not count."""
    rank = {one.cohort: one.rank for one in counting(cohorts, at)}
    return sum(
        pair.wave_verified if rank[pair.pilot] < rank[pair.wave] else pair.pilot_verified
        for pair in pairs_of(project)
    )


def _is_settled(project: Project, at: datetime) -> bool:
    hours = hours_by_cohort(project).values()
    return all(hour.hour + HOUR <= at for rows in hours for hour in rows)
