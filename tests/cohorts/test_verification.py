"""Verifying modes: right states, whatever shape the export has, and nothing twice."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest

from cohorts.enums import CohortKind, CohortStatus, ModeState, ParticipantStatus
from cohorts.exceptions import ModeError, RosterError
from cohorts.metrics import verified
from cohorts.models import Membership, ModeRecord
from cohorts.services.verification import requeue_people, verify_modes
from playbooks.library import get_playbook
from projects.models import Event
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

SWITCH = date(2038, 6, 1)
BEFORE = datetime(2038, 5, 31, 21, 59, tzinfo=UTC)  # 23:59 in Berlin, the evening before
AT = datetime(2038, 6, 3, 8, 0, tzinfo=UTC)
HEADER = "UserPrincipalName,SipAddress,TeamsUpgradeEffectiveMode\n"


@pytest.fixture
def project(project):
    project.playbook_snapshot = get_playbook("teams-upgrade").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    return project


@pytest.fixture
def wave(project):
    return CohortFactory(project=project, switch_on=SWITCH, from_mode="Islands")


@pytest.fixture
def verify(project, manager):
    def run(text: str | bytes, at: datetime = AT) -> dict[str, int]:
        data = text.encode() if isinstance(text, str) else text
        report = verify_modes(project=project, stream=BytesIO(data), acting_user=manager, at=at)
        return report.as_json()

    return run


def member(cohort, upn: str, **facts: object) -> Membership:
    more = {name: facts.pop(name) for name in ("granted_at", "exported_at") if name in facts}
    person = ParticipantFactory(project=cohort.project, upn=upn, **facts)
    return MembershipFactory(cohort=cohort, participant=person, **more)


def states(*memberships: Membership) -> list[tuple[str, str]]:
    for row in memberships:
        row.refresh_from_db()
    return [(row.mode_state, row.observed_mode) for row in memberships]


def figures(rows: int, verified: int = 0, drift: int = 0, pending: int = 0, unknown: int = 0):
    return {
        "rows": rows,
        "verified": verified,
        "drift": drift,
        "pending": pending,
        "unknown": unknown,
    }


def test_every_state_after_the_switch(verify, wave):
    there, elsewhere = member(wave, "a@x.org"), member(wave, "b@x.org")
    fresh = member(wave, "c@x.org", granted_at=AT - timedelta(hours=23))
    stale = member(wave, "d@x.org", granted_at=AT - timedelta(hours=25))
    absent = member(wave, "e@x.org")
    rows = ("a@x.org,,TeamsOnly", "b@x.org,,Islands", "c@x.org,,Islands", "d@x.org,,Islands")
    assert verify(HEADER + "\n".join([*rows, "z@x.org,,TeamsOnly"])) == figures(5, 1, 2, 1, 1)
    assert states(there, elsewhere, fresh, stale, absent) == [
        (ModeState.VERIFIED, "TeamsOnly"),
        (ModeState.DRIFT, "Islands"),
        (ModeState.GRANTED, "Islands"),
        (ModeState.DRIFT, "Islands"),
        (ModeState.WAITING, ""),
    ]


def test_before_the_switch_nothing_is_drift_and_the_target_is_verified(verify, wave):
    early, waiting = member(wave, "a@x.org"), member(wave, "b@x.org")
    text = HEADER + "a@x.org,,TeamsOnly\nb@x.org,,Islands\n"
    assert verify(text, BEFORE) == figures(2, verified=1, pending=1)
    assert states(early, waiting) == [
        (ModeState.VERIFIED, "TeamsOnly"),
        (ModeState.WAITING, "Islands"),
    ]
    # Two minutes later it is the day of the switch where the cohort is.
    assert verify(text, BEFORE + timedelta(minutes=2)) == figures(2, verified=1, drift=1)


def test_the_same_file_twice_changes_nothing(verify, wave, project):
    member(wave, "a@x.org"), member(wave, "b@x.org")
    ParticipantFactory(project=project, upn="alone@x.org")
    text = HEADER + "a@x.org,,TeamsOnly\nb@x.org,,Islands\nalone@x.org,,Islands\n"
    first = verify(text)
    before = (list(Membership.objects.values()), list(ModeRecord.objects.values()))
    assert verify(text, AT + timedelta(hours=1)) == first == figures(3, 1, 1, 1)
    assert (list(Membership.objects.values()), list(ModeRecord.objects.values())) == before
    assert len(before[1]) == 3


def test_history_has_a_line_for_every_change(verify, wave):
    person = member(wave, "a@x.org").participant
    for day, mode in enumerate(("Islands", "Islands", "TeamsOnly", "Islands")):
        verify(f"{HEADER}a@x.org,,{mode}\n", AT + timedelta(days=day))
    lines = ModeRecord.objects.filter(participant=person).order_by("at")
    assert list(lines.values_list("mode", "kind", "source", "cohort")) == [
        ("Islands", "observed", "export", wave.pk),
        ("TeamsOnly", "observed", "export", wave.pk),
        ("Islands", "observed", "export", wave.pk),
    ]


def test_exports_of_every_shape(verify, wave):
    members = [
        member(wave, "Anna@X.org"),
        member(wave, "b@x.org", sip_address="sip:Other@X.org"),
        member(wave, "c@x.org", sip_address="plain@x.org"),
        member(wave, "", key="mail@x.org", mail="mail@x.org"),
        member(wave, "e@x.org", mail="e.mail@x.org"),
        member(wave, "f@x.org", object_id="0F9-AB"),
        member(wave, "j@bücher.example", key="j@bücher.example"),
    ]
    text = (
        '#TYPE Selected.User\r\n"Display Name";userprincipalname;SIPADDRESS;Mail;ObjectId;'
        "teamsUpgradeEffectiveMode\r\n"
        '"Anna\r\nvon Amsel";ANNA@x.ORG;;;;TeamsOnly\r\n'
        '"B";unknown@x.org;SIP:other@x.org;;;teamsonly\r\n'
        '"C";;sip:Plain@x.org;;;Teams only\r\n'
        '"D";;;MAIL@x.org;;UpgradeToTeams\r\n'
        '"E";;;e.mail@x.org;;TeamsOnly\r\n'
        '"F";;;;0f9-ab;TeamsOnly\r\n'
        '"J";j@xn--bcher-kva.example;;;;TeamsOnly\r\n'
        '"Nobody";;;;;TeamsOnly\r\n'
    )
    assert verify(("\ufeff" + text).encode()) == figures(8, verified=7, unknown=1)
    assert states(*members) == [(ModeState.VERIFIED, "TeamsOnly")] * 7


def test_a_person_twice_in_the_file_counts_once(verify, wave):
    member(wave, "a@x.org", sip_address="sip:s@x.org")
    text = HEADER + "a@x.org,,Islands\n,s@x.org,TeamsOnly\n"
    assert verify(text) == {**figures(2, drift=1), "repeated": 1}


def test_people_who_left_and_people_of_others_are_unknown(verify, wave, foreign_project):
    gone = member(wave, "gone@x.org", status=ParticipantStatus.LEFT)
    theirs = member(CohortFactory(project=foreign_project, switch_on=SWITCH), "theirs@x.org")
    text = HEADER + "gone@x.org,,TeamsOnly\ntheirs@x.org,,TeamsOnly\n"
    assert verify(text) == figures(2, unknown=2)
    assert states(gone, theirs) == [(ModeState.WAITING, "")] * 2


@pytest.mark.parametrize(
    ("pilot_on", "seen", "expected"),
    [
        # Both are past: the wave counts, the pilot's other target is no drift.
        (date(2038, 3, 1), "TeamsOnly", ("not_applicable", "verified", figures(1, 1))),
        (date(2038, 3, 1), "Islands", ("not_applicable", "drift", figures(1, drift=1))),
        (date(2038, 3, 1), "SfBOnly", ("verified", "drift", figures(1, drift=1))),
        # The pilot switches later than the wave.
        (date(2038, 6, 2), "TeamsOnly", ("drift", "verified", figures(1, drift=1))),
        (date(2038, 6, 30), "Islands", ("waiting", "drift", figures(1, drift=1))),
    ],
)
def test_the_latest_switch_that_is_past_counts(verify, project, wave, pilot_on, seen, expected):
    pilot = CohortFactory(
        project=project,
        kind=CohortKind.PILOT,
        switch_on=pilot_on,
        ends_on=pilot_on + timedelta(days=9),
        to_mode="SfBOnly",
    )
    in_wave = member(wave, "a@x.org")
    in_pilot = MembershipFactory(cohort=pilot, participant=in_wave.participant)
    report = verify(f"{HEADER}a@x.org,,{seen}\n")
    (pilot_state, _mode), (wave_state, _mode) = states(in_pilot, in_wave)
    assert (pilot_state, wave_state, report) == expected


def test_a_cancelled_cohort_has_no_drift(verify, project):
    dropped = CohortFactory(project=project, switch_on=SWITCH, status=CohortStatus.CANCELLED)
    row = member(dropped, "a@x.org")
    assert verify(f"{HEADER}a@x.org,,Islands\n") == figures(1, pending=1)
    assert states(row) == [(ModeState.NOT_APPLICABLE, "Islands")]


def test_results_of_a_script_make_people_granted_or_failed_once(verify, wave):
    exported = AT - timedelta(hours=2)
    taken, refused, silent = (member(wave, f"{n}@x.org", exported_at=exported) for n in "abc")
    text = "UserPrincipalName,Identity,Result\na@x.org,,Success\n,b@x.org,User not found\nc@x.org,,"
    assert verify(text) == {**figures(3, pending=2), "failed": 1}
    assert [row[0] for row in states(taken, refused, silent)] == ["granted", "failed", "waiting"]
    assert (taken.granted_at, refused.granted_at) == (AT, None)
    verify(text, AT + timedelta(hours=3))
    taken.refresh_from_db()
    assert taken.granted_at == AT
    lines = ModeRecord.objects.order_by("pk").values_list(
        "participant_id", "kind", "mode", "source"
    )
    assert list(lines) == [
        (taken.participant_id, "granted", "TeamsOnly", "results"),
        (refused.participant_id, "refused", "TeamsOnly", "results"),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty. Choose a CSV file with a header line."),
        ("Department,Mode\nx,y\n", "The header names no people: it needs a column “UserPrinc"),
        ("UPN,Department\na@x.org,y\n", "The header has no column “TeamsUpgradeEffectiveMode”"),
        (f"{HEADER}a@x.org,,TeamsOnly,more\n", "Line 2 does not fit the header."),
        (f"{HEADER}a@x.org,,Teams\0Only\n", "Line 2 does not fit the header."),
        (f'{HEADER}b@x.org,,Islands\n"a@x.org,,TeamsOnly\n', "Line 3: a quotation mark is not cl"),
        (f"{HEADER}a@x.org,,TeamsOnly\n".encode("utf-16"), "This file is UTF-16."),
    ],
)
def test_a_bad_file_writes_nothing(verify, wave, text, sentence):
    row = member(wave, "b@x.org")
    with pytest.raises(RosterError) as caught:
        verify(text)
    assert str(caught.value).startswith(sentence)
    assert states(row) == [(ModeState.WAITING, "")]
    assert (ModeRecord.objects.count(), Event.objects.count()) == (0, 0)


def test_a_playbook_without_exports_says_so(project, manager):
    project.playbook_snapshot = {}
    with pytest.raises(ModeError):
        verify_modes(project=project, stream=BytesIO(b""), acting_user=manager, at=AT)


def test_requeued_people_stay_queued_when_the_same_report_comes_again(verify, wave, project):
    row = member(wave, "a@x.org", granted_at=AT - timedelta(days=2))
    verify(f"{HEADER}a@x.org,,Islands\n")
    picked = project.participants.all()
    assert requeue_people(project=project, participants=picked, acting_user=None) == 1
    row.refresh_from_db()
    assert (row.mode_state, row.granted_at) == (ModeState.WAITING, None)
    assert requeue_people(project=project, participants=picked, acting_user=None) == 0


def reading(project, at: datetime = AT, **params: str) -> tuple[str, int] | None:
    found = verified(project, params, at)
    return (str(found.value), found.n) if found else None


def test_verified_is_measured_by_the_cohort_that_counts(project, wave):
    assert reading(project) is None
    pilot = CohortFactory(project=project, kind=CohortKind.PILOT, switch_on=date(2038, 3, 1))
    seen = {"mode_state": ModeState.VERIFIED, "observed_at": AT}
    both = member(wave, "both@x.org")
    MembershipFactory(cohort=pilot, participant=both.participant, **seen)
    alone = member(pilot, "alone@x.org")
    Membership.objects.filter(pk=alone.pk).update(**seen)
    gone = member(wave, "gone@x.org", status=ParticipantStatus.LEFT)
    Membership.objects.filter(pk=gone.pk).update(**seen)
    member(wave, "waits@x.org")
    # After the wave's switch the pilot's good news about one person counts no more.
    assert reading(project) == ("33.33", 3)
    assert reading(project, datetime(2038, 5, 1, tzinfo=UTC)) == ("0.00", 3)
    assert reading(project, cohort_kind="pilot") == ("100.00", 2)
    assert reading(project, cohort_kind="wave") == ("0.00", 2)


def test_verified_before_the_wave_switches_is_the_pilots(project, wave):
    pilot = CohortFactory(project=project, kind=CohortKind.PILOT, switch_on=date(2038, 3, 1))
    row = member(wave, "both@x.org")
    seen = datetime(2038, 3, 2, tzinfo=UTC)
    MembershipFactory(
        cohort=pilot,
        participant=row.participant,
        mode_state=ModeState.VERIFIED,
        observed_at=seen,
    )
    assert reading(project, seen) == ("100.00", 1)


def test_a_report_takes_the_same_statements_for_one_and_for_many(
    verify, wave, django_assert_num_queries
):
    text = HEADER
    for n in range(3):
        member(wave, f"p{n}@x.org")
        text += f"p{n}@x.org,,Islands\n"
    for file in (HEADER + "p0@x.org,,Islands\n", text):
        with django_assert_num_queries(21):
            verify(file)
