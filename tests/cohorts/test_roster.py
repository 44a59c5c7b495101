"""What an import writes, and that a second one writes nothing."""

import csv
import hashlib
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts.enums import CohortKind, CohortStatus, ParticipantStatus
from cohorts.exceptions import CohortError, RosterChanged, RosterError
from cohorts.models import Membership, Participant
from cohorts.roster.report import ImportReport, Rejected, RosterRefused, RowWarning, Sample
from cohorts.services.members import leave
from cohorts.services.roster import import_people
from projects.models import Event
from tests.factories.cohorts import AT, CohortFactory, MembershipFactory, ParticipantFactory

BAD = "userPrincipalName: “bad” is not an address like anna@example.org."
HEADER = "userPrincipalName,displayName,mail,department\n"


@pytest.fixture
def load(project, manager):
    """``load(text)`` imports into the project and returns the report."""

    def run(text: str | bytes, **options) -> ImportReport:
        data = text.encode() if isinstance(text, str) else text
        usual = {"cohort": None, "is_strict": False, "is_dry_run": False}
        return import_people(
            project=project, stream=io.BytesIO(data), acting_user=manager, **usual | options
        )

    return run


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def people() -> list[tuple[str, ...]]:
    rows = Participant.objects.order_by("key")
    return list(rows.values_list("key", "upn", "display_name", "mail", "department"))


def test_import_creates_then_changes_nothing_then_updates(load):
    text = HEADER + "A@X.org,Anna,anna@x.org,IT\nb@x.org,Bert,,Sales\n"
    assert load(text) == ImportReport(rows=2, created=2, updated=0, unchanged=0, sha256=sha(text))
    expected = [
        ("a@x.org", "A@X.org", "Anna", "anna@x.org", "IT"),
        ("b@x.org", "b@x.org", "Bert", "", "Sales"),
    ]
    assert people() == expected
    assert load(text) == ImportReport(rows=2, created=0, updated=0, unchanged=2, sha256=sha(text))
    assert people() == expected
    text = HEADER + "a@x.org,Anna,anna@x.org,IT\nb@x.org,Bert,,Sales\nc@x.org,,,\n"
    assert load(text) == ImportReport(rows=3, created=1, updated=1, unchanged=1, sha256=sha(text))
    assert people() == [
        ("a@x.org", "a@x.org", "Anna", "anna@x.org", "IT"),
        expected[1],
        ("c@x.org", "c@x.org", "c@x.org", "", ""),
    ]


def test_import_keeps_what_the_file_does_not_say(load):
    load(HEADER + "a@x.org,Anna,anna@x.org,IT\n")
    assert load("UPN;Name\na@x.org;\n").unchanged == 1
    assert load("UPN;department;name\na@x.org;;Änne\n").updated == 1
    assert people() == [("a@x.org", "a@x.org", "Änne", "anna@x.org", "")]


def test_import_lists_bad_rows_and_writes_the_others(load):
    text = HEADER + (
        "a@x.org,Anna,,\n"
        ",Nobody,,\n"
        "A@X.ORG,Anna again,,\n"
        'b@x.org,Bert,"b@x.org, c@x.org",\n'
        "jürgen@x.org,Jürgen,,\n"
        "n@x.org,N\0ul,,\n"
        "d@x.org,Meier, Dora,d@x.org,IT\n"
        f"e@x.org,{'e' * 257},,\n"
        "f@bücher.example,Fee,,\n"
        "f@xn--bcher-kva.example,Fee again,,\n"
        "g@x.org,Gil\n"
    )
    assert load(text) == ImportReport(
        rows=11,
        created=3,
        updated=0,
        unchanged=0,
        rejected=(
            Rejected(3, "There is neither a UPN nor a mail address."),
            Rejected(4, "This is the same person as in line 2."),
            Rejected(5, "mail: “b@x.org, c@x.org” is more than one address; give one."),
            Rejected(
                6,
                "userPrincipalName: “jürgen@x.org” has letters before the @ that mail servers"
                " do not take.",
            ),
            Rejected(7, "There is a NUL character in this row."),
            Rejected(
                8,
                "There are 5 cells under 4 columns. A cell with a separator in it needs quotation"
                " marks.",
            ),
            Rejected(9, "displayName is longer than 256 characters."),
            Rejected(11, "This is the same person as in line 10."),
        ),
        sha256=sha(text),
    )
    assert [row[0] for row in people()] == ["a@x.org", "f@bücher.example", "g@x.org"]


def test_import_makes_control_characters_in_names_a_space_and_says_so(load):
    text = 'upn,name\na@x.org,"Anna\r\nBcc: b@x.org"\nb@x.org,\u202eBert\u200d\n'
    assert load(text) == ImportReport(
        rows=2,
        created=2,
        updated=0,
        unchanged=0,
        warnings=(RowWarning(2, "displayName: control characters became a space."),),
        warned=1,
        sha256=sha(text),
    )
    assert [row[2] for row in people()] == ["Anna Bcc: b@x.org", "\u202eBert\u200d"]


def test_import_takes_names_as_copy_would_not(load):
    names = ["back\\slash\\t", "\\N", "\\.", "a'b\"c", "🦊 名前"]
    out = io.StringIO("upn;name\n")
    out.seek(0, io.SEEK_END)
    csv.writer(out, delimiter=";").writerows((f"p{n}@x.org", name) for n, name in enumerate(names))
    load(out.getvalue())
    assert [row[2] for row in people()] == names


@pytest.mark.parametrize("options", [{"is_dry_run": True}, {"is_strict": True}])
def test_dry_run_and_strict_write_nothing(load, options):
    text = HEADER + "a@x.org,Anna,,\nbad,Bert,,\n"
    report = ImportReport(
        rows=2,
        created=1,
        updated=0,
        unchanged=0,
        rejected=(Rejected(3, BAD),),
        samples=(Sample(2, "Anna", "a@x.org", "created"),) if "is_dry_run" in options else (),
        sha256=sha(text),
    )
    if options == {"is_dry_run": True}:
        assert load(text, **options) == report
    else:
        with pytest.raises(RosterRefused) as caught:
            load(text, **options)
        assert caught.value.report == report
        assert str(caught.value) == (f"Nothing was imported: 1 row is bad, line 3: {BAD}")
    assert (Participant.objects.count(), Event.objects.count()) == (0, 0)


def test_strict_import_of_a_good_file_is_an_import(load):
    assert load(HEADER + "a@x.org,Anna,,\n", is_strict=True).created == 1
    assert Participant.objects.count() == 1


def test_a_file_that_breaks_off_writes_nothing(load):
    rows = "".join(f"p{n}@x.org,P,,\n" for n in range(3000))
    with pytest.raises(RosterError):
        load(HEADER + rows + 'q@x.org,"Q')
    assert (Participant.objects.count(), Event.objects.count()) == (0, 0)


def test_import_into_a_cohort_joins_and_moves(load, project):
    wave = CohortFactory(project=project, name="Wave 1")
    other = CohortFactory(project=project, name="Wave 2")
    switched = CohortFactory(project=project, name="Wave 3", status=CohortStatus.SWITCHED)
    pilot = CohortFactory(project=project, kind=CohortKind.PILOT)
    known = {
        name: ParticipantFactory(project=project, upn=f"{name}@x.org", display_name=name)
        for name in ("here", "loose", "mover", "switcher")
    }
    MembershipFactory(cohort=wave, participant=known["here"])
    MembershipFactory(cohort=other, participant=known["mover"])
    MembershipFactory(cohort=pilot, participant=known["mover"])
    MembershipFactory(cohort=switched, participant=known["switcher"], switched_at=AT)
    text = "upn\n" + "".join(f"{name}@x.org\n" for name in (*known, "new"))
    report = load(text, cohort=wave)
    assert report == ImportReport(
        rows=5,
        created=1,
        updated=2,
        unchanged=2,
        moved=1,
        stayed=1,
        warnings=(RowWarning(5, "Stays in “Wave 3”, for that cohort has switched."),),
        warned=1,
        sha256=sha(text),
    )
    rows = Membership.objects.order_by("participant_id", "kind")
    assert list(rows.values_list("participant__upn", "cohort", "kind")) == [
        ("here@x.org", wave.pk, "wave"),
        ("loose@x.org", wave.pk, "wave"),
        ("mover@x.org", pilot.pk, "pilot"),
        ("mover@x.org", wave.pk, "wave"),
        ("switcher@x.org", switched.pk, "wave"),
        ("new@x.org", wave.pk, "wave"),
    ]
    assert load(text, cohort=wave).unchanged == 5


def test_import_into_a_switched_cohort_counts_them_as_switched(load, project):
    wave = CohortFactory(project=project, status=CohortStatus.SWITCHED, switched_at=AT)
    load("upn\na@x.org\n", cohort=wave)
    assert Membership.objects.get().switched_at is not None


def test_import_into_a_cohort_that_is_over_is_refused(load, project):
    over = CohortFactory(project=project, status=CohortStatus.FINISHED)
    with pytest.raises(CohortError):
        load("upn\na@x.org\n", cohort=over)
    assert Participant.objects.count() == 0


def test_who_had_left_and_is_in_the_file_is_back(load, project, manager):
    load("upn,name\na@x.org,Anna\nb@x.org,Bert\n")
    for person in Participant.objects.all():
        leave(participant=person, acting_user=manager)
    text = "upn\na@x.org\n"
    assert load(text) == ImportReport(
        rows=1, created=0, updated=1, unchanged=0, returned=1, sha256=sha(text)
    )
    assert dict(Participant.objects.values_list("key", "status")) == {
        "a@x.org": ParticipantStatus.ACTIVE,
        "b@x.org": ParticipantStatus.LEFT,
    }


def test_import_leaves_other_projects_alone(load):
    foreign = ParticipantFactory(upn="a@x.org", display_name="Theirs")
    assert load("upn,name\na@x.org,Ours\n").created == 1
    foreign.refresh_from_db()
    assert foreign.display_name == "Theirs"


def test_import_is_recorded_with_figures_and_the_files_hash(load, manager):
    text = "upn\na@x.org\nbad\n"
    load(text)
    event = Event.objects.get()
    assert (event.verb, event.sentence, event.actor, event.data) == (
        "people.imported",
        "People imported: 1 new, 0 changed, 0 as before, 1 rejected.",
        manager,
        {
            "rows": 2,
            "created": 1,
            "updated": 0,
            "unchanged": 0,
            "rejected": 1,
            "left": 0,
            "moved": 0,
            "sha256": sha(text),
        },
    )


def test_import_refuses_when_people_changed_since_the_preview(load):
    text = "upn\na@x.org\n"
    seen = load(text, is_dry_run=True).digest
    load(text)
    with pytest.raises(RosterChanged):
        load(text, expected=seen)
    assert load(text, expected=load(text, is_dry_run=True).digest).unchanged == 1


def test_import_takes_the_same_queries_for_three_rows_and_a_thousand(load, project):
    wave = CohortFactory(project=project)
    load("upn\nfirst@x.org\n")  # a later one has an import before it to forget
    counts = []
    for size in (3, 1000):
        text = HEADER + "".join(f"{size}-{n}@x.org,P,,IT\n" for n in range(size))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert load(text, cohort=wave).created == size
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Membership.objects.filter(cohort=wave).count() == 1003
