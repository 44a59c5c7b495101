"""New project: the address shows the plan and saves nothing, the button makes what was shown."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import User
from playbooks.library import get_playbook, list_playbooks
from projects.models import Project, Step
from rollout.drafts import plan_project
from tests.rollout.drafts import NAME, draft_for, form_of

pytestmark = pytest.mark.django_db
AsUser = Callable[[User | None], Client]
URL = "/projects/new/"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def client(as_user: AsUser, manager: User) -> Client:
    return as_user(manager)


def digest_on(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def typed(page: str, name: str) -> str:
    """What stands in a text field of the first form."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert found
    value = re.search(r'value="([^"]*)"', found[0])
    return unescape(value[1]) if value else ""


def titles_in(page: str, picture: str) -> list[str]:
    """What a pointer is told over the marks of one of the two drawings."""
    drawing = page.split(f'<svg class="{picture}"')[1]
    drawing = drawing.split('<svg class="narrow"')[0] if picture == "wide" else drawing
    return [unescape(title) for title in re.findall(r"<title>([^<]*)</title>", drawing)]


def words(day: date) -> str:
    return date_format(day, "D j M Y")


def test_empty_form_asks_and_shows_no_plan(client: Client) -> None:
    response = client.get(URL)
    assert response.status_code == 200
    assert response.context["plan"] is None
    assert "Make this project" not in response.content.decode()


@pytest.mark.parametrize("key", list_playbooks())
def test_preview_shows_every_step_as_a_bar_and_saves_nothing(client: Client, key: str) -> None:
    draft = draft_for(key)
    response = client.get(URL, form_of(draft))

    page = response.content.decode()
    schedule = plan_project(draft).schedule
    bars = [
        f"{step.title}: {words(schedule.step(step.key).starts_on)}"
        f" to {words(schedule.step(step.key).ends_on)}, to do"
        for step in get_playbook(key).steps
    ]
    assert response.status_code == 200
    for picture in ("wide", "narrow"):
        shown = [title for title in titles_in(page, picture) if title in bars]
        assert sorted(shown) == sorted(bars)
    assert page.count('class="tl-row-step"') == len(bars)  # the table with the same dates
    assert digest_on(page) == plan_project(draft).digest
    assert Project.objects.count() == 0


def test_preview_names_what_does_not_fit(client: Client) -> None:
    draft = draft_for("teams-upgrade", target_on=date(2038, 4, 1), wave_count=6)
    response = client.get(URL, form_of(draft))
    page = unescape(response.content.decode())
    warnings = plan_project(draft).schedule.warnings
    assert {warning.code for warning in warnings} >= {
        "target_before_last_switch",
        "shortened",
        "window_long",
    }
    for warning in warnings:
        assert str(warning.sentence) in page


def test_button_makes_the_project_that_was_shown(client: Client, manager: User) -> None:
    draft = draft_for("teams-upgrade")
    digest = digest_on(client.get(URL, form_of(draft)).content.decode())

    response = client.post(URL, form_of(draft, digest=digest))

    project = Project.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/projects/{project.slug}/")
    assert (project.name, project.created_by) == (NAME, manager)
    assert Step.objects.filter(project=project).count() == 32
    assert (
        "Your project is ready. Next: import the people."
        in client.get(response["Location"]).content.decode()
    )


def test_double_submit_makes_one_project(client: Client) -> None:
    data = form_of(draft_for("teams-upgrade"))
    data["digest"] = digest_on(client.get(URL, data).content.decode())
    assert client.post(URL, data).status_code == 302

    second = client.post(URL, data)

    assert second.status_code == 409
    assert "You have made this project already" in second.content.decode()
    assert Project.objects.count() == 1


def test_plan_of_another_playbook_version_is_looked_at_again(client: Client) -> None:
    response = client.post(URL, form_of(draft_for("teams-upgrade"), digest="0" * 32))
    page = response.content.decode()
    assert response.status_code == 409
    assert "The plan has changed since you looked at it." in page
    assert digest_on(page) == plan_project(draft_for("teams-upgrade")).digest
    assert Project.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 201}, "Ensure this value has at most 200 characters"),
        ({"starts_on": "4.1.2038x"}, "Enter a valid date."),
        ({"starts_on": "1027-01-04"}, "Choose dates between 2000 and 2100."),
        ({"target_on": "2026-12-31"}, "The target date must lie after the start."),
        ({"wave_count": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"wave_count": "61"}, "Ensure this value is less than or equal to 60."),
        ({"wave_count": "many"}, "Enter a whole number."),
        ({"playbook_key": "no-such"}, "no-such is not one of the available choices."),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus is not one of the available choices."),
        ({"to_mode": "no-such"}, "no-such is not one of the available choices."),
        ({"from_mode": "TeamsOnly"}, "The upgrade must end in another mode than it starts in."),
    ],
)
def test_what_cannot_be_keeps_what_was_typed(
    client: Client, method: str, changes: dict[str, str], sentence: str
) -> None:
    data = form_of(draft_for("teams-upgrade"), **changes)
    response = getattr(client, method)(URL, data)

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in unescape(page)
    for name in ("name", "starts_on", "target_on", "wave_count"):
        assert typed(page, name) == data[name]
    assert "Make this project" not in page
    assert Project.objects.count() == 0


@pytest.mark.parametrize("field", [*form_of(draft_for("teams-upgrade")), "digest"])
def test_nul_in_any_field_is_a_bad_request(client: Client, field: str) -> None:
    data = {**form_of(draft_for("teams-upgrade")), field: "a\0b"}
    assert client.get(URL, data).status_code == 400
    assert client.post(URL, urlencode(data), content_type=FORM).status_code == 400
    assert client.post(URL, data).status_code in (409, 422)  # multipart: the form refuses it
    assert Project.objects.count() == 0


def test_needs_an_account(as_user: AsUser) -> None:
    nobody = as_user(None)
    for response in (nobody.get(URL), nobody.post(URL, form_of(draft_for("teams-upgrade")))):
        assert response.status_code == 302
        assert response["Location"] == f"{reverse('account_login')}?next={URL}"
    assert Project.objects.count() == 0


def test_other_methods_are_refused(client: Client) -> None:
    assert client.delete(URL).status_code == 405
