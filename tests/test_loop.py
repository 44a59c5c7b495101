"""The whole loop by commands, for every playbook: a project is made, people are imported, a message
and a survey reach each of them once, answers move a goal, reminders follow and end.

Mail goes over SMTP to a listener in a process of its own. What a playbook holds is read from it.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_django
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from accounts.services.users import ensure_user
from playbooks.library import get_playbook, list_playbooks
from playbooks.schema import QuestionTemplate, SurveyTemplate
from projects.models import Project
from rollout.demo.aging import let_days_pass
from surveys.services.closing import close_due_surveys
from tests.listener import ROOT, Listener, Mail, mail_listener

OWNER = "mona@example.com"
SITE = "http://testserver"
# The first playbook is the one that 1,000 people go through.
PEOPLE = {key: 1000 if number == 0 else 50 for number, key in enumerate(list_playbooks())}
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Loop:
    """What the loop needs to know of a playbook: a survey that moves a goal, and a message."""

    playbook: str
    cohort: str
    survey: SurveyTemplate
    message: str
    goal: str


def loop_of(key: str) -> Loop:
    playbook = get_playbook(key)
    goal = next(goal for goal in playbook.goals if goal.metric == "survey_agree")
    survey = next(one for one in playbook.surveys if one.key == goal.params["survey"])
    message = next(
        one
        for one in playbook.messages
        if one.cohort_kind == survey.cohort_kind
        and one.channel == "mail"
        and one.key != survey.invitation_message
    )
    cohort = "Pilot" if survey.cohort_kind == "pilot" else "Wave 1"
    return Loop(key, cohort, survey, message.key, goal.key)


@pytest.fixture
def listener(tmp_path: Path, settings: pytest_django.Settings) -> Iterator[Listener]:
    with mail_listener(tmp_path / "mailbox") as found:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.SITE_URL = SITE
        yield found


def command(name: str, *arguments: str) -> Any:
    """What the command prints with --json."""
    out = io.StringIO()
    call_command(name, *arguments, "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def send_due_as_a_process(listener: Listener) -> Any:
    """As cron would: everything it knows comes from the environment."""
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database),
        "EMAIL_URL": listener.url,
        "SITE_URL": SITE,
        "SECRET_KEY": django_settings.SECRET_KEY,
        "LINK_KEYS": ",".join(django_settings.LINK_KEYS),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "send_due", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def make_project(loop: Loop) -> str:
    """In UTC, so that a day is 24 hours whatever the season of the test."""
    ensure_user(email=OWNER, name="Mona Manager")
    made = command(
        "create_project",
        *("--playbook", loop.playbook, "--name", "Nordwind", "--start", now().date().isoformat()),
        *("--timezone", "UTC", "--cohorts", "2", "--owner", OWNER),
    )
    return str(made["slug"])


def import_people(folder: Path, slug: str, cohort: str, number: int) -> Any:
    file = folder / "people.csv"
    with file.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["userPrincipalName", "displayName", "mail", "department"])
        for n in range(number):
            writer.writerow([f"P{n}@example.org", f"Pérson {n}", f"p{n}@mail.example.org", "Sales"])
    return command("import_people", slug, str(file), "--cohort", cohort)


def addresses(number: int) -> list[str]:
    return sorted(f"p{n}@mail.example.org" for n in range(number))


def assert_one_each(mails: list[Mail], number: int) -> None:
    """One mail a person, whole: text and HTML, a Message-ID of its own."""
    assert sorted(mail.to for mail in mails) == addresses(number)
    assert len({mail.message_id for mail in mails}) == number
    for mail in mails:
        # Mixed, where the switch comes along as a calendar entry.
        assert mail.content_type in ("multipart/alternative", "multipart/mixed")
        assert "Pérson" in mail.plain
        assert "Pérson" in mail.html


def link_in(mail: Mail) -> str:
    """The personal link, the same in both parts."""
    found = re.findall(rf"{SITE}(/s/[^/\s)>\"]+/)", mail.plain)
    assert len(set(found)) == 1
    assert found[0] in mail.html
    return str(found[0])


def answer(link: str, questions: tuple[QuestionTemplate, ...]) -> None:
    """As a browser without cookies and without JavaScript would: follow the link, fill, send."""
    browser = Client()
    page = browser.get(link, follow=True)
    assert page.status_code == 200
    address = page.request["PATH_INFO"]
    assert "/s/" not in address
    visit = re.search(r'name="visit" value="([^"]+)"', page.content.decode())
    assert visit
    data = {"visit": visit[1], **{f"q-{one.key}": best(one) for one in questions}}
    done = browser.post(address, data)
    assert (done.status_code, done["Location"]) == (302, address)
    assert "We have your answers." in browser.get(address).content.decode()


def best(question: QuestionTemplate) -> str | list[str]:
    if question.kind in ("single", "multi"):
        return question.choices[0].key
    return {"agree": "5", "nps": "10", "text": "Fine."}[question.kind]


def goal_in(report: Any, key: str) -> tuple[float | None, int | None, str]:
    row = next(row for row in report["goals"] if row["key"] == key)
    return row["actual"], row["n"], row["status"]


@pytest.mark.slow
@pytest.mark.parametrize("key", list_playbooks())
def test_loop_by_commands(key: str, listener: Listener, tmp_path: Path) -> None:
    loop, people = loop_of(key), PEOPLE[key]
    slug = make_project(loop)
    imported = import_people(tmp_path, slug, loop.cohort, people)
    assert imported == {
        "rows": people,
        "created": people,
        "updated": 0,
        "unchanged": 0,
        "rejected": [],
    }
    before = command("project_report", slug)
    assert goal_in(before, loop.goal) == (None, None, "no_data")
    assert {row["answered"] for row in before["surveys"]} == {0}

    told = tell(loop, slug, listener)
    invited = ask(loop, slug, listener)
    assert not {mail.message_id for mail in told} & {mail.message_id for mail in invited}
    assert_ids_are_the_ledgers(slug, told + invited)
    for mail in sorted(invited, key=lambda mail: mail.to)[:5]:
        answer(link_in(mail), loop.survey.questions)

    assert_report_shows_five_answers(loop, command("project_report", slug), people)
    again = command("send_message", slug, loop.message, "--cohort", loop.cohort, "--as", OWNER)
    assert again["state"] == "done"
    assert command("send_due")["sent"] == 0
    assert listener.new() == []


def tell(loop: Loop, slug: str, listener: Listener) -> list[Mail]:
    people = PEOPLE[loop.playbook]
    ordered = command("send_message", slug, loop.message, "--cohort", loop.cohort, "--as", OWNER)
    assert (ordered["state"], ordered["people"]) == ("approved", people)
    assert send_due_as_a_process(listener)["sent"] == people
    mails = listener.new()
    assert_one_each(mails, people)
    return mails


def ask(loop: Loop, slug: str, listener: Listener) -> list[Mail]:
    people = PEOPLE[loop.playbook]
    opened = command("open_survey", slug, loop.survey.key, "--cohort", loop.cohort, "--as", OWNER)
    assert (opened["status"], opened["invited"]) == ("open", people)
    assert command("send_due")["sent"] == people
    mails = listener.new()
    assert_one_each(mails, people)
    return mails


def assert_report_shows_five_answers(loop: Loop, report: Any, people: int) -> None:
    asked = next(
        row
        for row in report["surveys"]
        if (row["key"], row["cohort"]) == (loop.survey.key, loop.cohort)
    )
    assert asked == {
        "key": loop.survey.key,
        "cohort": loop.cohort,
        "status": "open",
        "invited": people,
        "answered": 5,
    }
    assert goal_in(report, loop.goal) == (100.0, 5, "on_target")
    cohort = next(row for row in report["cohorts"] if row["name"] == loop.cohort)
    assert (cohort["people"], cohort["told"], cohort["answered"]) == (people, people, 5)
    assert {state: n for state, n in report["deliveries"].items() if n} == {"sent": 2 * people}


def assert_ids_are_the_ledgers(slug: str, mails: list[Mail]) -> None:
    """Fixed before anything is sent: each Message-ID carries its row's, and every row has one."""
    rows = Project.objects.get(slug=slug).occurrences.values_list(
        "deliveries__message_id", flat=True
    )
    known = {row.hex for row in rows if row is not None}
    shown = {re.sub(r"[^0-9a-f]", "", mail.message_id.split("@")[0]) for mail in mails}
    assert shown == known


@pytest.mark.slow
@pytest.mark.parametrize("key", list_playbooks())
def test_reminders_follow_the_playbook_and_end(
    key: str, listener: Listener, tmp_path: Path
) -> None:
    loop, people = loop_of(key), 6
    slug = make_project(loop)
    import_people(tmp_path, slug, loop.cohort, people)
    command("open_survey", slug, loop.survey.key, "--cohort", loop.cohort, "--as", OWNER)
    command("send_due")
    links = {mail.to: link_in(mail) for mail in listener.new()}
    assert sorted(links) == addresses(people)

    project = Project.objects.get(slug=slug)
    rule = loop.survey.reminders
    days = list(rule.after_days[: rule.at_most])
    silent = addresses(people)
    reminded: Counter[str] = Counter()
    for day in range(1, loop.survey.open_days + 3):
        if day in (1, days[0] + 1):  # one answers before the first reminder, one after it
            answer(links[silent.pop(0)], loop.survey.questions)
        let_days_pass(project, 1)
        close_due_surveys(at=now())
        command("send_due")
        mails = listener.new()
        expected = silent if day in days else []
        assert (day, sorted(mail.to for mail in mails)) == (day, expected)
        assert {mail.subject for mail in mails} <= {rule.subject}
        reminded.update(mail.to for mail in mails)
    assert set(reminded.values()) <= {1, rule.at_most}
    assert {reminded[one] for one in silent} == {min(rule.at_most, len(days))}
    assert project.surveys.get(key=loop.survey.key, cohort__name=loop.cohort).status == "closed"
