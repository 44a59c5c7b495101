"""From a template to an approved message in a few clicks, with the number and three people seen."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE_MS, PHONE
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EMAIL, PASSWORD, PEOPLE = "anton@example.com", "a long enough pass phrase", 200
BUTTON = re.compile(rf"Approve (and send now to|for) {PEOPLE} people")
NUMBER = re.compile(rf"Approved for {PEOPLE} people by Anton Approves")


@pytest.fixture(scope="module")
def address(site: Site) -> str:
    return site.run_json("-m", "tests.e2e.fill_approval")["list"]


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="New project").first).to_be_visible()


def see_three(page: Page) -> None:
    people = page.locator(".three > li")
    expect(people).to_have_count(3)
    expect(people.nth(1)).to_contain_text("Person")


def wave_1(page: Page) -> Any:
    return page.get_by_role("row").filter(has_text="Wave 1")


def test_two_clicks_from_the_calendar(address: str, window: Callable[..., Any]) -> None:
    page: Page = window().page
    sign_in(page)
    page.goto(address)
    coming = page.locator(".upcoming").get_by_role("row").filter(has_text="Wave 1")
    coming.filter(has_text="Needs approval").first.get_by_role("link").first.click()
    see_three(page)
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text(NUMBER)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name=BUTTON)).to_have_count(0)


def test_a_message_from_a_template_on_a_phone_without_scripts(
    address: str, window: Callable[..., Any]
) -> None:
    page: Page = window(viewport=PHONE, is_mobile=True, java_script_enabled=False).page
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.goto(address)
    texts = page.locator("section", has=page.locator("#h-texts"))
    row = texts.get_by_role("row").filter(has_text="{switch_date}").first
    row.get_by_role("link").first.click()
    page.get_by_role("link", name="Copy").click()
    page.get_by_label("Title").fill("One more word")
    page.get_by_role("button", name="Add the message").click()
    expect(page.get_by_role("heading", level=1, name="One more word")).to_be_visible()
    wave_1(page).get_by_role("link").first.click()
    see_three(page)
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text(NUMBER)).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("link", name=f"See {PEOPLE}").click()
    expect(page.get_by_text(f"{PEOPLE} people of {PEOPLE} would receive it now")).to_be_visible()
