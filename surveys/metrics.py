"""What surveys can measure. Fills the port ``projects.metrics``; every figure is over all cohorts
of the project that were asked.
"""

from datetime import datetime

from projects.metrics import Params, Reading
from projects.models import Project
from surveys.models import Invitation, Survey
from surveys.queries.tallies import tally
from surveys.scoring import (
    SMALLEST_GROUP,
    Counts,
    Score,
    agreement,
    promoter_score,
    response_rate,
)


def survey_agree(project: Project, params: Params, at: datetime) -> Reading | None:
    """Percent that agree, over ``question`` or ``questions`` together; n counts answers."""
    keys = params.get("questions") or [params.get("question")]
    return _reading(agreement(_counts(project, params, keys)))


def survey_nps(project: Project, params: Params, at: datetime) -> Reading | None:
    return _reading(promoter_score(_counts(project, params, [params.get("question")])))


def survey_response_rate(project: Project, params: Params, at: datetime) -> Reading | None:
    invitations = Invitation.objects.filter(
        survey__project=project, survey__key=params.get("survey", "")
    )
    answered = invitations.filter(answered_at__isnull=False).count()
    return _reading(response_rate(answered, invitations.count()))


def _counts(project: Project, params: Params, keys: list[str | None]) -> Counts:
    """Answers by value over these questions; none for an anonymous survey with few answers."""
    surveys = Survey.objects.filter(project=project, key=params.get("survey", ""))
    anonymity = dict(surveys.values_list("pk", "is_anonymous"))
    tallies = tally(list(anonymity))
    smallest = SMALLEST_GROUP if any(anonymity.values()) else 0
    counts: dict[str, int] = {}
    for key in keys:
        found = tallies.get(key or "")
        if found is None or found.people < smallest:
            continue
        for value, number in found.counts.items():
            counts[value] = counts.get(value, 0) + number
    return counts


def _reading(score: Score | None) -> Reading | None:
    return Reading(value=score.value, n=score.n) if score else None
