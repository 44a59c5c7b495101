"""The pages of people and cohorts: what they do, and who may."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, localtime
from python_calamine import CalamineWorkbook

from cohorts.enums import CohortStatus, ParticipantStatus
from cohorts.models import Membership, Participant
from cohorts.queries.people_export import EXPORT_HEADER
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import DeliveryFactory, OccurrenceFactory


@pytest.fixture
def wave(project):
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def url(project):
    """``url("people_list", cohort=1)``: a page of the project, with a query."""

    def build(name: str, *args: object, **query: object) -> str:
        address = reverse(f"cohorts:{name}", args=[project.slug, *args])
        return f"{address}?{'&'.join(f'{k}={v}' for k, v in query.items())}" if query else address

    return build


def body(response) -> str:
    return response.content.decode()


def members(cohort) -> set[int]:
    return set(Membership.objects.filter(cohort=cohort).values_list("participant", flat=True))


def test_people_list_shows_names_that_try_to_break_out(project, viewer, as_user, url):
    ParticipantFactory(project=project, display_name="<b>Anna</b>\u202e")
    page = body(as_user(viewer).get(url("people_list")))
    assert "<bdi>&lt;b&gt;Anna&lt;/b&gt;\u202e</bdi>" in page
    assert "<b>Anna" not in page


def test_viewers_see_people_without_ways_to_write(project, viewer, manager, as_user, url, wave):
    MembershipFactory(cohort=wave)
    writing = (url("people_assign"), url("people_import"), url("cohort_edit", wave.pk))
    for name in ("people_list", "cohort_list"):
        assert [w for w in writing if w in body(as_user(viewer).get(url(name)))] == []
    assert all(w in body(as_user(manager).get(url("people_list"))) for w in writing[:2])
    assert writing[2] in body(as_user(manager).get(url("cohort_list")))


def test_people_list_keeps_its_filter_on_every_way_out(project, manager, as_user, url, wave):
    for n in range(52):
        person = ParticipantFactory(project=project, display_name=f"P{n:02}", department="R&D")
        MembershipFactory(cohort=wave, participant=person)
    client = as_user(manager)
    page = client.get(url("people_list", department="R%26D", cohort=wave.pk))
    query = f"department=R%26D&amp;cohort={wave.pk}"
    shown = body(page)
    after = page.context["page"].after
    assert f"{url('people_export')}?{query}" in shown
    assert f"{url('people_assign')}?{query}" in shown
    assert f"{url('people_list')}?{query}&amp;after={after}" in shown
    second = client.get(url("people_list", department="R%26D", cohort=wave.pk, after=after))
    assert [p.display_name for p in second.context["page"].people] == ["P50", "P51"]


@pytest.mark.parametrize(
    "query",
    ["status=odd", "cohort=odd", "department=None", "after=x", "after=-1", f"after={2**70}"],
)
def test_people_list_answers_422_to_filters_nobody_offered(manager, as_user, url, project, query):
    ParticipantFactory(project=project)
    for name in ("people_list",) if "after" in query else ("people_list", "people_export"):
        assert as_user(manager).get(f"{url(name)}?{query}").status_code == 422


def test_a_nul_in_a_filter_is_a_bad_request(manager, as_user, url):
    assert as_user(manager).get(f"{url('people_list')}?q=%00").status_code == 400


def test_ids_of_another_project_are_not_found_anywhere(manager, as_user, url, project, wave):
    foreign = MembershipFactory()
    mine = ParticipantFactory(project=project)
    client = as_user(manager)
    their_cohort, their_person = foreign.cohort_id, foreign.participant_id
    assert client.get(url("people_list", cohort=their_cohort)).status_code == 404
    assert client.get(url("people_export", cohort=their_cohort)).status_code == 404
    assert client.get(url("cohort_edit", their_cohort)).status_code == 404
    for data in (
        {"scope": "picked", "cohort": wave.pk, "people": [mine.pk, their_person]},
        {"scope": "picked", "cohort": their_cohort, "people": [mine.pk]},
        {"scope": "picked", "cohort": 2**70, "people": [mine.pk]},
        {"scope": "picked", "cohort": wave.pk, "people": [mine.pk, 10**17]},
    ):
        assert client.post(url("people_assign"), data).status_code == 404
    file = io.BytesIO(b"upn\na@x.org\n")
    data = {"file": file, "cohort": their_cohort}
    assert client.post(url("people_import"), data).status_code == 404
    assert Membership.objects.count() == 1


def test_assign_ticked_people(manager, as_user, url, project, wave):
    picked = ParticipantFactory(project=project)
    ParticipantFactory(project=project)
    data = {"scope": "picked", "cohort": wave.pk, "people": [picked.pk]}
    response = as_user(manager).post(url("people_assign", status="all"), data)
    assert (response.status_code, response["Location"]) == (302, url("people_list", status="all"))
    assert members(wave) == {picked.pk}


def test_assign_all_that_match_needs_the_number_that_was_shown(
    manager, as_user, url, project, wave
):
    it = [ParticipantFactory(project=project, department="IT") for _ in range(3)]
    ParticipantFactory(project=project, department="Sales")
    client, address = as_user(manager), url("people_assign", department="IT")
    data = {"scope": "matching", "cohort": wave.pk}
    assert client.post(address, data).status_code == 422
    assert client.post(address, {**data, "expected": 2}).status_code == 409
    assert members(wave) == set()
    assert client.post(address, {**data, "expected": 3}).status_code == 302
    assert members(wave) == {person.pk for person in it}


def test_take_ticked_people_out_of_the_cohort_that_is_listed(manager, as_user, url, wave):
    going, staying = MembershipFactory(cohort=wave), MembershipFactory(cohort=wave)
    data = {"scope": "out", "people": [going.participant_id]}
    assert as_user(manager).post(url("people_assign", cohort=wave.pk), data).status_code == 302
    assert members(wave) == {staying.participant_id}


@pytest.mark.parametrize(
    "changes",
    [{"people": []}, {"people": ["x"]}, {"cohort": ""}, {"cohort": "x"}, {"scope": "odd"}],
)
def test_assign_answers_422_and_keeps_the_ticks(manager, as_user, url, project, wave, changes):
    person = ParticipantFactory(project=project)
    data = {"scope": "picked", "cohort": wave.pk, "people": [person.pk], **changes}
    response = as_user(manager).post(url("people_assign"), data)
    assert response.status_code == 422
    assert ("checked" in body(response)) == (str(person.pk) in map(str, data["people"]))
    assert members(wave) == set()


def test_assign_to_a_cohort_that_is_over_says_so(manager, as_user, url, project):
    over = CohortFactory(project=project, status=CohortStatus.FINISHED, name="Wave 0")
    person = ParticipantFactory(project=project)
    data = {"scope": "picked", "cohort": over.pk, "people": [person.pk]}
    response = as_user(manager).post(url("people_assign"), data)
    assert response.status_code == 422
    assert "“Wave 0” is finished, so nobody joins it." in body(response)


TOLD = datetime(2038, 1, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def exported(project, wave):
    """One person who is exported, and two others."""
    anna = ParticipantFactory(
        project=project,
        upn="a@x.org",
        display_name="=Anna",
        sip_address="+49 30",
        department="IT",
        is_white_glove=True,
    )
    MembershipFactory(cohort=wave, participant=anna)
    occurrence = OccurrenceFactory(message__project=project, cohort=wave)
    DeliveryFactory(occurrence=occurrence, participant=anna, state="sent", sent_at=TOLD)
    ParticipantFactory(project=project, department="Sales")
    ParticipantFactory(department="IT")


def disposition(project, kind: str) -> str:
    day = localdate(timezone=ZoneInfo(project.timezone)).isoformat()
    return f'attachment; filename="people-{project.slug}-{day}.{kind}"'


def test_people_export_is_the_list_without_formulas(viewer, as_user, url, project, exported):
    response = as_user(viewer).get(url("people_export", department="IT"))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert response["Content-Disposition"] == disposition(project, "csv")
    assert list(csv.reader(io.StringIO(text))) == [
        list(EXPORT_HEADER),
        [
            *("a@x.org", "", "'=Anna", "", "'+49 30", "IT", *[""] * 7, "Wave 1", "active"),
            *("", "waiting", "", "2038-01-04 09:30:00+00:00", "True", ""),
        ],
    ]


def test_people_workbook_is_the_same_table(viewer, as_user, url, project, exported):
    response = as_user(viewer).get(url("people_workbook", department="IT"))
    body = b"".join(response.streaming_content)
    assert response["Content-Disposition"] == disposition(project, "xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert book == [
        list(EXPORT_HEADER),
        [
            *("a@x.org", "", "'=Anna", "", "'+49 30", "IT", *[""] * 7, "Wave 1", "active"),
            *("", "waiting", ""),
            *(localtime(TOLD, ZoneInfo(project.timezone)).replace(tzinfo=None), True, ""),
        ],
    ]


def test_cohort_finish_works_once(manager, as_user, url, project):
    wave = CohortFactory(project=project, status=CohortStatus.SWITCHED)
    client = as_user(manager)
    assert client.post(url("cohort_finish", wave.pk)).status_code == 302
    assert client.post(url("cohort_finish", wave.pk)).status_code == 409


def test_cohort_list_names_people_without_a_cohort(viewer, as_user, url, project, wave):
    ParticipantFactory(project=project)
    ParticipantFactory(project=project, status=ParticipantStatus.LEFT)
    assert "1 person is in no cohort yet" in body(as_user(viewer).get(url("cohort_list")))


@pytest.mark.parametrize("people", [1, 3, 1000])
@pytest.mark.parametrize(("name", "queries"), [("people_list", 8), ("cohort_list", 7)])
def test_lists_take_the_same_queries_whatever_the_size(
    manager, as_user, url, project, wave, people, name, queries, django_assert_num_queries
):
    rows = Participant.objects.bulk_create(
        Participant(project=project, key=f"{n}@x.org", display_name=f"P{n}") for n in range(people)
    )
    Membership.objects.bulk_create(
        Membership(participant=row, cohort=wave, kind=wave.kind) for row in rows
    )
    client = as_user(manager)
    with django_assert_num_queries(queries):
        assert client.get(url(name)).status_code == 200


READS = ("people_list", "people_export", "people_sample", "cohort_list")
MANAGED = ("people_import",)


@pytest.mark.parametrize("name", READS)
def test_reading_is_for_members(name, viewer, contributor, stranger, as_user, url):
    answers = [as_user(who).get(url(name)).status_code for who in (viewer, contributor, stranger)]
    assert answers == [200, 200, 404]
    assert as_user(None).get(url(name)).status_code == 302
    assert as_user(viewer).post(url(name)).status_code == 405


@pytest.mark.parametrize("name", ["people_assign", "people_import", "cohort_edit", "cohort_finish"])
def test_writing_is_for_managers(name, viewer, contributor, stranger, as_user, url, wave):
    address = url(name, wave.pk) if name.startswith("cohort") else url(name)
    answers = [as_user(who).post(address).status_code for who in (viewer, contributor, stranger)]
    assert answers == [403, 403, 404]
