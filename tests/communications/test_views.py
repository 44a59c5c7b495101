"""The pages of a manager: what they show, what they let through, what they refuse."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from communications.enums import DeliveryState, MessageStatus, OccurrenceState
from communications.models import Delivery, Message, Occurrence
from communications.queries.reach import funnel
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import DeliveryFactory, MessageFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wave(project: Project):
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def occurrence(project: Project, wave) -> Occurrence:
    found = OccurrenceFactory(message__project=project, message__title="Your move", cohort=wave)
    MembershipFactory(cohort=wave, participant__display_name="Anna Árvai")
    return found


@pytest.fixture
def client(as_user, manager) -> Client:
    return as_user(manager)


def url(name: str, *args: object) -> str:
    return reverse(f"communications:{name}", args=args)


def of(name: str, occurrence: Occurrence) -> str:
    return url(name, occurrence.project.slug, occurrence.pk)


def seen(occurrence: Occurrence) -> dict[str, int]:
    """What stands beside the button that approves."""
    found = funnel(occurrence, now())
    text = occurrence.message.revision
    return {"people": found.reachable, "mark": found.mark, "text": text}


def state(occurrence: Occurrence) -> str:
    return Occurrence.objects.get(pk=occurrence.pk).state


# ---- one occurrence


def test_occurrence_names_the_number_on_its_button(client: Client, occurrence: Occurrence) -> None:
    text = client.get(of("occurrence_detail", occurrence)).content.decode()
    assert "Approve for 1 person" in " ".join(text.split())


def test_occurrence_previews_a_person_found_by_name(client: Client, occurrence: Occurrence) -> None:
    other = MembershipFactory(cohort=occurrence.cohort, participant__display_name="Zoë").participant
    page = of("occurrence_detail", occurrence)
    found = client.get(page, {"who": "zo"}).context["found"]
    assert [person.name for person in found] == ["Zoë"]
    response = client.get(page, {"person": other.pk})
    assert response.context["mail"].text.startswith("Hello Zoë,")
    framed = client.get(url("occurrence_preview", occurrence.project.slug, occurrence.pk, other.pk))
    assert framed.content.decode() == response.context["mail"].html
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "sandbox" in framed["Content-Security-Policy"]
    assert "script" not in framed["Content-Security-Policy"]


def test_preview_of_somebody_it_does_not_go_to_is_not_found(
    client: Client, occurrence: Occurrence, foreign_project: Project
) -> None:
    theirs = MembershipFactory(cohort__project=foreign_project).participant
    ours = MembershipFactory(cohort__project=occurrence.project).participant
    for pk in (theirs.pk, ours.pk, 10**12, 2**63 - 1):
        page = client.get(of("occurrence_detail", occurrence), {"person": pk})
        framed = client.get(url("occurrence_preview", occurrence.project.slug, occurrence.pk, pk))
        assert (page.status_code, framed.status_code) == (404, 404)
    assert client.get(of("occurrence_detail", occurrence), {"person": "x"}).status_code == 422
    assert client.get(of("occurrence_detail", occurrence), {"person": 2**70}).status_code == 422


def test_occurrence_says_why_a_mail_cannot_be_built(client: Client, occurrence: Occurrence) -> None:
    Message.objects.filter(pk=occurrence.message_id).update(body="{survey_link}")
    response = client.get(of("occurrence_detail", occurrence))
    assert response.context["no_mail"] == "{survey_link} has no value for this person."


def test_approve_goes_through_once(client: Client, occurrence: Occurrence, manager) -> None:
    first = client.post(of("occurrence_approve", occurrence), seen(occurrence))
    again = client.post(of("occurrence_approve", occurrence), seen(occurrence))
    assert (first.status_code, again.status_code) == (302, 409)
    row = Occurrence.objects.get(pk=occurrence.pk)
    assert (row.state, row.approved_by, row.approved_count) == ("approved", manager, 1)
    assert occurrence.project.events.filter(verb="occurrence.approved").count() == 1


def test_approve_with_an_old_number_is_refused(client: Client, occurrence: Occurrence) -> None:
    before = seen(occurrence)
    MembershipFactory(cohort=occurrence.cohort)
    response = client.post(of("occurrence_approve", occurrence), before)
    assert (response.status_code, state(occurrence)) == (409, "planned")


@pytest.mark.parametrize("people", ["", "x", "-1", str(10**12)])
def test_approve_without_a_number_is_refused(
    client: Client, occurrence: Occurrence, people: str
) -> None:
    given = {**seen(occurrence), "people": people}
    response = client.post(of("occurrence_approve", occurrence), given)
    assert (response.status_code, state(occurrence)) == (422, "planned")


def test_unapprove_cancel_and_again(client: Client, occurrence: Occurrence) -> None:
    client.post(of("occurrence_approve", occurrence), seen(occurrence))
    assert client.post(of("occurrence_unapprove", occurrence)).status_code == 302
    assert state(occurrence) == "planned"
    assert client.get(of("occurrence_cancel", occurrence)).status_code == 200
    assert state(occurrence) == "planned"
    assert client.post(of("occurrence_cancel", occurrence)).status_code == 302
    assert client.post(of("occurrence_cancel", occurrence)).status_code == 409
    assert state(occurrence) == "cancelled"


def test_test_mail_goes_to_oneself_and_is_not_counted(
    client: Client, occurrence: Occurrence, manager
) -> None:
    person = occurrence.cohort.memberships.get().participant
    response = client.post(of("occurrence_test", occurrence), {"person": person.pk})
    assert response.status_code == 302
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (
        [manager.email],
        "[Test] Your move on Tuesday 1 June 2038",
    )
    assert "Hello Anna Árvai," in sent.body
    assert "written as if to Anna Árvai" in sent.body
    assert not Delivery.objects.exists()
    assert not mail.outbox[1:]


def test_test_mail_respects_the_allow_list(
    client: Client, occurrence: Occurrence, settings
) -> None:
    settings.MAIL_ALLOW_LIST = ["@allowed.example"]
    person = occurrence.cohort.memberships.get().participant
    response = client.post(of("occurrence_test", occurrence), {"person": person.pk})
    assert (response.status_code, mail.outbox) == (422, [])


def test_uncertain_mails_are_decided_one_by_one_or_all(
    client: Client, occurrence: Occurrence
) -> None:
    Occurrence.objects.filter(pk=occurrence.pk).update(state=OccurrenceState.DONE)
    rows = [DeliveryFactory(occurrence=occurrence, state=DeliveryState.UNCERTAIN) for _ in range(3)]
    decide = of("occurrence_decide", occurrence)
    assert "3 are uncertain." in client.get(of("occurrence_detail", occurrence)).content.decode()
    assert (
        client.post(decide, {"decision": "treat_as_sent", "delivery": rows[0].pk}).status_code
        == 302
    )
    states = occurrence.deliveries.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["sent", "uncertain", "uncertain"]
    assert client.post(decide, {"decision": "send_again"}).status_code == 422
    assert client.post(decide, {"decision": "send_again", "people": 3}).status_code == 409
    assert client.post(decide, {"decision": "send_again", "people": 2}).status_code == 302
    assert list(states.all()) == ["sent", "queued", "queued"]
    assert client.post(decide, {"decision": "send_again"}).status_code == 422
    assert client.post(decide, {"decision": "guess"}).status_code == 422


def test_decide_about_a_row_of_another_occurrence_is_not_found(
    client: Client, occurrence: Occurrence
) -> None:
    other = DeliveryFactory(state=DeliveryState.UNCERTAIN)
    DeliveryFactory(occurrence=occurrence, state=DeliveryState.UNCERTAIN)
    response = client.post(
        of("occurrence_decide", occurrence), {"decision": "send_again", "delivery": other.pk}
    )
    assert response.status_code == 404
    assert set(Delivery.objects.values_list("state", flat=True)) == {"uncertain"}


def test_failed_mails_are_tried_again(client: Client, occurrence: Occurrence) -> None:
    Occurrence.objects.filter(pk=occurrence.pk).update(state=OccurrenceState.DONE)
    row = DeliveryFactory(occurrence=occurrence, state=DeliveryState.FAILED)
    retry = of("occurrence_retry", occurrence)
    assert client.post(retry).status_code == 422
    assert client.post(retry, {"people": 2}).status_code == 409
    assert Delivery.objects.get(pk=row.pk).state == DeliveryState.FAILED
    assert client.post(retry, {"people": 1}).status_code == 302
    assert Delivery.objects.get(pk=row.pk).state == DeliveryState.QUEUED
    assert client.post(retry, {"people": 1}).status_code == 422


def test_ledger_adds_up_on_the_page(client: Client, occurrence: Occurrence) -> None:
    Occurrence.objects.filter(pk=occurrence.pk).update(state=OccurrenceState.SENDING)
    for number, name in enumerate(DeliveryState, 1):
        for _ in range(number % 3):
            DeliveryFactory(occurrence=occurrence, state=name)
    page = client.get(of("occurrence_detail", occurrence)).context["page"]
    assert sum(cell.count for cell in page.cells) == page.ledger.total == 9
    assert {cell.state: cell.count for cell in page.cells} == {
        "queued": 1, "sending": 2, "sent": 1, "failed": 2, "skipped": 0, "uncertain": 1,
        "cancelled": 2,
    }  # fmt: skip


def test_what_waits_for_its_day_cannot_be_approved_by_hand(
    client: Client, occurrence: Occurrence
) -> None:
    Occurrence.objects.filter(pk=occurrence.pk).update(due_at=None, wall_at=None, not_after=None)
    Message.objects.filter(pk=occurrence.message_id).update(anchor="survey_open", offset_days=0)
    response = client.get(of("occurrence_detail", occurrence))
    page = response.context["page"]
    assert (page.can_approve, page.line.look) == (False, "planned")
    assert page.why == f"At once with the opening of the survey for {occurrence.cohort.name}"


# ---- the message


def test_edit_makes_a_revision(client: Client, occurrence: Occurrence) -> None:
    message = occurrence.message
    page = url("message_edit", message.project.slug, message.pk)
    text = {"title": "New", "subject": "For {person_name}", "body": "Hi", "revision": 1}
    assert client.get(page).status_code == 200
    assert client.post(page, text).status_code == 302
    message.refresh_from_db()
    assert (message.title, message.subject, message.body, message.revision) == (
        "New",
        "For {person_name}",
        "Hi",
        2,
    )
    again = client.post(page, {**text, "title": "Newer"})
    assert again.status_code == 409
    assert again.context["form"]["title"].value() == "Newer"


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "Hello {nobody}"},
        {"subject": "a\nb"},
        {"subject": ""},
        {"title": "x" * 201},
        {"body": ""},
        {"revision": ""},
    ],
)
def test_edit_refuses_and_keeps_what_was_typed(
    client: Client, occurrence: Occurrence, wrong: dict[str, str]
) -> None:
    message = occurrence.message
    text = {"title": "New", "subject": "S", "body": "My long text", "revision": 1, **wrong}
    response = client.post(url("message_edit", message.project.slug, message.pk), text)
    assert response.status_code == 422
    assert response.context["form"]["body"].value() == text["body"]
    assert Message.objects.get(pk=message.pk).revision == 1


def test_pause_resume_cancel(client: Client, occurrence: Occurrence) -> None:
    message = occurrence.message

    def post(name: str, **data: int) -> tuple[int, str]:
        code = client.post(url(name, message.project.slug, message.pk), data).status_code
        return code, Message.objects.get(pk=message.pk).status

    assert post("message_pause") == (302, MessageStatus.PAUSED)
    assert post("message_pause") == (409, MessageStatus.PAUSED)
    assert post("message_resume") == (422, MessageStatus.PAUSED)
    assert post("message_resume", people=1) == (409, MessageStatus.PAUSED)
    assert post("message_resume", people=0) == (302, MessageStatus.ACTIVE)
    asked = client.get(url("message_cancel", message.project.slug, message.pk))
    assert [line.occurrence for line in asked.context["open_lines"]] == [occurrence]
    assert post("message_cancel") == (302, MessageStatus.CANCELLED)
    assert post("message_cancel") == (409, MessageStatus.CANCELLED)
    assert state(occurrence) == "cancelled"


# ---- all of them


def _fill(project: Project, number: int) -> Occurrence:
    for _ in range(number):
        cohort = CohortFactory(project=project)
        person = MembershipFactory(cohort=cohort).participant
        message = MessageFactory(project=project)
        soon = now() + timedelta(hours=1)
        OccurrenceFactory(message=message, cohort=cohort, due_at=soon)
        running = OccurrenceFactory(
            message=MessageFactory(project=project),
            cohort=cohort,
            due_at=soon,
            state=OccurrenceState.SENDING,
        )
        for n in range(number):
            DeliveryFactory(occurrence=running, participant__display_name=f"{person} {n}")
    return running


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("message_list", 18),
        ("occurrence_list", 10),
        ("occurrence_detail", 16),
        ("delivery_list", 7),
        ("message_detail", 12),
    ],
)
def test_pages_take_the_same_queries_for_one_and_three(
    client: Client,
    project: Project,
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    queries: int,
    number: int,
) -> None:
    running = _fill(project, number)
    address = {
        "message_list": url("message_list", project.slug),
        "occurrence_list": url("occurrence_list", project.slug),
        "message_detail": url("message_detail", project.slug, running.message_id),
    }.get(name) or of(name, running)
    client.get(address)
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200
