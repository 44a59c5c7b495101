"""The burn-up: each person once, a forecast only from finished cohorts, a table beside it."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.enums import CohortKind, CohortStatus
from cohorts.models import Cohort
from dashboards.burnup import burnup_picture
from dashboards.charts.burnup import BurnUp, Point, draw_burnup, nice_steps
from dashboards.charts.marks import Path, Text
from dashboards.forecast import Pace, forecast
from dashboards.queries.board import BoardFilter, BoardRow, board
from dashboards.queries.burnup import burnup_of
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

TODAY = date(2038, 6, 20)


def rows_of(project: Project) -> tuple[BoardRow, ...]:
    return tuple(board([project], BoardFilter()).rows)


def cohort(project: Project, day: int, people: int, *, status: CohortStatus, **more: str) -> Cohort:
    """Switched at 23:30 UTC of the day before: in Berlin that is the day itself."""
    at = datetime.combine(date(2038, 6, day) - timedelta(days=1), time(23, 30), UTC)
    is_past = status != CohortStatus.PLANNED
    made = CohortFactory(
        project=project,
        switch_on=date(2038, 6, day),
        ends_on=date(2038, 6, 30),
        status=status,
        switched_at=at if is_past else None,
        **more,
    )
    MembershipFactory.create_batch(people, cohort=made, switched_at=at if is_past else None)
    return made


@pytest.mark.django_db
def test_each_person_counts_once_on_the_day_of_their_first_cohort(project: Project) -> None:
    project.timezone = "Europe/Berlin"
    pilot = cohort(project, 1, 2, status=CohortStatus.FINISHED, kind=CohortKind.PILOT)
    wave = cohort(project, 11, 3, status=CohortStatus.FINISHED)
    later = cohort(project, 25, 4, status=CohortStatus.PLANNED)
    both = ParticipantFactory(project=project)
    for place in (pilot, wave):
        MembershipFactory(cohort=place, participant=both, switched_at=place.switched_at)
    data = burnup_of(project, rows_of(project), TODAY)
    assert data.plan == ((date(2038, 6, 1), 3), (date(2038, 6, 11), 6), (date(2038, 6, 25), 10))
    assert data.points == (Point(date(2038, 6, 1), 3, 0), Point(date(2038, 6, 11), 6, 0))
    assert data.rows() == [
        (date(2038, 6, 1), 3, Point(date(2038, 6, 1), 3, 0)),
        (date(2038, 6, 11), 6, Point(date(2038, 6, 11), 6, 0)),
        (TODAY, 6, Point(TODAY, 6, 0)),
        (date(2038, 6, 25), 10, None),
    ]
    # 3 people in 10 days, then 4 in 14, until the next cohort.
    assert data.forecast == forecast([Pace(3, 10), Pace(4, 14)], left=4, today=TODAY)
    assert later.switched_at is None


@pytest.mark.django_db
def test_one_finished_cohort_gives_no_forecast_and_says_so(project: Project) -> None:
    cohort(project, 1, 2, status=CohortStatus.FINISHED, kind=CohortKind.PILOT)
    cohort(project, 11, 3, status=CohortStatus.SWITCHED)
    picture = burnup_picture(project, rows_of(project), datetime(2038, 6, 20, tzinfo=UTC))
    assert picture is not None
    assert picture.data.forecast is None
    cohort(project, 25, 4, status=CohortStatus.PLANNED)
    picture = burnup_picture(project, rows_of(project), datetime(2038, 6, 20, tzinfo=UTC))
    assert picture is not None
    assert picture.outlook == "No forecast yet: it needs two finished cohorts."
    assert "bu-forecast" not in css_of(picture.data)


@pytest.mark.django_db
def test_nobody_in_a_cohort_gives_no_picture(project: Project) -> None:
    CohortFactory(project=project)
    at = datetime(2038, 6, 20, tzinfo=UTC)
    assert burnup_picture(project, rows_of(project), at) is None


@pytest.mark.django_db
def test_burnup_asks_two_queries(project: Project, django_assert_num_queries) -> None:
    for people in (1, 30):
        cohort(project, 1 + people % 20, people, status=CohortStatus.SWITCHED)
        rows = rows_of(project)
        with django_assert_num_queries(2):
            burnup_of(project, rows, TODAY)


def test_forecast_is_the_median_of_the_last_three() -> None:
    paces = [Pace(1000, 1), Pace(20, 10), Pace(40, 10), Pace(30, 10)]
    found = forecast(paces, left=30, today=TODAY)
    assert found is not None
    assert (found.cohorts, found.rate, found.ends_on) == (3, 3.0, TODAY + timedelta(days=10))
    assert found.slow < 2 < 3 < 4 < found.fast
    same = forecast([Pace(30, 10), Pace(60, 20)], left=30, today=TODAY)
    assert same is not None
    assert (same.earliest, same.latest) == (same.ends_on, same.ends_on)
    assert forecast([Pace(30, 10)], left=30, today=TODAY) is None
    assert forecast([Pace(30, 10), Pace(0, 3)], left=30, today=TODAY) is None


@given(
    paces=st.lists(st.builds(Pace, st.integers(1, 10**6), st.integers(1, 400)), max_size=5),
    left=st.integers(0, 10**6),
)
def test_forecast_is_in_order(paces: list[Pace], left: int) -> None:
    found = forecast(paces, left=left, today=TODAY)
    if found is None:
        assert len(paces) < 2
        return
    assert 0 < found.slow <= found.rate <= found.fast
    days = [day or date.max for day in (found.earliest, found.ends_on, found.latest)]
    assert days == sorted(days)


def css_of(data: BurnUp) -> set[str]:
    return {mark.css for drawing in draw_burnup(data) for mark in drawing.marks if mark.css}


@given(
    steps=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 10**6)), min_size=1, max_size=9),
    ago=st.integers(0, 400),
    paces=st.lists(st.builds(Pace, st.integers(1, 10**5), st.integers(1, 90)), max_size=3),
)
def test_nothing_lies_outside_the_picture(
    steps: list[tuple[int, int]], ago: int, paces: list[Pace]
) -> None:
    days = sorted({day for day, _people in steps})
    people = sorted(number for _day, number in steps)[: len(days)]
    plan = [(TODAY + timedelta(days=d - 300), n) for d, n in zip(days, people, strict=True)]
    total = plan[-1][1]
    points = [Point(TODAY - timedelta(days=ago), total // 2, total // 3)]
    found = forecast(paces, left=total - total // 2, today=TODAY)
    data = BurnUp(points=points, plan=plan, total=total, today=TODAY, forecast=found)
    for drawing in draw_burnup(data):
        texts = [mark for mark in drawing.marks if isinstance(mark, Text)]
        assert all(text.box.left >= 0 and text.box.right <= drawing.width for text in texts)
        names = [text for text in texts if text.css.startswith("bu-name")]
        for one, following in pairwise(names):
            assert following.y - one.y >= one.size
        for mark in drawing.marks:
            assert not isinstance(mark, Path) or "nan" not in mark.d


@pytest.mark.parametrize(
    ("most", "steps"),
    [(1, (1, 1)), (5, (1, 5)), (6, (2, 6)), (402, (100, 500)), (10**6, (200_000, 10**6))],
)
def test_axis_has_round_steps(most: int, steps: tuple[int, int]) -> None:
    assert nice_steps(most) == steps
