"""What a participant can do on their own page, in two steps."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from cohorts.models import Cohort, Deferral, Membership, Participant, Problem
from cohorts.services.deferrals import approve_deferral, ask_deferral, refuse_deferral
from cohorts.services.problems import solve_problem
from projects.models import Event, Project
from tests.factories.cohorts import MembershipFactory
from tests.hostile.tables import contents
from tests.rollout.my_upgrade.visiting import AT, HOME, PAGES, link_of, mark, post


def test_choosing_a_date_takes_two_steps(
    client: Client, person: Participant, second: Cohort
) -> None:
    assert "Choose another date" in client.get(HOME).text
    before = contents()
    first_step = post(client, "date/", cohort=second.pk)
    assert first_step.status_code == 200
    assert "Tuesday 15 June 2038 at 18:00 (Europe/Berlin), with “Wave 2”" in first_step.text
    assert contents() == before
    second_step = post(client, "date/", cohort=second.pk, sure="on")
    assert (second_step.status_code, second_step["Location"]) == (302, HOME)
    row = Membership.objects.get()
    assert (row.cohort, row.placed_by) == (second, "choice")
    text = client.get(HOME).text
    assert "You have a new date." in text
    assert "You switch to Teams only on 15 June" in text


def test_second_step_carries_what_the_first_one_said(client: Client, second: Cohort) -> None:
    text = post(client, "date/", cohort=second.pk).text
    assert f'name="cohort" value="{second.pk}"' in text
    assert 'name="sure" value="on"' in text


def test_choosing_twice_moves_once(client: Client, second: Cohort) -> None:
    data = {"visit": mark(client), "cohort": second.pk, "sure": "on"}
    assert client.post(f"{HOME}date/", data).status_code == 302
    assert client.post(f"{HOME}date/", data).status_code == 422
    assert Event.objects.filter(verb="cohort.chosen").count() == 1


def test_full_cohort_is_told_in_words_for_people(client: Client, second: Cohort) -> None:
    data = {"visit": mark(client), "cohort": second.pk, "sure": "on"}
    Cohort.objects.filter(pk=second.pk).update(capacity=1)
    MembershipFactory(cohort=second)
    response = client.post(f"{HOME}date/", data)
    assert response.status_code == 422
    assert "This date is no longer open." in response.text
    assert Membership.objects.filter(cohort=second).count() == 1


@pytest.mark.parametrize("cohort", ["", "0", "x", "9" * 30])
def test_date_that_is_not_offered_is_refused(client: Client, second: Cohort, cohort: str) -> None:
    assert post(client, "date/", cohort=cohort, sure="on").status_code == 422
    assert Membership.objects.get(participant__display_name__contains="Jonas").cohort != second


def test_asking_for_a_later_date(client: Client, person: Participant, second: Cohort) -> None:
    assert "Would one of these suit you?" in client.get(f"{HOME}later/").text
    response = post(client, "later/", reason="At sea.", until="2038-06-30", to_cohort=second.pk)
    assert response.status_code == 302
    stored = Deferral.objects.get()
    assert (stored.participant, stored.reason, stored.to_cohort, stored.asked_by) == (
        person,
        "At sea.",
        second,
        None,
    )
    text = client.get(HOME).text
    assert "You asked for a later date on 10 May 2038." in text
    assert "At sea." not in text
    assert "You have asked already" in client.get(f"{HOME}later/").text
    again = post(client, "later/", reason="Still at sea.")
    assert (again.status_code, Deferral.objects.count()) == (409, 1)
    assert "waits for an answer" in again.text


def test_withdrawing_takes_two_steps(client: Client, person: Participant) -> None:
    ask_deferral(participant=person, reason="At sea.", acting_user=None, at=AT)
    assert "would be withdrawn" in client.get(f"{HOME}later/withdraw/").text
    assert Deferral.objects.get().status == "asked"
    assert post(client, "later/withdraw/").status_code == 302
    assert Deferral.objects.get().status == "withdrawn"
    assert post(client, "later/withdraw/").status_code == 302
    assert client.get(f"{HOME}later/withdraw/").status_code == 302


def test_answer_stands_on_the_page(
    client: Client, person: Participant, second: Cohort, manager: User
) -> None:
    ask = {"participant": person, "reason": "At sea.", "acting_user": None, "at": AT}
    refuse_deferral(deferral=ask_deferral(**ask), note="Sorry.", acting_user=manager, at=AT)
    text = client.get(HOME).text
    assert "could not be met" in text
    assert "Sorry." in text
    approve_deferral(
        deferral=ask_deferral(**ask),
        to_cohort=second,
        until=date(2038, 7, 1),
        note="Safe journey.",
        acting_user=manager,
        at=AT,
    )
    text = client.get(HOME).text
    assert "this is your new date" in text
    assert "Safe journey." in text
    assert "Sorry." not in text


def test_reporting_a_problem(client: Client, person: Participant, manager: User) -> None:
    response = post(client, "problem/", text="No sound.", is_blocking="on")
    assert response.status_code == 302
    stored = Problem.objects.get()
    assert (stored.text, stored.is_blocking, stored.reported_by) == ("No sound.", True, None)
    text = client.get(HOME).text
    assert "Reported on 10 May 2038." in text
    assert "No sound." not in text
    again = post(client, "problem/", text="No sound.")
    assert (again.status_code, Problem.objects.count()) == (409, 1)
    solve_problem(problem=stored, note="New headset.", acting_user=manager, at=AT)
    assert "New headset." in client.get(HOME).text


def test_champion_signs_up_in_two_steps(client: Client, person: Participant) -> None:
    page = client.get(f"{HOME}champion/").text
    assert 'name="wish" value="yes"' in page
    for _ in range(2):  # pressed twice is still one wish
        assert post(client, "champion/", wish="yes").status_code == 302
        assert Participant.objects.get(pk=person.pk).champion_since == AT
    assert "You are a champion." in client.get(HOME).text
    assert 'name="wish" value="no"' in client.get(f"{HOME}champion/").text
    post(client, "champion/", wish="no")
    assert Participant.objects.get(pk=person.pk).champion_since is None


def test_form_shown_to_one_person_is_not_sent_as_another(
    client: Client, person: Participant, first: Cohort
) -> None:
    shown = mark(client)
    client.get(link_of(MembershipFactory(cohort=first).participant))
    response = client.post(f"{HOME}problem/", {"visit": shown, "text": "No sound."})
    assert response.status_code == 409
    assert "Nothing was sent" in response.text
    assert Problem.objects.count() == 0


@pytest.mark.parametrize("path", PAGES[1:])
def test_nothing_is_written_without_the_mark_of_the_form(client: Client, path: str) -> None:
    before = contents()
    for data in ({}, {"visit": "x"}, {"visit": "\0"}):
        assert client.post(HOME + path, data).status_code in (400, 409)
    assert contents() == before


def test_post_without_a_csrf_token_is_refused(person: Participant) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(link_of(person))
    data = {"visit": mark(client), "text": "No sound."}
    assert client.post(f"{HOME}problem/", data).status_code == 403
    data["csrfmiddlewaretoken"] = client.cookies["csrftoken"].value
    assert client.post(f"{HOME}problem/", data).status_code == 302


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("later/", {"reason": "\0"}),
        ("later/", {"reason": "x", "until": "yesterday"}),
        ("later/", {"reason": "x", "until": "2038-01-01"}),
        ("later/", {"reason": "x" * 2001}),
        ("later/", {"reason": "x", "to_cohort": "7\0"}),
        ("problem/", {"text": " "}),
        ("problem/", {"text": "a\0b"}),
        ("champion/", {"wish": "perhaps\0"}),
    ],
)
def test_garbage_is_refused(
    client: Client, second: Cohort, path: str, data: dict[str, str]
) -> None:
    before = contents()
    assert post(client, path, **data).status_code in (200, 400, 422)
    assert contents() == before


def test_hostile_texts_are_shown_as_they_are(
    client: Client, project: Project, person: Participant
) -> None:
    Cohort.objects.update(name="<b>W</b>")
    Participant.objects.update(display_name="<script>x</script>")
    text = client.get(HOME).text
    assert [bad for bad in ("<b>W</b>", "<script>x") if bad in text] == []
    assert "&lt;b&gt;W&lt;/b&gt;" in text


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("champion/", {"wish": "yes"}),
        ("later/", {"reason": "At sea."}),
        ("problem/", {"text": "No sound."}),
        ("date/", {"sure": "on"}),
    ],
)
def test_who_leaves_meanwhile_is_refused_in_words(
    client: Client, person: Participant, second: Cohort, path: str, data: dict[str, str]
) -> None:
    cohort = {"cohort": second.pk} if path == "date/" else {}
    shown, left = {"visit": mark(client), **cohort, **data}, []

    def leaving(execute: Any, sql: str, *rest: Any) -> Any:
        """The person leaves as soon as the page has found them."""
        result = execute(sql, *rest)
        if not left and "link_generation" in sql:
            left.append(Participant.objects.filter(pk=person.pk).update(status="left"))
        return result

    with connection.execute_wrapper(leaving):
        response = client.post(HOME + path, shown)
    assert (left, response.status_code) == ([1], 302 if path == "champion/" else 422)
    assert Membership.objects.get().cohort != second
    assert (Problem.objects.count(), Participant.objects.get().champion_since) == (0, None)
    assert client.get(HOME).status_code == 404
