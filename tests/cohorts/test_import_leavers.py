"""The file of a whole organisation: whoever is not in it has left, if somebody really means it."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from cohorts.enums import ParticipantStatus
from cohorts.exceptions import TooManyLeavers
from cohorts.models import Membership, Participant, RosterUpload
from cohorts.roster.report import Sample
from cohorts.services.roster import import_people
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory


@pytest.fixture
def people(project):
    """Ten people, p0 to p9, and one who left long ago."""
    ParticipantFactory(project=project, upn="gone@x.org", status=ParticipantStatus.LEFT)
    return [
        ParticipantFactory(project=project, upn=f"p{n}@x.org", display_name=f"P {n}")
        for n in range(10)
    ]


def roster(*numbers: int, more: str = "") -> str:
    return "upn,name\n" + "".join(f"p{n}@x.org,P {n}\n" for n in numbers) + more


@pytest.fixture
def load(project, manager):
    def run(text: str, **options):
        usual = {"cohort": None, "is_strict": False, "is_dry_run": False, "is_whole": True}
        stream = io.BytesIO(text.encode())
        return import_people(project=project, stream=stream, acting_user=manager, **usual | options)

    return run


def left() -> set[str]:
    return set(
        Participant.objects.filter(left_at__isnull=False, status="left").values_list(
            "key", flat=True
        )
    )


def test_who_is_not_in_the_file_has_left(load, people, project):
    wave = CohortFactory(project=project)
    MembershipFactory(cohort=wave, participant=people[9])
    stranger = ParticipantFactory(upn="p8@x.org")
    text = roster(*range(8), 8)
    dry = load(text, is_dry_run=True)
    assert (dry.left, dry.active, dry.unchanged) == (1, 10, 9)
    assert dry.samples[-1] == Sample(0, "P 9", "p9@x.org", "left")
    assert left() == set()
    report = load(text, expected=dry.digest)
    assert (report.left, left()) == (1, {"p9@x.org"})
    stranger.refresh_from_db()
    assert stranger.status == ParticipantStatus.ACTIVE
    # History stays: the membership is there, and is counted nowhere.
    assert Membership.objects.get(participant=people[9]).cohort == wave
    assert load(text).left == 0
    # Back with the next file, in the cohort of before.
    assert load(roster(*range(10))).returned == 1
    assert left() == set()
    assert Participant.objects.get(pk=people[9].pk).left_at is None


def test_nobody_leaves_by_a_file_that_is_not_whole(load, people):
    report = load(roster(1), is_whole=False)
    assert (report.left, left()) == (None, set())
    assert "left" not in report.as_json()
    assert load(roster(*range(10))).as_json()["left"] == 0


def test_who_stands_in_a_bad_row_has_not_left(load, people):
    text = roster(*range(8), more='p8@x.org,"P",too many\n,  p9@x.org \n')
    report = load(text)
    assert [row.line for row in report.rejected] == [10, 11]
    assert (report.left, left()) == (0, set())


def test_many_leavers_need_their_number(load, people):
    text = roster(*range(7))
    sentence = "3 of 10 people are not in this file and would leave."
    for agreed in (None, 2, 4):
        with pytest.raises(TooManyLeavers, match=sentence):
            load(text, leavers_agreed=agreed)
    assert left() == set()
    assert load(text, leavers_agreed=3).left == 3
    assert left() == {"p7@x.org", "p8@x.org", "p9@x.org"}


def test_the_command_asks_for_the_number_too(project, people, tmp_path, capsys):
    path = tmp_path / "people.csv"
    path.write_text(roster(*range(5)), encoding="utf-8")
    args = ("import_people", project.slug, str(path), "--whole")
    with pytest.raises(CommandError, match="5 of 10 people are not in this file"):
        call_command(*args)
    assert left() == set()
    call_command(*args, "--leavers", "5")
    said = capsys.readouterr().out
    assert said == "5 rows: 0 new, 0 changed, 5 as before, 0 rejected.\n5 people left.\n"


def test_the_page_asks_for_the_number(project, people, manager, as_user):
    client = as_user(manager)
    file = io.BytesIO(roster(*range(5)).encode())
    file.name = "people.csv"
    address = reverse("cohorts:people_import", args=[project.slug])
    client.post(address, {"file": file, "is_whole": "on"})
    upload = RosterUpload.objects.get()
    page = client.get(reverse("cohorts:people_preview", args=[project.slug, upload.public_id]))
    assert "5 of 10 people would leave" in page.content.decode()
    confirm = reverse("cohorts:people_confirm", args=[project.slug, upload.public_id])
    for typed in ("", "4", "many"):
        assert client.post(confirm, {"leavers": typed}).status_code == 422
    assert left() == set()
    assert client.post(confirm, {"leavers": "5"}).status_code == 302
    assert len(left()) == 5


def test_a_full_cohort_counts_without_those_who_leave(load, people, project):
    wave = CohortFactory(project=project, capacity=2)
    for person in people[:2]:
        MembershipFactory(cohort=wave, participant=person)
    text = roster(1, 2)
    dry = load(text, cohort=wave, is_dry_run=True)
    assert (dry.lacking, dry.left) == (0, 8)
    assert load(text, cohort=wave, leavers_agreed=8).moved == 0
    assert load(roster(1, 2, 3), cohort=wave, is_dry_run=True, is_whole=False).lacking == 1
