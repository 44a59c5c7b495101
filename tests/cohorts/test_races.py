"""What happens when two people press at once; with real connections, so nothing is rolled back."""

import io
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from cohorts.enums import CohortKind
from cohorts.models import Membership, Participant
from cohorts.services.members import assign_people
from cohorts.services.roster import import_people
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.projects import ProjectFactory

PEOPLE = 300


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run ``works`` together, each in a thread with a connection of its own; their results."""
    barrier, results = Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = work()
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def load(project: Project, cohort=None):
    text = "upn\n" + "".join(f"p{n}@x.org\n" for n in range(PEOPLE))
    return import_people(
        project=project,
        stream=io.BytesIO(text.encode()),
        cohort=cohort,
        is_strict=False,
        is_dry_run=False,
        acting_user=None,
    )


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_create_everybody_once():
    project = ProjectFactory()
    reports = at_once(*[lambda: load(project)] * 3)
    assert sorted(report.created for report in reports) == [0, 0, PEOPLE]
    assert sorted(report.unchanged for report in reports) == [0, PEOPLE, PEOPLE]
    assert Participant.objects.count() == PEOPLE


@pytest.mark.django_db(transaction=True)
def test_two_assignments_at_once_leave_everybody_in_one_wave():
    project = ProjectFactory()
    waves = [CohortFactory(project=project) for _ in range(2)]
    load(project)

    def assign(wave):
        everybody = Participant.objects.filter(project=project)
        return lambda: assign_people(cohort=wave, participants=everybody, acting_user=None)

    results = at_once(*map(assign, waves), lambda: load(project, cohort=waves[0]))
    assert None not in results
    assert Membership.objects.count() == PEOPLE


@pytest.mark.django_db
def test_the_database_keeps_a_person_to_one_wave_and_the_kind_true(project):
    here = MembershipFactory(cohort__project=project)
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(cohort__project=project, participant=here.participant)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=here.pk).update(kind=CohortKind.PILOT)
