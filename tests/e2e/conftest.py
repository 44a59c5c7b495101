"""A browser, and the whole product as processes. Nothing here asks the test database anything."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.site import Site, running_site
from upgrade_tracker.launch.browser import MISSING

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def chromium() -> str:
    """The launcher says where one is; `.ci/run` does not accept that there is none."""
    path = os.environ.get("CHROMIUM_PATH", "")
    if not path and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(MISSING)
    if not path:
        pytest.skip(MISSING)
    return path


@pytest.fixture(scope="session")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site") / "data") as found:
        yield found


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Browser]:
    """Ours and not the plugin's: that one keeps an event loop for the whole session, in which
    Django refuses every query of the tests that follow."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


class Watched:
    """A window of its own whose complaints are kept: console errors, policy violations, crashes."""

    def __init__(self, browser: Browser, site: Site, **options: object) -> None:
        self.context: BrowserContext = browser.new_context(base_url=site.url, **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: object) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")


@pytest.fixture
def window(chrome: Browser, site: Site) -> Iterator[type]:
    """``window(**options)`` opens one; at the end nothing may have complained in any."""
    opened: list[Watched] = []

    def open_window(**options: object) -> Watched:
        opened.append(Watched(chrome, site, **{"viewport": DESKTOP, **options}))
        return opened[-1]

    yield open_window
    complaints = [line for one in opened for line in one.complaints]
    for one in opened:
        one.context.close()
    assert complaints == []
