"""Importing people in the browser: check, confirm, drop."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from cohorts.models import Membership, Participant, RosterUpload
from cohorts.roster.columns import EXPORT_NAMES
from projects.models import Event
from tests.factories.cohorts import CohortFactory, ParticipantFactory

TEXT = "upn,name,office\na@x.org,Anna,1\nbad,=Bert,2\n"
BAD = "userPrincipalName: “bad” is not an address like anna@example.org."


@pytest.fixture
def client(manager, as_user):
    return as_user(manager)


@pytest.fixture
def send(client, project):
    """``send(text)`` uploads a file and returns the answer."""

    def run(data: str | bytes = TEXT, **form: object):
        file = io.BytesIO(data.encode() if isinstance(data, str) else data)
        file.name = "people.csv"
        address = reverse("cohorts:people_import", args=[project.slug])
        return client.post(address, {"file": file, **form})

    return run


def at(name: str, upload: RosterUpload) -> str:
    return reverse(f"cohorts:{name}", args=[upload.project.slug, upload.public_id])


def test_an_upload_is_shown_before_anything_is_written(send, client, project):
    wave = CohortFactory(project=project, name="Wave 1")
    response = send(cohort=wave.pk)
    upload = RosterUpload.objects.get()
    assert (response.status_code, response["Location"]) == (302, at("people_preview", upload))
    assert (upload.cohort, upload.is_strict, upload.file_name) == (wave, False, "people.csv")
    page = client.get(at("people_preview", upload))
    report = page.context["report"]
    assert (report.rows, report.created, len(report.rejected)) == (2, 1, 1)
    shown = page.content.decode()
    assert BAD in shown
    assert "Import 1 person" in shown
    assert (Participant.objects.count(), Event.objects.count()) == (0, 0)


def test_confirming_imports_once(send, client, project, manager):
    wave = CohortFactory(project=project)
    send(cohort=wave.pk)
    upload = RosterUpload.objects.get()
    response = client.post(at("people_confirm", upload))
    assert response["Location"] == at("people_preview", upload)
    assert Membership.objects.get().participant.key == "a@x.org"
    assert (Membership.objects.get().placement_note, Event.objects.get().actor) == (
        "In the file people.csv",
        manager,
    )
    assert client.post(at("people_confirm", upload)).status_code == 409
    assert client.post(at("people_drop", upload)).status_code == 409
    page = client.get(at("people_preview", upload)).content.decode()
    assert "Undo the import" in page
    assert BAD in page


def test_confirming_what_would_do_something_else_by_now_is_refused(send, client, project):
    send()
    upload = RosterUpload.objects.get()
    ParticipantFactory(project=project, upn="a@x.org", display_name="Anna", office="1")
    response = client.post(at("people_confirm", upload))
    assert response.status_code == 409
    assert response.context["report"].unchanged == 1
    assert "There is nothing to write." in response.content.decode()
    assert Event.objects.count() == 0


def test_dropping_forgets_the_file(send, client):
    send()
    upload = RosterUpload.objects.get()
    assert client.post(at("people_drop", upload)).status_code == 302
    assert (RosterUpload.objects.count(), Participant.objects.count()) == (0, 0)
    assert client.get(at("people_preview", upload)).status_code == 404


def test_a_strict_upload_with_bad_rows_cannot_be_confirmed(send, client):
    send(is_strict="on")
    upload = RosterUpload.objects.get()
    assert (
        at("people_confirm", upload)
        not in client.get(at("people_preview", upload)).content.decode()
    )
    assert client.post(at("people_confirm", upload)).status_code == 422
    assert Participant.objects.count() == 0


def test_rejected_rows_come_back_as_csv_without_formulas(send, client):
    send()
    response = client.get(at("people_rejected", RosterUpload.objects.get()))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["line", "reason", "upn", "name", "office"],
        ["3", BAD, "bad", "'=Bert", "2"],
    ]


def test_rejected_rows_can_be_corrected_and_sent_again(send, client):
    """The file that comes out is one that goes in: its first two columns are left out."""
    send()
    response = client.get(at("people_rejected", RosterUpload.objects.get()))
    corrected = b"".join(response.streaming_content).replace(b",bad,", b",b@x.org,")
    send(corrected)
    assert RosterUpload.objects.first().report["created"] == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'upn\n"a@x.org\n', "Line 2: a quotation mark is not closed, or stands inside a cell."),
        (b"name\nAnna\n", "The header has no column"),
        ("upn,name\na@x.org,Jörg\n".encode("cp1252"), "Line 2 is not UTF-8."),
        (b"", "The submitted file is empty."),
    ],
)
def test_a_broken_file_is_refused_beside_the_field(send, data, sentence):
    response = send(data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert RosterUpload.objects.count() == 0


def test_no_file_is_refused(client, project):
    address = reverse("cohorts:people_import", args=[project.slug])
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"file": "text"}).status_code == 422


def test_uploads_are_forgotten_after_a_day(send):
    send()
    RosterUpload.objects.update(created_at=now() - timedelta(days=1, minutes=1))
    send()
    assert RosterUpload.objects.count() == 1


def test_the_sample_is_a_roster_we_take(client, send, project):
    response = client.get(reverse("cohorts:people_sample", args=[project.slug]))
    send(b"".join(response.streaming_content))
    upload = RosterUpload.objects.get()
    assert {key: upload.report[key] for key in ("rows", "created")} == {"rows": 3, "created": 3}
    client.post(at("people_confirm", upload))
    person = Participant.objects.order_by("key").first()
    assert [getattr(person, name) for name in EXPORT_NAMES] == [
        "anna.amsel@example.org",
        "anna.amsel@example.org",
        "Anna Amsel",
        "00000000-0000-0000-0000-000000000001",
        "sip:anna.amsel@example.org",
        "Finance",
        "Hamburg",
        "Germany",
        "DE",
        "de-DE",
        "dora.director@example.org",
        "Europe/Berlin",
    ]


@pytest.mark.parametrize("name", ["people_preview", "people_rejected"])
def test_an_upload_is_for_managers_alone(send, name, viewer, contributor, stranger, as_user):
    send()
    address = at(name, RosterUpload.objects.get())
    answers = [as_user(who).get(address).status_code for who in (viewer, contributor, stranger)]
    assert answers == [403, 403, 404]


@pytest.mark.parametrize("name", ["people_confirm", "people_drop"])
def test_deciding_on_an_upload_is_for_managers_alone(
    send, name, viewer, contributor, stranger, as_user
):
    send()
    address = at(name, RosterUpload.objects.get())
    answers = [as_user(who).post(address).status_code for who in (viewer, contributor, stranger)]
    assert answers == [403, 403, 404]
    assert (RosterUpload.objects.count(), Participant.objects.count()) == (1, 0)


def test_an_upload_of_another_project_is_not_found(send, client, manager, foreign_project):
    send()
    upload = RosterUpload.objects.get()
    upload.project = foreign_project
    upload.save()
    assert client.get(at("people_preview", upload)).status_code == 404
    assert client.post(at("people_confirm", upload)).status_code == 404
