"""The pages on which a message gets more languages, without JavaScript: from list to mail."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from cohorts.models import Cohort, Participant
from communications.models import Message, MessageVariant
from communications.services.shared_values import day_in_full
from projects.models import Project
from tests.communications.test_authoring import FORM
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory, VariantFactory

pytestmark = pytest.mark.django_db
GERMAN = {
    "language": "de",
    "subject": "Ihr Umzug am {switch_date}",
    "body": "Guten Tag {person_name}, mit {cohort_name} um {switch_time}.",
    "revision": "1",
    "sample": "reader",
}


@pytest.fixture
def client(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


@pytest.fixture
def wave(project: Project) -> Cohort:
    return CohortFactory(project=project, name="Wave 1")


@pytest.fixture
def message(wave: Cohort) -> Message:
    return MessageFactory(project=wave.project)


def url(name: str, message: Message, *more: str) -> str:
    return reverse(f"communications:{name}", args=[message.project.slug, message.pk, *more])


def reader(wave: Cohort, name: str, language: str) -> None:
    MembershipFactory(
        cohort=wave,
        participant__project=wave.project,
        participant__display_name=name,
        participant__language=language,
    )


def test_a_language_is_written_changed_and_removed(
    client: Client, message: Message, wave: Cohort
) -> None:
    reader(wave, "Uwe", "de-AT")
    page = client.get(url("message_detail", message)).content.decode()
    assert "British English: there is no text for them" in page
    assert f"{url('language_new', message)}?language=de" in page
    form = client.get(url("language_new", message), {"language": "de"}).context["form"]
    assert form.fields["language"].choices[1] == ("Read by your people", [("de", "German (1)")])
    assert form["language"].value() == "de"
    assert client.post(url("language_new", message), GERMAN).url == url("message_detail", message)
    assert MessageVariant.objects.get().body == GERMAN["body"]
    changed = GERMAN | {"revision": "2", "subject": "Neu {switch_date}"}
    assert client.get(url("language_edit", message, "de")).status_code == 200
    assert client.post(url("language_edit", message, "de"), changed).status_code == 302
    assert MessageVariant.objects.get().subject == "Neu {switch_date}"
    assert client.post(url("language_remove", message, "de")).status_code == 302
    assert MessageVariant.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"body": "Guten Tag"}, 422, "The message&#x27;s own text names {person_name}"),
        ({"body": ""}, 422, "This field is required."),
        ({"revision": "7"}, 409, "Somebody else saved this message meanwhile."),
        ({"language": "en-gb"}, 422, "Select a valid choice."),
        ({"language": "xx-yy"}, 422, "Select a valid choice."),
    ],
)
def test_what_was_typed_is_kept_beside_the_sentence(
    client: Client, message: Message, changes: dict[str, str], status: int, sentence: str
) -> None:
    response = client.post(url("language_new", message), GERMAN | changes)
    page = response.content.decode()
    assert (response.status_code, sentence in page, GERMAN["subject"] in page) == (
        status,
        True,
        True,
    )
    assert MessageVariant.objects.count() == 0


def test_a_language_that_has_a_text_is_not_written_a_second_time(
    client: Client, message: Message
) -> None:
    VariantFactory(message=message, body="Die erste {person_name} {cohort_name} {switch_time}")
    assert client.post(url("language_new", message), GERMAN).status_code == 422
    assert MessageVariant.objects.get().body.startswith("Die erste")
    for name in ("language_edit", "language_remove"):
        assert client.post(url(name, message, "fr"), GERMAN).status_code == 404


def test_the_preview_is_the_mail_of_somebody_who_reads_it(
    client: Client, message: Message, wave: Cohort
) -> None:
    reader(wave, "Al", "en")
    reader(wave, "Uwe", "de-AT")
    reader(wave, "Zenobia Featherstonehaugh", "en")
    shown = {
        sample: client.post(url("language_preview", message), GERMAN | {"sample": sample})
        for sample in ("reader", "longest", "late")
    }
    with translation.override("de"):
        day = day_in_full(wave.switch_on)
    assert f"To Uwe, subject “Ihr Umzug am {day}”, reads German" in (
        shown["reader"].content.decode()
    )
    assert "Guten Tag <bdi>Zenobia" in shown["longest"].content.decode()
    assert {response.status_code for response in shown.values()} == {200}
    lost = client.post(url("language_preview", message), GERMAN | {"body": "x"})
    assert (lost.status_code, b"{person_name}" in lost.content) == (422, True)
    assert MessageVariant.objects.count() == 0


def preview_of(client: Client, project: Project, **changes: Any) -> str:
    address = reverse("communications:message_preview", args=[project.slug])
    return client.post(address, FORM | changes).content.decode()


def test_the_preview_of_the_whole_message_knows_its_languages(
    client: Client, message: Message, wave: Cohort, project: Project
) -> None:
    reader(wave, "Uwe", "de")
    VariantFactory(message=message, body="Guten Tag {person_name}")
    asked = {"sample": "language", "languages_of": str(message.pk)}
    assert "Guten Tag <bdi>Uwe" in preview_of(client, project, **asked)
    assert "Guten Tag" not in preview_of(client, project, sample="language")
    short = {"late_policy": "short", "short_subject": "S", "short_body": "Only this, {person_name}"}
    assert "Only this, <bdi>Uwe" in preview_of(client, project, **short, sample="late")
    foreign = MessageFactory()
    address = reverse("communications:message_preview", args=[project.slug])
    response = client.post(address, FORM | {"languages_of": str(foreign.pk)})
    assert response.status_code == 404


def test_a_copy_takes_its_languages_along(
    client: Client, message: Message, project: Project
) -> None:
    VariantFactory(message=message)
    form = client.get(url("message_copy", message)).context["form"]
    found = {name: form[name].value() for name in form.fields}
    values = {name: value for name, value in found.items() if value}
    response = client.post(reverse("communications:message_new", args=[project.slug]), values)
    assert response.status_code == 302
    copy = Message.objects.latest("pk")
    assert (copy.pk != message.pk, [v.language for v in copy.variants.all()]) == (True, ["de"])


def test_the_short_version_is_asked_for(client: Client, project: Project, wave: Cohort) -> None:
    address = reverse("communications:message_new", args=[project.slug])
    response = client.post(address, FORM | {"late_policy": "short", "short_subject": "S"})
    assert response.context["form"].errors == {
        "short_body": ["Write what those who join late read."]
    }
    complete = FORM | {"late_policy": "short", "short_subject": "S", "short_body": "B"}
    assert client.post(address, complete | {"language": "de"}).status_code == 302
    message = Message.objects.get()
    assert (message.late_policy, message.short_body, message.language) == ("short", "B", "de")


def test_a_sending_says_who_gets_which_text(client: Client, message: Message, wave: Cohort) -> None:
    VariantFactory(message=message)
    occurrence = OccurrenceFactory(message=message, cohort=wave)
    for name, language in (("Al", "en"), ("Uwe", "de"), ("Zoé", "fr"), ("Léa", "fr")):
        reader(wave, name, language)
    address = reverse(
        "communications:occurrence_detail", args=[message.project.slug, occurrence.pk]
    )
    page = client.get(address).content.decode()
    for sentence in (
        "1 person reads it in British English",
        "1 person reads it in German",
        "2 people read French and get British English",
    ):
        assert sentence in page
    with_those_who_get_nothing = "Counted with those who get nothing."
    assert with_those_who_get_nothing not in page
    Participant.objects.filter(display_name="Uwe").update(mail="", upn="")
    assert with_those_who_get_nothing in client.get(address).content.decode()
