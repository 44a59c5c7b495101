"""States of meetings read back: a line in each person's history, and no mode is moved."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command

from cohorts.exceptions import RosterError
from cohorts.models import ModeRecord
from cohorts.services.verification import verify_modes
from playbooks.library import get_playbook
from projects.models import Event
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 6, 3, 8, 0, tzinfo=UTC)
FILE = (
    '"UserPrincipalName","Status","LastMessage"\r\n'
    '"ANNA@example.org","Succeeded",""\r\n'
    '"bob@example.org","Failed","The mailbox, ""on your server""\r\nis not reached"\r\n'
    '"carl@example.org","InProgress",""\r\n'
    '"nobody@example.org","Pending",""\r\n'
)


@pytest.fixture
def project(project):
    project.playbook_snapshot = get_playbook("teams-upgrade").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    return project


@pytest.fixture
def people(project):
    wave = CohortFactory(project=project, switch_on=date(2038, 6, 1))
    people = [
        ParticipantFactory(project=project, upn=f"{name}@example.org")
        for name in ("anna", "bob", "carl")
    ]
    for person in people[:2]:  # carl is in no cohort
        MembershipFactory(cohort=wave, participant=person)
    return people


def read(project, manager, text: str = FILE, at: datetime = AT):
    data = BytesIO(text.encode())
    return verify_modes(project=project, stream=data, acting_user=manager, at=at)


def lines() -> list[tuple[str, str, str, str]]:
    rows = ModeRecord.objects.order_by("pk")
    return list(rows.values_list("participant__upn", "kind", "mode", "source"))


def test_states_of_meetings_are_counted_and_remembered(project, people, manager):
    assert read(project, manager).as_json() == {
        "rows": 4,
        "verified": 1,
        "drift": 0,
        "pending": 1,
        "unknown": 1,
        "failed": 1,
        "kind": "meetings",
    }
    assert lines() == [
        ("anna@example.org", "meetings", "Succeeded", "meetings"),
        ("bob@example.org", "meetings", "Failed", "meetings"),
        ("carl@example.org", "meetings", "InProgress", "meetings"),
    ]
    states = {row.mode_state for person in people for row in person.memberships.all()}
    assert states == {"waiting"}
    record = people[0].mode_records.get()
    assert (record.get_kind_display(), record.get_source_display()) == (
        "meetings converted",
        "state of meetings",
    )
    event = Event.objects.get(verb="modes.meetings")
    assert (event.actor, event.data["verified"], event.data["failed"]) == (manager, 1, 1)


def test_only_changes_are_remembered(project, people, manager):
    read(project, manager)
    read(project, manager)
    assert len(lines()) == 3
    later = FILE.replace("InProgress", "Succeeded")
    assert read(project, manager, later, AT + timedelta(days=1)).verified == 2
    assert lines()[3:] == [("carl@example.org", "meetings", "Succeeded", "meetings")]


def test_modes_in_a_file_come_before_its_status(project, people, manager):
    text = "UserPrincipalName,Status,TeamsUpgradeEffectiveMode\nanna@example.org,Failed,TeamsOnly\n"
    report = read(project, manager, text)
    assert (report.kind, report.verified, report.failed) == ("mode", 1, 0)
    text = "UserPrincipalName,Status,Result\nanna@example.org,x,Success\n"
    assert read(project, manager, text).kind == "result"


def test_copies_of_older_playbooks_read_no_meetings(project, people, manager):
    for name in ("meetings", "converted_as", "unconverted_as"):
        del project.playbook_snapshot["observation"][name]
    project.save()
    with pytest.raises(RosterError):
        read(project, manager)


def test_command_says_it_in_words(project, people, tmp_path):
    file = tmp_path / "meetings.csv"
    file.write_bytes(FILE.encode())
    out = StringIO()
    call_command("verify_modes", project.slug, str(file), stdout=out)
    assert out.getvalue() == (
        "4 rows of meetings: 1 converted, 1 failed, 1 on their way, 1 unknown.\n"
    )


def test_page_says_it_in_words(project, people, manager, as_user):
    client = as_user(manager)
    address = f"/projects/{project.slug}/people/modes/verify/"
    answer = client.post(address, {"file": _upload()}, follow=True)
    assert "meetings converted for 1, failed for 1" in answer.content.decode()
    page = client.get(f"/projects/{project.slug}/people/{people[1].pk}/").content.decode()
    assert "Meetings converted" in page


def _upload() -> BytesIO:
    file = BytesIO(FILE.encode())
    file.name = "meetings.csv"
    return file
