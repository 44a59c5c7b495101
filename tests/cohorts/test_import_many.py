"""Ten thousand people of every kind: the preview says what the import then does."""

import io

import pytest

from cohorts.models import Membership, Participant, RosterBefore
from cohorts.roster.report import ImportReport
from cohorts.services.roster import import_people
from cohorts.services.undo import undo_import
from tests.cohorts.counted import counted, kept
from tests.factories.cohorts import CohortFactory

MANY = 10_000
HEADER = "userPrincipalName,displayName,mail,department,Cost centre\n"


@pytest.fixture
def load(project, manager):
    def run(text: str, **options) -> ImportReport:
        usual = {"cohort": None, "is_strict": False, "is_dry_run": False}
        stream = io.BytesIO(text.encode())
        return import_people(project=project, stream=stream, acting_user=manager, **usual | options)

    return run


def row(n: int, department: str = "IT") -> str:
    return f"p{n}@x.org,Person {n},P{n}@x.org,{department},{n % 97}\n"


def figures(report: ImportReport) -> tuple[object, ...]:
    counted = (report.rows, report.created, report.updated, report.unchanged)
    return (*counted, len(report.rejected), report.left, report.moved)


@pytest.mark.usefixtures("many_rows")
def test_ten_thousand_people_do_what_the_preview_said(load, project, manager):
    wave, other = CohortFactory(project=project), CohortFactory(project=project)
    assert load(HEADER + "".join(row(n) for n in range(MANY)), cohort=other).created == MANY
    people = Participant.objects.order_by("pk")
    before = list(people.values_list("key", "department", "attributes", "status"))
    # 1,000 leave, 3,000 change, 6,000 stay, 1,000 are new and 500 rows are bad.
    text = HEADER + "".join(
        row(n, "Sales" if n < 4_000 else "IT") for n in range(1_000, MANY + 1_000)
    )
    text += "".join(f"bad {n},,,,\n" for n in range(500))
    dry = load(text, is_dry_run=True, is_whole=True)
    expected = (MANY + 500, 1_000, 3_000, 6_000, 500, 1_000, 0)
    assert (figures(dry), people.count()) == (expected, MANY)
    report = load(text, is_whole=True, expected=dry.digest)
    assert figures(report) == expected
    assert people.filter(status="active").count() == MANY
    assert people.filter(department="Sales").count() == 3_000
    assert RosterBefore.objects.count() == 3_000
    assert kept(project) == counted(project)
    undo_import(project=project, made=project.roster_import, acting_user=manager)
    assert list(people.values_list("key", "department", "attributes", "status")) == before
    # And all of them at once out of a cohort into another, and back.
    assert load(text, cohort=wave).moved == MANY - 1_000
    undo_import(project=project, made=project.roster_import, acting_user=manager)
    assert Membership.objects.filter(cohort=other).count() == MANY
    assert kept(project) == counted(project)
