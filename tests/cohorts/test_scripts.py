"""Making scripts: everybody once, nobody who should not be in them, and who has run what."""

import csv
import hashlib
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from cohorts.enums import CohortStatus, ModeState, ParticipantStatus
from cohorts.exceptions import ModeError
from cohorts.models import Membership, ModeRecord, Participant
from cohorts.services.members import assign_people
from cohorts.services.scripts import confirm_run, export_scripts
from playbooks.library import get_playbook
from projects.models import Event
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

AT = datetime(2038, 6, 1, 16, 0, tzinfo=UTC)
IDENTITY = re.compile(r"@\{ Identity = '([^']*)';")


@pytest.fixture
def project(project):
    project.playbook_snapshot = get_playbook("teams-upgrade").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    return project


@pytest.fixture
def wave(project):
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def export(manager):
    """``export(cohort)`` -> (result, {name: text})."""

    def run(cohort, method="batch", at=AT):
        files: dict[str, bytes] = {}
        result = export_scripts(
            cohort=cohort, method=method, sink=files.__setitem__, acting_user=manager, at=at
        )
        for file in result.files:
            assert file.sha256 == hashlib.sha256(files[file.name]).hexdigest()
        assert [file.name for file in result.files] == list(files)
        return result, {name: data.decode("utf-8-sig") for name, data in files.items()}

    return run


def member(cohort, upn="a@x.org", **facts: object) -> Membership:
    names = ("granted_at", "exported_at", "mode_state")
    more = {name: facts.pop(name) for name in names if name in facts}
    person = ParticipantFactory(project=cohort.project, upn=upn, **facts)
    return MembershipFactory(cohort=cohort, participant=person, **more)


@pytest.mark.usefixtures("many_rows")
def test_12345_people_are_three_batches_and_nobody_twice(export, wave, project):
    people = Participant.objects.bulk_create(
        Participant(project=project, key=f"p{n}@x.org", upn=f"p{n}@x.org", display_name=f"P {n}")
        for n in range(12_345)
    )
    assign_people(cohort=wave, participants=project.participants.all(), acting_user=None)
    result, files = export(wave)
    scripts = [text for name, text in files.items() if name.startswith("grant-batch")]
    named = [identity for text in scripts for identity in IDENTITY.findall(text)]
    assert [len(IDENTITY.findall(text)) for text in scripts] == [5000, 5000, 2345]
    assert sorted(named) == sorted(person.upn for person in people)
    assert (result.people, result.batches, result.skipped) == (12_345, 3, ())
    assert sum("New-CsBatchPolicyAssignmentOperation" in text for text in scripts) == 3


def test_a_script_grants_the_policy_and_not_the_mode(export, wave):
    member(wave, display_name="O’Neil'; Stop-Computer")
    _result, files = export(wave)
    assert list(files) == [
        "grant-batch-001.ps1",
        "meetings-001.ps1",
        "rollback-user-001.ps1",
        "people-001.csv",
    ]
    assert "$Policy = 'UpgradeToTeams'\r\n" in files["grant-batch-001.ps1"]
    assert "$Policy = 'Islands'\r\n" in files["rollback-user-001.ps1"]
    assert "Name = 'O’’Neil''; Stop-Computer' }" in files["grant-batch-001.ps1"]
    rows = list(csv.reader(StringIO(files["people-001.csv"])))
    assert rows[0] == ["UserPrincipalName", "Identity", "DisplayName"]
    assert rows[1] == ["a@x.org", "a@x.org", "O’Neil'; Stop-Computer"]


@pytest.mark.parametrize(
    ("method", "identity", "scripts"),
    [
        ("batch", "0f9-id", ["grant-batch", "meetings", "rollback-user"]),
        ("user", "a@x.org", ["grant-user", "meetings", "rollback-user"]),
        ("move", "sip@x.org", ["move-user", "rollback-move"]),
        ("", "0f9-id", ["grant-batch", "meetings", "rollback-user"]),
    ],
)
def test_every_method_names_people_as_its_product_does(export, wave, method, identity, scripts):
    member(wave, sip_address="sip:sip@x.org", object_id="0f9-id")
    _result, files = export(wave, method)
    assert [name for name in files if name.endswith(".ps1")] == [f"{s}-001.ps1" for s in scripts]
    assert IDENTITY.findall(files[f"{scripts[0]}-001.ps1"]) == [identity]


def test_who_is_skipped_is_listed_with_the_reason(export, wave):
    member(wave, "ok@x.org", object_id="same")
    member(wave, "left@x.org", status=ParticipantStatus.LEFT)
    member(wave, "", key="mail@x.org", mail="mail@x.org")
    member(wave, "seen@x.org", mode_state=ModeState.VERIFIED)
    member(wave, "other@x.org", mode_state=ModeState.NOT_APPLICABLE)
    member(wave, "twin@x.org", object_id="SAME")
    granted = {"mode_state": ModeState.GRANTED, "granted_at": AT - timedelta(hours=23)}
    member(wave, "fresh@x.org", **granted)
    member(wave, "drift@x.org", mode_state=ModeState.DRIFT, granted_at=AT - timedelta(days=3))
    result, files = export(wave)
    expected = [
        ("left@x.org", "has left"),
        ("mail@x.org", "has no UPN"),
        ("seen@x.org", "is verified already"),
        ("other@x.org", "another cohort of theirs counts"),
        ("twin@x.org", "is the same account as somebody before"),
        ("fresh@x.org", "was granted less than 24 hours ago"),
        (
            "drift@x.org",
            "was granted and is in another mode; put them into the next script first",
        ),
    ]
    assert (result.people, [(row.person, row.reason) for row in result.skipped]) == (1, expected)
    rows = list(csv.reader(StringIO(files["skipped.csv"])))[1:]
    assert [(row[0], row[2]) for row in rows] == expected


def test_drift_that_was_never_granted_and_old_grants_are_in_the_script(export, wave):
    member(wave, "a@x.org", mode_state=ModeState.DRIFT)
    member(wave, "b@x.org", mode_state=ModeState.GRANTED, granted_at=AT - timedelta(hours=25))
    member(wave, "c@x.org", mode_state=ModeState.FAILED)
    assert export(wave)[0].people == 3


def test_a_second_script_within_half_an_hour_is_warned_of(export, wave):
    member(wave)
    assert export(wave)[0].warnings == ()
    (warning,) = export(wave, at=AT + timedelta(minutes=29))[0].warnings
    assert warning.startswith("1 person stood in a script less than 30 minutes ago.")
    assert export(wave, at=AT + timedelta(minutes=60))[0].warnings == ()


def test_the_record_holds_the_hash_of_every_file(export, wave, manager):
    member(wave)
    result, _files = export(wave)
    event = Event.objects.get()
    assert (event.verb, event.actor, event.data["people"]) == ("modes.exported", manager, 1)
    assert event.data["files"] == {file.name: file.sha256 for file in result.files}


def test_an_export_grants_nobody_until_somebody_says_it_has_run(export, wave, manager):
    row, late = member(wave), member(wave, "late@x.org", mode_state=ModeState.VERIFIED)
    export(wave)
    row.refresh_from_db()
    assert (row.mode_state, row.exported_at, row.granted_at) == (ModeState.WAITING, AT, None)
    ran = AT + timedelta(hours=1)
    assert confirm_run(cohort=wave, acting_user=manager, at=ran) == 1
    row.refresh_from_db()
    late.refresh_from_db()
    assert (row.mode_state, row.granted_at) == (ModeState.GRANTED, ran)
    assert (late.mode_state, late.granted_at) == (ModeState.VERIFIED, None)
    record = ModeRecord.objects.get()
    assert (record.kind, record.mode, record.source) == ("granted", "TeamsOnly", "script")
    with pytest.raises(ModeError):
        confirm_run(cohort=wave, acting_user=manager, at=ran)


def test_people_who_move_to_another_cohort_wait_there(export, wave, project, manager):
    row = member(wave)
    export(wave)
    confirm_run(cohort=wave, acting_user=manager, at=AT)
    other = CohortFactory(project=project)
    assign_people(cohort=other, participants=project.participants.all(), acting_user=manager)
    row.refresh_from_db()
    state = (row.cohort, row.mode_state, row.exported_at, row.granted_at)
    assert state == (other, ModeState.WAITING, None, None)


@pytest.mark.parametrize(
    ("changes", "method", "sentence"),
    [
        ({}, "fax", "There is no method “fax”. Choose one of: batch, user, move."),
        ({"to_mode": "Elsewhere"}, "", "The playbook of this project has no mode “Elsewhere”"),
        ({"status": CohortStatus.CANCELLED}, "", "“Wave 1” is cancelled, so there is nothing"),
    ],
)
def test_scripts_that_cannot_be_are_refused(export, project, changes, method, sentence):
    cohort = CohortFactory(project=project, name="Wave 1", **changes)
    row = member(cohort)
    with pytest.raises(ModeError) as caught:
        export(cohort, method)
    assert str(caught.value).startswith(sentence)
    row.refresh_from_db()
    assert (row.exported_at, Event.objects.count()) == (None, 0)


def test_nobody_to_grant_is_refused(export, wave):
    with pytest.raises(ModeError, match="Nobody is in “Wave 1” yet"):
        export(wave)
    member(wave, mode_state=ModeState.VERIFIED)
    with pytest.raises(ModeError, match="for one, is verified already"):
        export(wave)


def test_a_playbook_without_scripts_says_so(export, project, wave):
    member(wave)
    project.playbook_snapshot = get_playbook("windows-refresh").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    with pytest.raises(ModeError, match="brings no scripts"):
        export(CohortFactory(project=project))
