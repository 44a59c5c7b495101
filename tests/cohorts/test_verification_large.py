"""A report of 100,000 rows as a product writes it: BOM, semicolons, line breaks in quotes, other
case, SIP addresses that differ from the UPN, people nobody knows. And the same as a workbook."""

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import xlsxwriter
from django.db import connection

from cohorts.models import Cohort, Membership, ModeRecord
from cohorts.services.verification import verify_modes
from playbooks.library import get_playbook
from tests.factories.cohorts import CohortFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 6, 3, 8, 0, tzinfo=UTC)
HEADER = ["DisplayName", "UserPrincipalName", "SipAddress", "TeamsUpgradeEffectiveMode"]
PEOPLE = """
INSERT INTO cohorts_participant (project_id, key, upn, mail, display_name, sip_address, object_id,
    department, office, country, usage_location, language, manager, status, public_id, created_at)
SELECT %(project)s, 'p' || n || '@x.org', 'p' || n || '@x.org', '', 'Person ' || n,
    'sip:s' || n || '@sip.x.org', '', '', '', '', '', '', '', 'active', gen_random_uuid(), now()
FROM generate_series(0, %(people)s - 1) n
"""
MEMBERS = """
INSERT INTO cohorts_membership (participant_id, cohort_id, kind, joined_at, granted_at)
SELECT p.id, CASE WHEN right(p.display_name, 1) = '9' THEN %(late)s ELSE %(wave)s END,
    'wave', now(),
    CASE WHEN right(p.display_name, 1) = '7' THEN %(fresh)s::timestamptz END
FROM cohorts_participant p WHERE p.project_id = %(project)s
"""


@pytest.fixture
def project(project):
    project.playbook_snapshot = get_playbook("teams-upgrade").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    return project


def populate(project, people: int) -> Cohort:
    """Who ends in 9 switches later, who ends in 7 was granted two hours ago."""
    wave = CohortFactory(project=project, switch_on=date(2038, 6, 1), from_mode="Islands")
    late = CohortFactory(
        project=project, switch_on=date(2038, 9, 1), ends_on=date(2038, 10, 1), from_mode="Islands"
    )
    values = {
        "project": project.pk,
        "people": people,
        "wave": wave.pk,
        "late": late.pk,
        "fresh": AT - timedelta(hours=2),
    }
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, values)
        cursor.execute(MEMBERS, values)
    return wave


def rows(people: int, unknown: int) -> list[list[str]]:
    """Of each ten: 1, 7 and 9 are seen in the old mode; every third is known by SIP alone."""
    found = []
    for n in range(people):
        upn, sip = f"P{n}@X.ORG", f"SIP:S{n}@sip.x.org"
        if n % 3 == 0:
            upn = f"other{n}@x.org"
        mode = "Islands" if n % 10 in (1, 7, 9) else "TEAMSONLY"
        found.append([f'Person "{n}"\r\nsecond line; really', upn, sip, mode])
    return found + [[f"Z{n}", f"z{n}@x.org", "", "TeamsOnly"] for n in range(unknown)]


def as_csv(lines: list[list[str]]) -> io.BytesIO:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER, *lines])
    return io.BytesIO(text.getvalue().encode("utf-8-sig"))


def as_workbook(lines: list[list[str]]) -> io.BytesIO:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate([HEADER, *lines]):
            sheet.write_row(number, 0, line)
    return io.BytesIO(file.getvalue())


def versions() -> Counter[str]:
    """What every row of memberships was last written by: equal when nothing was written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text || xmin::text FROM cohorts_membership")
        return Counter(row for (row,) in cursor.fetchall())


def check(project, manager, stream, people: int, unknown: int) -> None:
    report = verify_modes(project=project, stream=stream, acting_user=manager, at=AT)
    tenth = people // 10
    assert report.as_json() == {
        "rows": people + unknown,
        "verified": 7 * tenth,
        "drift": tenth,
        "pending": 2 * tenth,
        "unknown": unknown,
    }
    found = Membership.objects.filter(cohort__project=project).values_list(
        "mode_state", "observed_mode"
    )
    assert Counter(found) == {
        ("verified", "TeamsOnly"): 7 * tenth,
        ("drift", "Islands"): tenth,
        ("granted", "Islands"): tenth,
        ("waiting", "Islands"): tenth,
    }
    assert ModeRecord.objects.count() == people


@pytest.mark.slow
@pytest.mark.usefixtures("many_rows")
def test_hundred_thousand_rows_of_every_kind(project, manager):
    people, unknown = 99_000, 1_000
    populate(project, people)
    lines = rows(people, unknown)
    check(project, manager, as_csv(lines), people, unknown)
    before = versions()
    check(project, manager, as_csv(lines), people, unknown)
    assert versions() == before


def test_workbook_is_read_like_a_csv(project, manager):
    populate(project, 50)
    check(project, manager, as_workbook(rows(50, 5)), 50, 5)
    check(project, manager, as_csv(rows(50, 5)), 50, 5)
