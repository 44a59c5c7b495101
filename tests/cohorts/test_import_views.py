"""Importing people in the browser: check, confirm, drop."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from cohorts.models import Membership, Participant, RosterUpload
from cohorts.queries.uploads import Warned
from cohorts.roster.columns import EXPORT_NAMES, KEPT
from cohorts.roster.reading import RosterReader
from projects.models import Event
from tests.cohorts.workbooks import workbook
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


def test_rejected_rows_come_back_as_a_workbook_that_can_be_sent_again(send, client):
    send()
    upload = RosterUpload.objects.get()
    response = client.get(at("people_rejected_workbook", upload))
    data = b"".join(response.streaming_content)
    reader = RosterReader(io.BytesIO(data))
    assert reader.header == ["line", "reason", "upn", "name", "office"]
    assert list(reader) == [(2, ["3", BAD, "bad", "'=Bert", "2"])]
    assert send(data)["Location"] != at("people_preview", upload)
    report = RosterUpload.objects.first().report
    assert (report["rows"], report["rejected"]) == (1, [{"line": 2, "reason": BAD}])


def test_a_workbook_is_imported_like_a_csv_file(send, client):
    send(workbook(("upn", "name", "Personnel number"), ("a@x.org", "Anna", 4711)))
    upload = RosterUpload.objects.get()
    columns = {"column_0": "upn", "column_1": "display_name", "column_2": KEPT}
    client.post(at("people_columns", upload), columns)
    client.post(at("people_confirm", upload))
    person = Participant.objects.get()
    assert (person.key, person.attributes) == ("a@x.org", {"Personnel number": "4711"})


def test_all_rejected_rows_can_be_leafed_through(send, client):
    send("upn\n" + "".join(f"bad {n}\n" for n in range(250)))
    upload = RosterUpload.objects.get()
    pages = [client.get(at("people_preview", upload), {"page": page}) for page in (1, 3, 4)]
    shown = [page.context["rejected"] for page in pages]
    assert [(page.first, len(page.rows), page.before, page.after) for page in shown] == [
        (1, 100, 0, 2),
        (201, 50, 2, 0),
        (301, 0, 3, 0),
    ]
    for odd in ("x", "-1", "9" * 30, ""):
        assert client.get(at("people_preview", upload), {"page": odd}).status_code == 200


def test_warnings_stand_together_by_their_reason(send, client):
    lines = "".join(f"p{n}@x.org,sip:q{n}@x.org,Moon\n" for n in range(7))
    send(f"upn,sipAddress,timeZone\n{lines}p7@x.org,,UTC\n")
    page = client.get(at("people_preview", RosterUpload.objects.get()))
    assert page.context["warnings"] == [
        Warned("The SIP address is another than the UPN.", 7, (2, 3, 4, 5, 6)),
        Warned("There is no time zone of this name; it was left out.", 7, (2, 3, 4, 5, 6)),
    ]
    assert "14 warnings" in page.content.decode()


def test_names_of_columns_and_cells_are_text(send, client):
    evil = "<script>alert(1)</script>"
    send(f"upn,name,{evil}\na@x.org,{evil},{evil}\n")
    upload = RosterUpload.objects.get()
    asked = client.get(at("people_columns", upload)).content.decode()
    client.post(at("people_columns", upload), {"column_0": "upn", "column_1": "", "column_2": KEPT})
    shown = client.get(at("people_preview", upload)).content.decode()
    assert "&lt;script&gt;alert" in asked
    assert evil not in asked + shown


def test_a_full_cohort_is_named_before_anybody_confirms(send, client, project):
    wave = CohortFactory(project=project, name="Wave 2", capacity=1)
    send("upn\na@x.org\nb@x.org\nc@x.org\n", cohort=wave.pk)
    upload = RosterUpload.objects.get()
    page = client.get(at("people_preview", upload)).content.decode()
    assert "“Wave 2” lacks 2 places for this file." in page
    assert at("people_confirm", upload) not in page
    assert client.post(at("people_confirm", upload)).status_code == 409
    assert Participant.objects.count() == 0


def test_a_stopped_or_failed_file_can_be_read_once_more(send, client):
    send()
    upload = RosterUpload.objects.get()
    for status in ("failed", "cancelled"):
        RosterUpload.objects.update(status=status, fault="Because.")
        page = client.get(at("people_preview", upload)).content.decode()
        assert at("people_again", upload) in page
        assert client.post(at("people_again", upload)).status_code == 302
        upload.refresh_from_db()
        assert (upload.status, upload.fault) == ("previewed", "")


def test_what_was_imported_is_over(send, client):
    send("upn\na@x.org\n")
    upload = RosterUpload.objects.get()
    assert client.post(at("people_confirm", upload)).status_code == 302
    # Its file is gone, so there is nothing to download, match or read again.
    assert client.get(at("people_rejected", upload)).status_code == 404
    assert client.get(at("people_columns", upload)).status_code == 404
    assert client.post(at("people_again", upload)).status_code == 409
