"""Every page as people meet it: nothing an assistive tool stumbles over, no complaint in the
console, no scrolling sideways on a phone, by day and by night.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.cases import OWN_PAGES
from tests.e2e.conftest import PHONE
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EMAIL, PASSWORD = "paula@example.com", "a long enough pass phrase"
NEEDS_NOBODY = (
    "login",
    "password reset",
    "public survey",
    "answered survey",
    "unknown link",
    "unknown own page",
    "my upgrade",
    *(f"my {name}" for name in OWN_PAGES),
)
MISSING = ("unknown link", "unknown own page", "not found")  # a page of ours, with status 404
GRAVE = ("serious", "critical")
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture(scope="module")
def paths(site: Site) -> dict[str, str]:
    return site.run_json("-m", "tests.e2e.fill")


@pytest.fixture
def pages(paths: dict[str, str], window: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
    """``pages(**options)``: each page in a window of that kind; those for everybody signed out."""

    def walk(**options: Any) -> Iterator[tuple[str, Page]]:
        inside, outside = window(**options), window(**options)
        sign_in(inside.page)
        for name, path in paths.items():
            watched = outside if name in NEEDS_NOBODY else inside
            response = watched.page.goto(path)
            assert (name, response.status) == (name, 404 if name in MISSING else 200)
            if len(watched.page.frames) > 1:  # axe speaks to frames, so they must be there
                watched.page.wait_for_load_state("networkidle")
            yield name, watched.page
            # Chromium logs every 404 of a page as an error of it.
            if name in MISSING:
                watched.complaints[:] = [one for one in watched.complaints if "404" not in one]

    return walk


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="New project").first.wait_for()


def grave(page: Page, **options: Any) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"], **options})
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found.response["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"][:3]
    ]


def test_no_page_stops_assistive_tools(
    pages: Callable[..., Iterator[tuple[str, Page]]],
) -> None:
    found = {name: grave(page) for name, page in pages()}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_phone_at_night_reads_every_page_without_scrolling_sideways(
    pages: Callable[..., Iterator[tuple[str, Page]]],
) -> None:
    """By night only colours differ, so of the rules only contrast is looked at."""
    wide, pale = [], {}
    phone = {"viewport": PHONE, "is_mobile": True, "has_touch": True}
    for name, page in pages(color_scheme="dark", **phone):
        if page.evaluate(WIDER_THAN_THE_WINDOW):
            wide.append(name)
        if faults := grave(page, runOnly=["color-contrast"]):
            pale[name] = faults
    assert (wide, pale) == ([], {})
