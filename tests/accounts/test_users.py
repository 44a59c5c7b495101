"""Making accounts: by invitation, by name, the first administrator; profile and zone."""

import re

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.exceptions import AccountRefused, AdministratorExists
from accounts.models import User
from accounts.services.users import ensure_user, invite_user, make_first_administrator
from accounts.tokens import first_admin_token
from tests.factories.people import UserFactory

PASSWORD = "correct horse battery staple"


def test_invited_person_sets_a_password_with_the_link(
    client, db, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        user = invite_user(email=" Bea@Example.org ", name="Bea Boss")
    assert (user.email, user.name, user.has_usable_password(), user.is_superuser) == (
        "bea@example.org",
        "Bea Boss",
        False,
        False,
    )
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["bea@example.org"], "Your account for Upgrade Tracker")
    path = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.body)[1]
    address = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(address, {"password1": PASSWORD, "password2": PASSWORD})
    data = {"login": "bea@example.org", "password": PASSWORD}
    assert client.post("/accounts/login/", data).status_code == 302


def test_invitation_leaves_only_with_the_commit(db, mailoutbox):
    with transaction.atomic():
        invite_user(email="bea@example.org")
        transaction.set_rollback(True)
    assert mailoutbox == []
    assert not User.objects.filter(email="bea@example.org").exists()


def test_invitation_is_held_back_by_the_allow_list(
    db, mailoutbox, settings, django_capture_on_commit_callbacks
):
    settings.MAIL_ALLOW_LIST = ["boss@example.org"]
    with django_capture_on_commit_callbacks(execute=True):
        invite_user(email="bea@example.org")
        invite_user(email="Boss@example.org")
    assert [mail.to for mail in mailoutbox] == [["boss@example.org"]]


def test_ensured_user_is_the_one_there_is(db, mailoutbox):
    user = UserFactory(email="bea@example.org")
    assert ensure_user(email="BEA@example.org ") == user
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b.c, d@e.f", "a\0@b.example", "a@b.c\nBcc: x@y.z"]
)
def test_address_that_is_none_is_refused(email, db):
    with pytest.raises(AccountRefused):
        ensure_user(email=email)
    assert not User.objects.exists()


def test_address_is_one_account_in_any_case(db):
    UserFactory(email="bea@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="BEA@example.org")
    with pytest.raises(AccountRefused):
        invite_user(email="BEA@example.org")


# ---- the first administrator


def link(capsys):
    call_command("first_admin_link")
    return capsys.readouterr().out.strip()


FIRST = {"email": "root@example.org", "name": "Root", "password": PASSWORD}


def test_first_administrator_is_made_once(client, db, capsys, as_user):
    path = link(capsys)
    assert client.get(path).status_code == 200
    response = client.post(path, FIRST)
    assert (response.status_code, response.url) == (302, "/")
    user = User.objects.get()
    assert (user.email, user.is_superuser, user.is_staff) == ("root@example.org", True, True)
    assert client.session["_auth_user_id"] == str(user.pk)
    second = as_user(None).post(path, {**FIRST, "email": "other@example.org"})
    assert second.status_code == 404
    assert User.objects.count() == 1
    with pytest.raises(CommandError, match="There is an administrator already"):
        call_command("first_admin_link")
    with pytest.raises(AdministratorExists):
        make_first_administrator(**FIRST)


@pytest.mark.parametrize(
    "changes", [{"email": "x"}, {"name": ""}, {"password": "short"}, {"password": "123456789012"}]
)
def test_first_administrator_refuses_weak_or_missing_answers(changes, client, db, capsys):
    response = client.post(link(capsys), {**FIRST, **changes})
    assert response.status_code == 422
    assert not User.objects.exists()


def test_first_administrator_link_is_signed_and_gets_old(client, db):
    with time_machine.travel("2038-01-04 09:00Z", tick=False) as clock:
        path = f"/accounts/first-admin/{first_admin_token()}/"
        assert client.get(path[:-2] + ("A/" if path[-2] != "A" else "B/")).status_code == 404
        assert client.get("/accounts/first-admin/anything/").status_code == 404
        clock.move_to("2038-01-05 08:59Z")
        assert client.get(path).status_code == 200
        clock.move_to("2038-01-05 09:01Z")
        assert client.get(path).status_code == 404


def test_first_administrator_link_as_json(db, capsys):
    call_command("first_admin_link", "--json")
    assert re.fullmatch(r'\{"path": "/accounts/first-admin/[^/"]+/"\}\n', capsys.readouterr().out)


# ---- one's own profile


def test_profile_is_saved_and_its_zone_shown(as_user, manager, project):
    client = as_user(manager)
    data = {"name": "Mona M.", "timezone": "Asia/Tokyo"}
    assert client.post("/accounts/profile/", data).status_code == 302
    manager.refresh_from_db()
    assert (manager.name, manager.timezone) == ("Mona M.", "Asia/Tokyo")
    assert "Asia/Tokyo (JST, UTC+9)" in client.get(f"/projects/{project.slug}/steps/").text


@pytest.mark.parametrize(
    "data",
    [
        {"name": "", "timezone": ""},
        {"name": "M", "timezone": "Mars/Base"},
        {"name": "M" * 201, "timezone": ""},
    ],
)
def test_profile_refuses_nonsense(data, as_user, manager):
    assert as_user(manager).post("/accounts/profile/", data).status_code == 422
    manager.refresh_from_db()
    assert (manager.name, manager.timezone) == ("Mona Manager", "")
