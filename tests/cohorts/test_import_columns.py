"""Columns nobody knows: chosen once, remembered, kept as attributes; zones, and warnings."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from cohorts.exceptions import RosterError
from cohorts.models import Participant, RosterMapping, RosterUpload
from cohorts.roster.columns import KEPT, LEFT_OUT, MOST_FURTHER, matched_columns
from cohorts.roster.report import Change, ImportReport, RowWarning
from cohorts.services.roster import import_people
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory

TEXT = "Login;Full name;Cost centre;Team\na@x.org;Anna;4711;North\nb@x.org;Bert;;South\n"
BACK = Change("status", "left", "active")


@pytest.fixture
def load(project, manager):
    def run(text: str, **options) -> ImportReport:
        usual = {"cohort": None, "is_strict": False, "is_dry_run": False}
        stream = io.BytesIO(text.encode())
        return import_people(project=project, stream=stream, acting_user=manager, **usual | options)

    return run


@pytest.fixture
def client(manager, as_user):
    return as_user(manager)


@pytest.fixture
def send(client, project):
    def run(text: str = TEXT, **form: object):
        file = io.BytesIO(text.encode())
        file.name = "people.csv"
        return client.post(
            reverse("cohorts:people_import", args=[project.slug]), {"file": file, **form}
        )

    return run


def attributes() -> dict[str, dict[str, str]]:
    return dict(Participant.objects.order_by("key").values_list("key", "attributes"))


def test_columns_are_taken_as_chosen_else_as_named_else_kept():
    header = ["Login", "E-Mail", "mail", "Team", "Notes", "line", "", "NOTES"]
    chosen = {"login": "upn", "team": "department", "notes": LEFT_OUT}
    matched = matched_columns(header, chosen)
    assert matched.fields == {"upn": 0, "mail": 2, "department": 3}
    assert (matched.further, matched.unknown) == ({}, ())
    matched = matched_columns(header, {"team": KEPT})
    assert matched.fields == {"mail": 2}
    assert matched.further == {"Team": 3, "Login": 0, "Notes": 4}
    assert matched.unknown == ("Login", "Notes")


def test_an_export_of_everything_is_not_kept_without_asking(load):
    names = [f"Property {n}" for n in range(MOST_FURTHER + 1)]
    report = load(f"upn,{','.join(names)}\na@x.org,{','.join('x' for _ in names)}\n")
    sentence = "Too many further columns to keep without asking; choose those you need."
    assert report.warnings == (RowWarning(1, sentence),)
    assert attributes() == {"a@x.org": {}}
    load(
        f"upn,{','.join(names)}\na@x.org,{','.join('x' for _ in names)}\n",
        chosen={"property7": KEPT},
    )
    assert attributes() == {"a@x.org": {"Property 7": "x"}}


def test_further_columns_replace_their_own_and_leave_others(load):
    load('upn,Team,Floor\na@x.org,"Nörd ""1"" \\N",2\nb@x.org,,\n')
    assert attributes() == {"a@x.org": {"Team": 'Nörd "1" \\N', "Floor": "2"}, "b@x.org": {}}
    text = "upn,Team\na@x.org,\nb@x.org,South\n"
    dry = load(text, is_dry_run=True)
    assert dry.updated == 2
    assert [sample.changes for sample in dry.samples] == [
        (Change("Team", 'Nörd "1" \\N', ""),),
        (Change("Team", "", "South"),),
    ]
    assert load(text).updated == 2
    assert attributes() == {"a@x.org": {"Floor": "2"}, "b@x.org": {"Team": "South"}}
    assert load(text).unchanged == 2


def test_a_zone_is_one_of_the_tz_database(load):
    text = "upn,Time zone\na@x.org,europe/berlin\nb@x.org,Moon\nc@x.org,\n"
    report = load(text)
    sentence = "There is no time zone of this name; it was left out."
    assert report.warnings == (RowWarning(3, sentence),)
    zones = dict(Participant.objects.values_list("key", "timezone"))
    assert zones == {"a@x.org": "Europe/Berlin", "b@x.org": "", "c@x.org": ""}
    assert load("upn,timezone\na@x.org,Mars\n").unchanged == 1
    assert load("upn,timezone\na@x.org,\n").updated == 1


def test_a_sip_address_that_is_another_than_the_upn_is_named(load):
    text = "upn,sipAddress\na@x.org,sip:A@x.org\nb@x.org,sip:b@y.org\nc@x.org,\n"
    assert load(text).warnings == (RowWarning(3, "The SIP address is another than the UPN."),)


def test_a_preview_says_what_becomes_of_whom(load, project):
    wave = CohortFactory(project=project, name="Wave 2")
    other = CohortFactory(project=project, name="Wave 1")
    here = ParticipantFactory(project=project, upn="a@x.org", display_name="Anna", department="IT")
    MembershipFactory(participant=here, cohort=other)
    ParticipantFactory(project=project, upn="b@x.org", display_name="Bert", status="left")
    text = "upn,name,department\na@x.org,Anna,Sales\nb@x.org,Bert,\nc@x.org,Cleo,\n"
    samples = load(text, is_dry_run=True, cohort=wave).samples
    assert [(s.line, s.name, s.outcome, s.changes) for s in samples] == [
        (
            2,
            "Anna",
            "updated",
            (Change("department", "IT", "Sales"), Change("cohort", "Wave 1", "Wave 2")),
        ),
        (
            3,
            "Bert",
            "updated",
            (Change("status", "left", "active"), Change("cohort", "", "Wave 2")),
        ),
        (4, "Cleo", "created", ()),
    ]


def test_unknown_columns_are_asked_about_and_remembered(send, client, project):
    response = send()
    upload = RosterUpload.objects.get()
    address = reverse("cohorts:people_columns", args=[project.slug, upload.public_id])
    assert (response.status_code, response["Location"]) == (302, address)
    form = client.get(address).context["form"]
    assert {field.label: field.initial for field in form} == {
        "Login": KEPT,
        "Full name": "display_name",
        "Cost centre": KEPT,
        "Team": KEPT,
    }
    columns = {"column_0": "upn", "column_1": "display_name", "column_2": KEPT, "column_3": ""}
    response = client.post(address, columns)
    preview = reverse("cohorts:people_preview", args=[project.slug, upload.public_id])
    assert (response.status_code, response["Location"]) == (302, preview)
    client.post(reverse("cohorts:people_confirm", args=[project.slug, upload.public_id]))
    assert attributes() == {"a@x.org": {"Cost centre": "4711"}, "b@x.org": {}}
    # The next file of this shape is not asked about, neither here nor on the command line.
    assert send()["Location"] != address
    assert RosterUpload.objects.first().report["unchanged"] == 2
    assert RosterMapping.objects.get().columns == {
        "login": "upn",
        "fullname": "display_name",
        "costcentre": KEPT,
        "team": LEFT_OUT,
    }


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"column_0": "upn", "column_1": "upn"}, "Two columns are to be taken as userPrincipal"),
        ({"column_0": "nonsense"}, "Select a valid choice"),
        ({"column_1": "display_name"}, "The header has no column"),
    ],
)
def test_columns_nobody_could_read_are_refused(send, client, project, columns, sentence):
    send()
    upload = RosterUpload.objects.get()
    address = reverse("cohorts:people_columns", args=[project.slug, upload.public_id])
    response = client.post(address, columns)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert (RosterMapping.objects.count(), upload.status) == (0, "columns")


def test_the_command_maps_columns_and_remembers_them(project, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(TEXT, encoding="utf-8")
    call_command(
        "import_people",
        *(project.slug, str(path), "--map", "Login=userPrincipalName", "--map", "team=department"),
        *("--map", "Cost centre=drop"),
    )
    people = Participant.objects.order_by("key").values_list("key", "department", "attributes")
    assert list(people) == [("a@x.org", "North", {}), ("b@x.org", "South", {})]
    path.write_text(TEXT.replace("South", "West"), encoding="utf-8")
    call_command("import_people", project.slug, str(path))
    assert Participant.objects.get(key="b@x.org").department == "West"


@pytest.mark.parametrize("pair", ["Login=nothing", "Login", "=upn", "a\0b=upn"])
def test_the_command_refuses_a_field_that_is_none(project, tmp_path, pair):
    path = tmp_path / "people.csv"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        call_command("import_people", project.slug, str(path), "--map", pair)
    assert "\n" not in str(caught.value)
    assert Participant.objects.count() == 0


def test_two_columns_of_one_field_are_refused(load):
    with pytest.raises(RosterError, match="Two columns are to be taken as department"):
        load("upn,A,B\na@x.org,1,2\n", chosen={"a": "department", "b": "department"})
