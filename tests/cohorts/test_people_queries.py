"""The people list reads: filter, pages, figures."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cohorts.enums import CohortKind, ParticipantStatus
from cohorts.metrics import switched
from cohorts.models import Participant
from cohorts.queries.cohorts import CohortRow, cohort_rows, people_without_cohort
from cohorts.queries.counts import PeopleCounts
from cohorts.queries.people import (
    EVERYBODY,
    PeopleFilter,
    matching,
)
from cohorts.queries.people_pages import PAGE, people_page
from cohorts.queries.places import values_in_use
from projects.metrics import Reading
from tests.factories.cohorts import AT, CohortFactory, MembershipFactory, ParticipantFactory


def found(project, **wanted) -> list[str]:
    rows = matching(project, PeopleFilter(**wanted)).order_by("display_name")
    return list(rows.values_list("display_name", flat=True))


def test_matching_means_and(project):
    wave = CohortFactory(project=project)
    anna = ParticipantFactory(project=project, display_name="Anna", department="IT", mail="q@y.de")
    MembershipFactory(cohort=wave, participant=anna)
    ParticipantFactory(project=project, display_name="Annette", department="Sales")
    ParticipantFactory(project=project, display_name="Bert", department="IT", upn="x_y@z.org")
    ParticipantFactory(project=project, display_name="Left", status=ParticipantStatus.LEFT)
    ParticipantFactory(display_name="Anna of another project", department="IT")
    assert found(project) == ["Anna", "Annette", "Bert"]
    assert found(project, q="ANN") == ["Anna", "Annette"]
    assert found(project, q="q@y") == ["Anna"]
    assert found(project, q="x_y@") == ["Bert"]
    assert found(project, q="%") == []
    assert found(project, q="ann", department="IT") == ["Anna"]
    assert found(project, cohort=wave) == ["Anna"]
    assert found(project, is_without_cohort=True) == ["Annette", "Bert"]
    assert found(project, status=ParticipantStatus.LEFT) == ["Left"]
    assert found(project, status=EVERYBODY) == ["Anna", "Annette", "Bert", "Left"]


def test_values_in_use_are_those_of_the_project_in_order(project):
    for name in ("Sales", "", "IT", "Sales"):
        ParticipantFactory(project=project, department=name)
    ParticipantFactory(department="Theirs")
    ParticipantFactory(project=project, country="Chile", office="O'Higgins %s")
    assert values_in_use(project) == {
        "department": ("IT", "Sales"),
        "country": ("Chile",),
        "office": ("O'Higgins %s",),
    }


def test_pages_go_forth_and_back_over_people_of_one_name(project):
    Participant.objects.bulk_create(
        Participant(project=project, key=f"{n}@x.org", display_name="Same" if n % 2 else f"N{n:03}")
        for n in range(2 * PAGE + 7)
    )
    everybody = list(
        Participant.objects.order_by("display_name", "pk").values_list("pk", flat=True)
    )
    wanted = PeopleFilter()
    first = people_page(project, wanted)
    second = people_page(project, wanted, after=first.after)
    third = people_page(project, wanted, after=second.after)
    seen = [person.pk for page in (first, second, third) for person in page.people]
    assert seen == everybody
    assert (first.before, third.after, first.total) == (None, None, 2 * PAGE + 7)
    assert people_page(project, wanted, before=third.before) == second
    back = people_page(project, wanted, before=second.before)
    assert (back.people, back.before, back.after) == (first.people, None, first.after)


def test_a_page_behind_nobody_we_know_is_the_first(project):
    ParticipantFactory(project=project)
    foreign = ParticipantFactory(display_name="A")
    first = people_page(project, PeopleFilter())
    assert people_page(project, PeopleFilter(), after=foreign.pk) == first
    assert people_page(project, PeopleFilter(), before=foreign.pk) == first
    assert people_page(project, PeopleFilter(), after=2**63 - 1) == first


@pytest.mark.parametrize("people", [1, 3])
def test_people_page_takes_two_queries(project, people, django_assert_num_queries):
    for _ in range(people):
        MembershipFactory(cohort__project=project)
    with django_assert_num_queries(2):
        page = people_page(project, PeopleFilter())
        assert [len(person.places) for person in page.people] == [1] * people


@pytest.mark.parametrize("people", [1, 3])
def test_cohort_rows_count_active_people_in_two_queries(project, people, django_assert_num_queries):
    pilot = CohortFactory(project=project, kind=CohortKind.PILOT, position=0)
    empty = CohortFactory(project=project, position=1)
    for _ in range(people):
        MembershipFactory(cohort=pilot, switched_at=AT)
    MembershipFactory(cohort=pilot)
    left = MembershipFactory(
        cohort=pilot, switched_at=AT, participant__status=ParticipantStatus.LEFT
    )
    ParticipantFactory(project=project)
    MembershipFactory()
    with django_assert_num_queries(2):
        rows = cohort_rows(project)
    switched = PeopleCounts(people=people + 1, switched=people, switched_only=people)
    assert rows == (CohortRow(pilot, switched), CohortRow(empty, PeopleCounts()))
    assert left.participant.status == ParticipantStatus.LEFT
    assert people_without_cohort(project) == 1


def test_switched_can_look_at_the_first_wave_alone(project):
    first = CohortFactory(project=project, position=1)
    MembershipFactory(cohort=CohortFactory(project=project, position=2))
    MembershipFactory(cohort=CohortFactory(project=project, kind=CohortKind.PILOT, position=0))
    MembershipFactory(cohort=first, switched_at=AT)
    params = {"cohort_kind": "wave", "waves": "first"}
    assert switched(project, params, AT) == Reading(Decimal(100), n=1)
    assert switched(project, params | {"waves": "all"}, AT) == Reading(Decimal(50), n=2)


def test_switched_is_the_share_of_people_in_cohorts(project):
    pilot = CohortFactory(project=project, kind=CohortKind.PILOT)
    wave = CohortFactory(project=project)
    assert switched(project, {}, AT) is None
    both = MembershipFactory(cohort=pilot, switched_at=AT).participant
    MembershipFactory(cohort=wave, participant=both)
    MembershipFactory(cohort=wave)
    MembershipFactory(cohort=wave)
    MembershipFactory(cohort=wave, participant__status=ParticipantStatus.LEFT, switched_at=AT)
    ParticipantFactory(project=project)
    MembershipFactory(switched_at=AT)
    assert switched(project, {}, AT) == Reading(Decimal("33.33"), n=3)
    assert switched(project, {"cohort_kind": "pilot"}, AT) == Reading(Decimal(100), n=1)
    assert switched(project, {"cohort_kind": "wave"}, AT) == Reading(Decimal(0), n=3)
    assert switched(project, {}, AT - timedelta(seconds=1)) == Reading(Decimal(0), n=3)


def test_a_place_in_the_list_says_what_is_special(project):
    wave, before = CohortFactory(project=project, name="Wave 2"), CohortFactory(project=project)
    row = MembershipFactory(cohort=wave, deferred_from=before, blocked_since=AT)
    (person,) = people_page(project, PeopleFilter()).people
    assert person.pk == row.participant_id
    assert person.places == [
        {"cohort_id": wave.pk, "name": "Wave 2", "is_blocked": True, "is_deferred": True}
    ]
