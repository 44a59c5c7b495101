"""The mail of a survey as the sending room builds it: its link opens the survey of that person."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from communications import audiences
from communications.audiences import Recipient
from communications.models import Message, Occurrence
from communications.rendering import RenderedMail, read_mail
from communications.services.content import preview, values_for
from surveys.models import Survey
from surveys.services.opening import open_survey
from tests.communications.skeletons import skeleton_for
from tests.factories.surveys import add_people, draft_survey, survey_messages

NOON = datetime(2038, 6, 10, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def opened(cohort, manager: User, settings: Settings) -> Survey:
    settings.SITE_URL = "https://upgrade.example"
    survey_messages(cohort)
    Message.objects.update(is_mandatory=True)  # then the survey's link is the only one
    add_people(cohort, 2)
    return open_survey(survey=draft_survey(cohort), acting_user=manager, at=NOON)


def recipients(survey: Survey) -> list[Recipient]:
    people = audiences.get("survey_invited").people(invitation_of(survey), NOON)
    return [
        Recipient(key=f"p:{person.pk}", pk=person.pk, name=person.display_name, address=person.upn)
        for person in people.order_by("pk")
    ]


def invitation_of(survey: Survey) -> Occurrence:
    return survey.project.occurrences.select_related("message").get(message__key="ask")


def mail(survey: Survey, recipient: Recipient) -> RenderedMail:
    occurrence = invitation_of(survey)
    raw = skeleton_for(occurrence).render(
        values=values_for(occurrence, [recipient])[recipient.pk],
        to_name=recipient.name,
        to_address=recipient.address,
        message_id="<1@example.org>",
        date=NOON,
    )
    return read_mail(raw)


def link_in(text: str) -> str:
    found = set(re.findall(r"https://upgrade\.example(/[^\s\")<>]+)", text))
    assert len(found) == 1
    return found.pop()


def test_link_of_the_mail_opens_the_survey_of_its_reader(opened: Survey) -> None:
    links = []
    for recipient in recipients(opened):
        built = mail(opened, recipient)
        assert link_in(built.text) == link_in(built.html)
        assert "Thursday 24 June 2038, 23:59 (Europe/Berlin)" in built.text
        client = Client()
        response = client.get(link_in(built.text), follow=True)
        assert response.redirect_chain == [(f"/survey/{opened.pk}/", 302)]
        assert response.status_code == 200
        links.append(link_in(built.text))
    assert len(set(links)) == 2


def test_preview_differs_from_the_mail_in_the_link_only(opened: Survey) -> None:
    (recipient, _other) = recipients(opened)
    sent, shown = mail(opened, recipient), preview(invitation_of(opened), recipient)
    assert (shown.subject, shown.text.replace(link_in(shown.text), link_in(sent.text))) == (
        sent.subject,
        sent.text,
    )
    assert link_in(shown.text) == f"/projects/{opened.project.slug}/surveys/{opened.pk}/preview/"
