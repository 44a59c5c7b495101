"""Kept figures equal figures counted anew, whatever statements changed the people."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q

from cohorts.enums import CohortKind, ModeState
from cohorts.models import (
    Cohort,
    CohortCount,
    HourCount,
    Membership,
    PairCount,
    Participant,
    SeenCount,
)
from cohorts.queries.counts import PeopleCounts, PeopleFigures, counts_by_cohort
from cohorts.services.counts import fold_counts, recount
from projects.models import Project
from tests.cohorts.counted import counted, kept
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

pytestmark = pytest.mark.django_db
START = datetime(2038, 6, 1, tzinfo=UTC)


class Chance:
    """Random statements over the rows of one project, of one row or of many."""

    def __init__(self, seed: int, project: Project) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.project = project
        kinds = [CohortKind.PILOT, CohortKind.PILOT, *[CohortKind.WAVE] * 3]
        self.cohorts = [CohortFactory(project=project, kind=kind) for kind in kinds]
        self.number = 0

    def step(self) -> None:
        deeds = [self.add_people, self.join, self.join, self.change, self.change, self.change]
        deeds += [self.change_people, self.take_out, self.delete_people, fold_counts]
        self.random.choice(deeds)()

    def moment(self) -> datetime | None:
        later = START + timedelta(minutes=self.random.randrange(600))
        return self.random.choice([None, later, later])

    def some(self, rows: Any) -> Any:
        """A handful of rows, or a large part of them: planned in different ways."""
        ids = list(rows.values_list("pk", flat=True))
        number = self.random.choice([1, 2, 5, len(ids)])
        return rows.filter(pk__in=self.random.sample(ids, min(number, len(ids))))

    def add_people(self) -> None:
        made = []
        for _n in range(self.random.choice([1, 3, 90])):
            self.number += 1
            upn = self.random.choice(["", f"p{self.number}@example.org"])
            made.append(
                ParticipantFactory.build(
                    project=self.project,
                    upn=upn,
                    key=f"p{self.number}",
                    status=self.random.choice(["active", "active", "left"]),
                    is_white_glove=self.random.random() < 0.1,
                )
            )
        Participant.objects.bulk_create(made)

    def join(self) -> None:
        cohort = self.random.choice(self.cohorts)
        people = self.some(Participant.objects.filter(project=self.project))
        Membership.objects.bulk_create(
            (
                Membership(
                    participant=person,
                    cohort=cohort,
                    kind=cohort.kind,
                    switched_at=self.moment(),
                    mode_state=self.random.choice(ModeState.values),
                    observed_at=self.moment(),
                )
                for person in people
            ),
            update_conflicts=True,
            unique_fields=["participant", "kind"],
            update_fields=["cohort", "switched_at", "mode_state"],
        )

    def change(self) -> None:
        kind = self.random.choice([CohortKind.PILOT, CohortKind.WAVE])
        places = [cohort for cohort in self.cohorts if cohort.kind == kind]
        rows = Membership.objects.filter(cohort__project=self.project)
        changes: list[dict[str, Any]] = [
            {"told_at": self.moment()},
            {"switched_at": self.moment()},
            {"mode_state": self.random.choice(ModeState.values), "observed_at": self.moment()},
            {"blocked_since": self.moment()},
            {"observed_mode": self.random.choice(["", "old", "new"])},
            {"deferred_from": self.random.choice([None, places[0]])},
            {"exported_at": self.moment()},
            {"cohort": self.random.choice(places)},
        ]
        chosen = self.random.choice(changes)
        self.some(rows.filter(kind=kind) if "cohort" in chosen else rows).update(**chosen)

    def change_people(self) -> None:
        changes: list[dict[str, Any]] = [
            {"status": self.random.choice(["active", "left", "erased"])},
            {"is_white_glove": self.random.random() < 0.5},
            {"upn": self.random.choice(["", "changed@example.org"])},
            {"department": "Sales"},
        ]
        people = Participant.objects.filter(project=self.project)
        self.some(people).update(**self.random.choice(changes))

    def take_out(self) -> None:
        self.some(Membership.objects.filter(cohort__project=self.project)).delete()

    def delete_people(self) -> None:
        """As raw SQL may: people first, their memberships after them."""
        ids = list(self.some(Participant.objects.filter(project=self.project))[:7])
        with connection.cursor() as cursor:
            keys = [[one.pk for one in ids]]
            cursor.execute("DELETE FROM cohorts_participant WHERE id = ANY(%s)", keys)
            cursor.execute("DELETE FROM cohorts_membership WHERE participant_id = ANY(%s)", keys)


@pytest.mark.parametrize("seed", range(8))
def test_figures_equal_people_after_random_statements(seed: int, project: Project) -> None:
    chance = Chance(seed, project)
    for _n in range(60):
        chance.step()
        assert kept(project) == counted(project)
    assert recount(is_check=True) == ()


def test_figures_of_another_project_are_not_mixed_in(project: Project) -> None:
    MembershipFactory(cohort=CohortFactory(project=project), switched_at=START)
    other = MembershipFactory()
    assert kept(other.cohort.project) == counted(other.cohort.project)
    assert counts_by_cohort([project.pk]).keys() == {
        cohort.pk for cohort in Cohort.objects.filter(project=project)
    }


def test_one_statement_that_changes_both_cohorts_of_a_person(project: Project) -> None:
    pilot = CohortFactory(project=project, kind=CohortKind.PILOT)
    wave = CohortFactory(project=project)
    for _n in range(70):
        person = ParticipantFactory(project=project)
        MembershipFactory(cohort=pilot, participant=person)
        MembershipFactory(cohort=wave, participant=person)
    Membership.objects.update(switched_at=START, mode_state=ModeState.VERIFIED, observed_at=START)
    assert kept(project) == counted(project)
    assert kept(project)["project"] == PeopleFigures(people=70, in_cohorts=70, switched=70)
    Membership.objects.filter(Q(kind="wave") | Q(switched_at=START)).delete()
    assert kept(project) == counted(project)


def test_folding_leaves_one_row_and_the_same_figures(project: Project) -> None:
    cohort = CohortFactory(project=project)
    while CohortCount.objects.filter(cohort=cohort).count() < 2:  # some fold by themselves
        MembershipFactory(cohort=cohort)
    before = kept(project)
    fold_counts()
    assert CohortCount.objects.filter(cohort=cohort).count() == 1
    assert kept(project) == before


def test_truncating_people_forgets_their_figures(project: Project) -> None:
    MembershipFactory(cohort=CohortFactory(project=project), switched_at=START)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE cohorts_participant CASCADE")
    assert kept(project) == counted(project)
    assert CohortCount.objects.count() == 0


def test_figures_go_with_their_project(project: Project) -> None:
    MembershipFactory(cohort=CohortFactory(project=project), switched_at=START)
    Membership.objects.all().delete()
    Project.objects.all().delete()
    kinds = (CohortCount, PairCount, HourCount, SeenCount)
    assert [kind.objects.count() for kind in kinds] == [0, 0, 0, 0]


def test_recount_says_what_was_wrong_and_repairs_it(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    cohort = CohortFactory(project=project)
    MembershipFactory(cohort=cohort)
    CohortCount.objects.create(project=project, cohort=cohort, told=3)
    call_command("recount", "--check")
    sentence = f"project {project.pk}, cohort {cohort.pk}: told was 3, is 0"
    assert capsys.readouterr().out.splitlines() == ["1 figure was wrong.", sentence]
    assert counts_by_cohort([project.pk])[cohort.pk] == PeopleCounts(
        people=1, told=3, without_address=0
    )
    call_command("recount")
    capsys.readouterr()
    call_command("recount", "--json")
    assert capsys.readouterr().out == '{"wrong": 0, "is_repaired": true, "differences": []}\n'
    assert kept(project) == counted(project)
