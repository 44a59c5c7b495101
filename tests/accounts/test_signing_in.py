"""Signing in and out, passwords, what is offered and what is not."""

import logging
import re

import pytest
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from structlog.stdlib import ProcessorFormatter

from accounts.models import SignIn, User
from tests.factories.people import PASSWORD, UserFactory

NEW = "a much better password"


def sign_in(client, email, password, **more):
    return client.post("/accounts/login/", {"login": email, "password": password}, **more)


def test_sign_in_leads_where_one_wanted_to_go(client, project, manager):
    page = client.get(f"/projects/{project.slug}/steps/")
    assert page.url == f"/accounts/login/?next=/projects/{project.slug}/steps/"
    form = client.get(page.url)
    assert form.status_code == 200
    assert f'value="/projects/{project.slug}/steps/"' in form.text
    data = {
        "login": manager.email,
        "password": PASSWORD,
        "next": f"/projects/{project.slug}/steps/",
    }
    assert client.post("/accounts/login/", data).url == f"/projects/{project.slug}/steps/"


def test_sign_in_never_leads_to_another_site(client, manager):
    data = {"login": manager.email, "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/accounts/login/", data).url == "/"


def test_sign_in_takes_the_address_in_any_case(client, manager):
    assert sign_in(client, manager.email.upper(), PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [("known", "wrong"), ("nobody@example.com", PASSWORD), ("", ""), ("no address", "x")],
)
def test_sign_in_with_something_wrong_is_422_and_says_the_same(email, password, client, manager):
    response = sign_in(client, manager.email if email == "known" else email, password)
    assert response.status_code == 422
    assert "_auth_user_id" not in client.session


def test_unknown_address_and_wrong_password_are_told_alike(client, manager):
    told = [
        re.findall(
            r'<div class="alert alert-danger".*?</div>',
            sign_in(client, email, "wrong password").text,
            re.DOTALL,
        )
        for email in (manager.email, "nobody@example.com")
    ]
    assert told[0] == told[1] != []


def test_switched_off_account_cannot_sign_in(client, db):
    user = UserFactory(is_active=False)
    sign_in(client, user.email, PASSWORD)
    assert "_auth_user_id" not in client.session


def test_account_switched_off_while_signed_in_is_out(as_user, manager, project):
    client = as_user(manager)
    assert client.get(f"/projects/{project.slug}/steps/").status_code == 200
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert client.get(f"/projects/{project.slug}/steps/").status_code == 302


def test_sign_out_needs_a_post(as_user, manager):
    client = as_user(manager)
    client.get("/accounts/logout/")
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_sign_in_is_slowed_down_after_failures(client, manager):
    statuses = [sign_in(client, manager.email, "wrong").status_code for _ in range(11)]
    assert statuses[0] == 422
    response = sign_in(client, manager.email, PASSWORD)
    assert response.status_code in (422, 429)
    assert "_auth_user_id" not in client.session


def test_log_keeps_successes_and_failures_without_unknown_addresses(client, manager):
    sign_in(client, manager.email, "wrong", REMOTE_ADDR="192.0.2.7")
    sign_in(client, "nobody@example.com", "wrong", REMOTE_ADDR="192.0.2.7")
    sign_in(client, manager.email, PASSWORD, REMOTE_ADDR="2001:db8::1")
    assert list(SignIn.objects.order_by("pk").values_list("user", "is_success", "address")) == [
        (manager.pk, False, "192.0.2.7"),
        (None, False, "192.0.2.7"),
        (manager.pk, True, "2001:db8::1"),
    ]


def test_password_reset_by_mail(client, manager, mailoutbox):
    assert client.post("/accounts/password/reset/", {"email": manager.email}).status_code == 302
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (
        [manager.email],
        "Your new password for Upgrade Tracker",
    )
    path = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.body)[1]
    form = client.get(path, follow=True)
    assert form.status_code == 200
    address = form.redirect_chain[-1][0]
    assert address.endswith("-set-password/")
    short = client.post(address, {"password1": "short", "password2": "short"})
    assert short.status_code == 422
    client.post(address, {"password1": NEW, "password2": NEW})
    assert sign_in(client, manager.email, NEW).status_code == 302
    used = client.get(path)
    assert "This link does not work any more" in used.text


def test_password_reset_for_an_unknown_address_says_nothing(client, db, mailoutbox):
    response = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (response.status_code, response.url) == (302, "/accounts/password/reset/done/")
    assert mailoutbox == []


def test_password_reset_obeys_the_allow_list(client, manager, mailoutbox, settings):
    settings.MAIL_ALLOW_LIST = ["@elsewhere.example"]
    client.post("/accounts/password/reset/", {"email": manager.email})
    assert mailoutbox == []
    settings.MAIL_ALLOW_LIST = ["@" + manager.email.partition("@")[2]]
    client.post("/accounts/password/reset/", {"email": manager.email})
    assert [mail.to for mail in mailoutbox] == [[manager.email]]


def test_mail_server_that_is_away_is_no_error_page(client, manager, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 2
    assert client.post("/accounts/password/reset/", {"email": manager.email}).status_code == 302


def test_password_is_changed_by_its_owner(as_user, manager):
    client = as_user(manager)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    wrong = client.post("/accounts/password/change/", {**data, "oldpassword": "wrong"})
    assert wrong.status_code == 422
    assert client.post("/accounts/password/change/", data).status_code == 302
    manager.refresh_from_db()
    assert manager.check_password(NEW)


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_confirm_login_code"])
def test_what_we_do_not_offer_has_no_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("path", ["signup/", "email/", ""])
def test_what_we_do_not_offer_is_404(path, client, db):
    assert client.get(f"/accounts/{path}").status_code == 404


def test_admin_pages_ask_for_our_own_sign_in(client, admin, manager, as_user):
    assert client.get("/admin/login/?next=/admin/").url == "/accounts/login/?next=%2Fadmin%2F"
    assert as_user(manager).get("/admin/login/").status_code == 403


@pytest.mark.parametrize(
    "where",
    [
        "accounts/user/",
        "accounts/user/add/",
        "accounts/signin/",
        "projects/project/",
        "projects/stakeholder/",
        "projects/event/",
    ],
)
def test_admin_page_opens(where, admin, project, as_user):
    assert as_user(admin).get(f"/admin/{where}").status_code == 200


def test_admin_makes_an_account_that_can_sign_in(admin, as_user, client):
    data = {
        "email": "new@example.org",
        "name": "New",
        "usable_password": "true",
        "password1": NEW,
        "password2": NEW,
    }
    assert as_user(admin).post("/admin/accounts/user/add/", data).status_code == 302
    assert sign_in(client, "new@example.org", NEW).status_code == 302
    twice = as_user(admin).post("/admin/accounts/user/add/", {**data, "email": "NEW@example.org"})
    assert twice.status_code == 200
    assert User.objects.filter(email__iexact="new@example.org").count() == 1


def test_passwords_are_not_logged_or_stored_plain(client, manager, caplog):
    sign_in(client, manager.email, PASSWORD)
    assert PASSWORD not in caplog.text
    assert PASSWORD not in User.objects.get(pk=manager.pk).password
    assert settings.SESSION_COOKIE_HTTPONLY


@pytest.mark.parametrize(
    "path", ["/accounts/password/reset/key/h-c0ffee-5ec4e7/", "/accounts/first-admin/1x:5ec4e7/"]
)
def test_links_that_open_something_are_not_logged(path, client, db, caplog):
    formats = [
        handler.formatter
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    ]
    client.get(path)
    logged = "".join(formats[0].format(record) for record in caplog.records)
    assert path.rsplit("/", 2)[0] + "/***/" in logged
    assert "5ec4e7" not in logged
