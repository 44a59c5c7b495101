"""Shares out of kept figures equal those of people counted one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cohorts import metrics
from cohorts.enums import CohortKind
from cohorts.models import Membership
from cohorts.queries.shares import kept_switched, kept_verified
from projects.models import Project
from tests.cohorts.test_counts import START, Chance
from tests.factories.cohorts import CohortFactory, MembershipFactory

pytestmark = pytest.mark.django_db
LATER = START + timedelta(days=3)
PARAMS: list[dict[str, Any]] = [
    {},
    {"cohort_kind": "pilot"},
    {"cohort_kind": "wave"},
    {"waves": "first"},
]


@pytest.mark.parametrize("seed", range(3))
def test_kept_shares_equal_counted_ones(seed: int, project: Project) -> None:
    chance = Chance(seed, project)
    for _n in range(25):
        chance.step()
    # Verified means seen: no service makes the one without the other.
    Membership.objects.filter(mode_state="verified", observed_at=None).update(observed_at=START)
    for params in PARAMS:
        kept = kept_switched(project, params, LATER)
        assert kept == metrics.count_switched(project, params, LATER)
    for params in PARAMS[:3]:
        kept = kept_verified(project, params, LATER)
        assert kept == metrics.count_verified(project, params, LATER)


def test_what_may_have_been_so_only_later_is_counted(project: Project) -> None:
    at = datetime(2038, 6, 1, 10, 30, tzinfo=UTC)
    wave = CohortFactory(project=project, kind=CohortKind.WAVE)
    MembershipFactory(cohort=wave, switched_at=at + timedelta(minutes=5))
    MembershipFactory(cohort=wave, switched_at=at - timedelta(hours=3))
    assert kept_switched(project, {}, at) is None
    assert kept_verified(project, {}, at) is None
    reading = metrics.switched(project, {}, at)
    assert reading is not None
    assert (reading.value, reading.n) == (50, 2)
