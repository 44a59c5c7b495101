"""The whole loop in a browser, with a real web server, worker, beat, database and mail server."""

import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from playbooks.library import get_playbook
from rollout.drafts import plan_project
from tests.e2e.conftest import PHONE
from tests.e2e.site import Site
from tests.listener import Mail
from tests.rollout.drafts import draft_for

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EMAIL, PASSWORD, NAME = "mona@example.com", "a long enough pass phrase", "Nordwind Energie"
PLAYBOOK = get_playbook("teams-upgrade")
SURVEY = next(one for one in PLAYBOOK.surveys if one.cohort_kind == "pilot")
MESSAGE = next(
    one
    for one in PLAYBOOK.messages
    if one.cohort_kind == "pilot" and one.key != SURVEY.invitation_message
)
GOAL = next(
    goal
    for goal in PLAYBOOK.goals
    if goal.metric == "survey_agree" and goal.params["survey"] == SURVEY.key
)
PEOPLE = 8
SOON = 30.0  # a beat of the clock, a worker that is busy, a slow machine
LIVE = 10.0  # what an answer may take to be seen


def test_loop_in_a_browser(site: Site, window: Callable[..., Any], tmp_path: Path) -> None:
    page: Page = window().page
    become_administrator(page, site)
    sign_in(page)
    make_project(page)
    import_people(page, tmp_path)
    assign(page)
    approve_message(page)
    assert len(wait_for_mails(site, PEOPLE)) == PEOPLE
    open_survey(page)
    invitations = wait_for_mails(site, PEOPLE)
    page.get_by_role("link", name="Goals").first.click()
    assert "No figure yet" in goal_on(page)
    phone = window(viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=False)
    answer(phone.page, link_in(invitations[0], site))
    answered_at = time.monotonic()
    see_goal_move(page, answered_at)
    reminders = let_three_days_pass(site)
    assert sorted(mail.to for mail in reminders) == sorted(mail.to for mail in invitations[1:])
    assert 'level": "error"' not in site.log("web") + site.log("worker")


def become_administrator(page: Page, site: Site) -> None:
    page.goto(site.first_admin_path)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Name").fill("Mona Manager")
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Make me administrator").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="New project").first).to_be_visible()


def make_project(page: Page) -> None:
    """Begun long enough ago that the pilot's message is late and the survey is to come."""
    plan = plan_project(draft_for(PLAYBOOK.key, starts_on=date(2038, 1, 4)))
    lead = plan.schedule.anchors.pilot_start - plan.schedule.anchors.project_start
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Playbook").select_option(PLAYBOOK.key)
    page.get_by_label("Name").fill(NAME)
    starts_on = date.today() - lead - timedelta(days=15)  # noqa: DTZ011 - any day near today
    page.get_by_label("Starts on").fill(starts_on.isoformat())
    page.get_by_label("Waves").fill("4")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    assert page.locator("svg.wide title").filter(has_text=PLAYBOOK.steps[0].title).count() == 1
    page.get_by_role("button", name="Make this project").click()
    expect(page.get_by_role("heading", level=1, name=NAME)).to_be_visible()


def import_people(page: Page, folder: Path) -> None:
    file = folder / "people.csv"
    rows = [f"p{n}@example.org;Pérson {n};Sales" for n in range(PEOPLE)]
    file.write_text("\n".join(["userPrincipalName;displayName;department", *rows]), "utf-8-sig")
    page.get_by_role("link", name="Import people").first.click()
    page.get_by_label("CSV or Excel file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name=f"Import {PEOPLE} people").click()
    page.get_by_role("link", name="Look at the people").click()
    expect(page.get_by_text(f"{PEOPLE} people to be upgraded.")).to_be_visible()


def assign(page: Page) -> None:
    page.get_by_label("Put into").select_option(label="Pilot")
    page.get_by_role("button", name=f"Put all {PEOPLE} people who match in").click()
    expect(page.get_by_text(f"{PEOPLE} people are now in “Pilot”.")).to_be_visible()


def approve_message(page: Page) -> None:
    page.get_by_role("link", name="Cohorts").first.click()
    page.get_by_role("link", name="Pilot", exact=True).first.click()
    page.get_by_role("link", name=MESSAGE.title, exact=True).click()
    expect(page.get_by_text("Pérson").first).to_be_visible()
    page.get_by_role("button", name=f"Approve and send now to {PEOPLE} people").click()


def open_survey(page: Page) -> None:
    page.get_by_role("link", name="Surveys").first.click()
    page.get_by_role("link", name=f"Open for {PEOPLE} people").first.click()
    expect(page.get_by_text("among them Pérson 0")).to_be_visible()
    page.get_by_role("button", name=f"Open and invite {PEOPLE} people").first.click()
    expect(page.get_by_text("Close now").first).to_be_visible()


def wait_for_mails(site: Site, number: int) -> list[Mail]:
    deadline, mails = time.monotonic() + SOON, site.mailbox.new()
    while len(mails) < number and time.monotonic() < deadline:
        time.sleep(0.1)
        mails += site.mailbox.new()
    assert len({mail.to for mail in mails}) == number, [mail.subject for mail in mails]
    return sorted(mails, key=lambda mail: mail.to)


def link_in(mail: Mail, site: Site) -> str:
    found = re.search(rf"{site.url}(/s/[^/\s)>\"]+/)", mail.plain)
    assert found, mail.plain
    return found[1]


def answer(page: Page, link: str) -> None:
    page.goto(link)
    assert "/s/" not in page.url
    for number, question in enumerate(SURVEY.questions, start=1):
        if not question.required:
            continue
        field = page.locator(f"#question-{number}")
        best = {"agree": "5", "nps": "10"}[question.kind]
        field.locator(f"input[value='{best}']").check(force=True)
    page.get_by_role("button", name="Send my answers").tap()
    expect(page.get_by_text("We have your answers.")).to_be_visible()


def see_goal_move(page: Page, answered_at: float) -> None:
    """The goal's page and the project home show the answer within ten seconds."""
    page.get_by_role("link", name="Goals").first.click()
    wait_for_figure(page, answered_at)
    page.get_by_role("link", name=NAME).first.click()
    expect(page.get_by_role("heading", level=1, name=NAME)).to_be_visible()
    wait_for_figure(page, answered_at)


def goal_on(page: Page) -> str:
    return page.locator("li").filter(has_text=GOAL.title).first.inner_text()


def wait_for_figure(page: Page, answered_at: float) -> None:
    figure = re.compile(r"100\s%.*n = 1\b", re.DOTALL)
    while not figure.search(goal_on(page)):
        assert time.monotonic() - answered_at < LIVE, goal_on(page)
        time.sleep(0.2)
        page.reload()


def let_three_days_pass(site: Site) -> list[Mail]:
    """The rows move back instead of the clock forward; the worker that runs does the rest."""
    days = SURVEY.reminders.after_days[0]
    site.run(
        "manage.py",
        "shell",
        "-c",
        "from projects.models import Project\n"
        "from rollout.demo.aging import let_days_pass\n"
        f"let_days_pass(Project.objects.get(), {days})",
    )
    return wait_for_mails(site, PEOPLE - 1)
