"""A participant's own page on a phone without JavaScript: where the token goes, and where not."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.conftest import PHONE
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
HOME = "/my-upgrade/"


@pytest.fixture(scope="module")
def link(site: Site) -> str:
    return site.run_json("-m", "tests.e2e.fill_own_page")["link"]


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def test_own_page_on_a_phone_without_scripts(
    site: Site, window: Callable[..., Any], link: str
) -> None:
    token = link.split("/")[2]
    phone = window(viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=False)
    page, seen = phone.page, []
    page.on("request", lambda request: seen.append(request))
    page.goto(link)
    expect(heading(page)).to_contain_text("You switch to")
    assert urlsplit(page.url).path == HOME
    choose_another_date(page)
    ask_for_a_later_one(page)
    report_a_problem(page)
    become_a_champion(page)
    page.go_back()
    assert secrets_in(seen[1:], token) == []
    assert token not in site.log("web")
    assert token not in page.content()


def choose_another_date(page: Page) -> None:
    before = heading(page).inner_text()
    page.get_by_role("link", name="Choose another date").click()
    page.get_by_label("with Wave 2", exact=False).check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("main")).to_contain_text("You would switch on")
    page.get_by_role("button", name="Yes, this is my date").click()
    expect(page.get_by_text("You have a new date.")).to_be_visible()
    expect(page.get_by_text("with Wave 2")).to_be_visible()
    assert heading(page).inner_text() != before


def ask_for_a_later_one(page: Page) -> None:
    page.get_by_role("link", name="Ask for a later date").click()
    page.get_by_label("Why?").fill("At sea.")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_text("Until somebody has decided, your date stands.")).to_be_visible()
    page.get_by_role("link", name="Withdraw my request").click()
    page.get_by_role("button", name="Withdraw my request").click()
    expect(page.get_by_text("Your request is withdrawn.")).to_be_visible()


def report_a_problem(page: Page) -> None:
    page.get_by_role("link", name="Report a problem").click()
    page.get_by_label("What is wrong?").fill("No sound.")
    page.get_by_label("I could not work if I switched like this").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Something is in the way")).to_be_visible()


def become_a_champion(page: Page) -> None:
    page.get_by_role("link", name="Become a champion").click()
    page.get_by_role("button", name="I would like to be a champion").click()
    expect(page.get_by_text("You are a champion.")).to_be_visible()


def secrets_in(requests: list[Request], token: str) -> list[str]:
    """Addresses and Referers with the token; the first request, the link itself, is not among
    ``requests``."""
    told = [(request.url, request.headers.get("referer", "")) for request in requests]
    return [url for url, referer in told if token in url or token in referer]


def test_wrong_links_look_alike(window: Callable[..., Any], link: str) -> None:
    page = window(java_script_enabled=False)
    texts = set()
    for path in ("/me/nonsense/", link[:-2] + "/", HOME):
        response = page.page.goto(path)
        assert response.status == 404
        texts.add(page.page.get_by_role("main").inner_text())
    assert len(texts) == 1
    page.complaints.clear()  # Chromium logs every 404 of a page as an error of it
