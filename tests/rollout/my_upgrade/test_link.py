"""The personal link: what it opens, what it gives away, what reading changes."""

import io
import logging
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from cohorts.models import Cohort, Participant
from cohorts.services.deferrals import ask_deferral
from cohorts.services.links import revoke_links
from common import limits, links
from tests.factories.cohorts import MembershipFactory, ParticipantFactory
from tests.factories.projects import ProjectFactory
from tests.factories.surveys import InvitationFactory, SurveyFactory
from tests.hostile.tables import contents
from tests.rollout.my_upgrade.visiting import (
    AT,
    HOME,
    PAGES,
    link_of,
    token_of,
    visitor,
)


def test_link_leads_to_an_address_without_a_token(person: Participant) -> None:
    client = Client()
    response = client.get(link_of(person))
    assert (response.status_code, response["Location"]) == (302, HOME)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    cookie = client.cookies["my-upgrade"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (HOME, True, "Lax")
    assert token_of(person) not in cookie.value
    page = client.get(HOME)
    assert page.status_code == 200
    assert token_of(person) not in page.text
    assert page["Referrer-Policy"] == "same-origin"


def broken(token: str, at: int) -> str:
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]


def wrong_links(person: Participant) -> dict[str, str]:
    token = token_of(person)
    gone = ParticipantFactory(project=person.project, status="left")
    erased = ParticipantFactory(project=person.project, status="erased")
    closed = MembershipFactory(cohort__project=ProjectFactory(status="closed")).participant
    revoked = links.token("my-upgrade", person.public_id, person.link_generation + 1)
    foreign = links.token("survey", person.public_id, person.link_generation)
    return {
        "nonsense": "/me/nonsense/",
        "altered id": f"/me/{broken(token, 3)}/",
        "altered generation": f"/me/{broken(token, 24)}/",
        "altered signature": f"/me/{broken(token, 40)}/",
        "cut": f"/me/{token[:-1]}/",
        "another generation": f"/me/{revoked}/",
        "of a survey": f"/me/{foreign}/",
        "left": link_of(gone),
        "erased": link_of(erased),
        "closed project": link_of(closed),
        "no cookie": HOME,
        "no cookie, deeper": f"{HOME}date/",
        "no cookie, calendar": f"{HOME}switch.ics",
        "no cookie, survey": f"{HOME}surveys/1/",
    }


def test_every_wrong_link_shows_the_same_calm_page(person: Participant) -> None:
    answers = {name: Client().get(path) for name, path in wrong_links(person).items()}
    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({answer.content for answer in answers.values()}) == 1
    assert [answer.cookies for answer in answers.values() if answer.cookies] == []
    assert "This link does not open a page" in answers["cut"].text


def test_revoked_link_opens_nothing_any_more(client: Client, person: Participant) -> None:
    old = link_of(person)
    revoke_links(participant=person, acting_user=person.project.created_by)
    calm = Client().get("/me/nonsense/").content
    answers = [Client().get(old), *(client.get(HOME + path) for path in PAGES)]
    assert {(answer.status_code, answer.content == calm) for answer in answers} == {(404, True)}
    assert client.post(f"{HOME}problem/", {"text": "x"}).status_code == 404
    assert visitor(person).get(HOME).status_code == 200


@pytest.mark.parametrize("change", [{"status": "left"}, {"status": "erased"}])
def test_who_has_left_is_sent_away(
    client: Client, person: Participant, change: dict[str, str]
) -> None:
    assert client.get(HOME).status_code == 200
    Participant.objects.filter(pk=person.pk).update(**change)
    assert client.get(HOME).status_code == 404


def test_visit_ends_with_its_cookie(client: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(days=29))
    assert client.get(HOME).status_code == 200
    clock.shift(timedelta(days=2))
    assert client.get(HOME).status_code == 404


def test_forged_cookie_opens_nothing(person: Participant) -> None:
    client = Client()
    client.cookies["my-upgrade"] = f"{person.public_id.hex}.1.0:1abcde:xyz"
    assert client.get(HOME).status_code == 404


def test_only_unknown_links_count_against_an_address(
    person: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNKNOWN_ALLOWED", 3)
    client = Client()
    for _ in range(5):
        assert client.get(link_of(person)).status_code == 302
    assert [client.get("/me/wrong/").status_code for _ in range(4)] == [404, 404, 404, 429]
    assert client.get(link_of(person)).status_code == 302


def test_reading_changes_nothing(client: Client, person: Participant, second: Cohort) -> None:
    ask_deferral(participant=person, reason="At sea.", acting_user=None, at=AT)
    invitation = InvitationFactory(
        survey=SurveyFactory(cohort=person.memberships.get().cohort), participant=person
    )
    before = contents()
    paths = [*PAGES, "switch.ics", f"surveys/{invitation.survey_id}/"]
    statuses = {
        (path, method): getattr(client, method)(path).status_code
        for path in [link_of(person), *(HOME + path for path in paths)]
        for method in ("get", "head")
    }
    assert set(statuses.values()) == {200, 302}
    assert contents() == before


def test_token_is_in_no_line_of_the_log(person: Participant) -> None:
    root, stream = logging.getLogger(), io.StringIO()
    formatter = next(
        handler.formatter
        for handler in root.handlers
        if type(handler.formatter).__module__.startswith("structlog")
    )
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    token = token_of(person)
    try:
        client = visitor(person)
        client.get(HOME, HTTP_REFERER=f"https://example.org/me/{token}/")
        client.get(f"/me/{token[:-1]}/")
        logging.getLogger("django.server").info('"GET /me/%s/ HTTP/1.1" 302', token)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    lines = stream.getvalue()
    assert "/me/***/" in lines
    assert token[:20] not in lines
    assert client.cookies["my-upgrade"].value[:32] not in lines
