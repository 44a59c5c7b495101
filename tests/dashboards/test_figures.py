"""Cohorts with their people, and every number of the report, as whole results."""

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from cohorts.models import Cohort, Membership
from cohorts.queries.cohorts import people_figures
from cohorts.queries.counts import PeopleFigures
from cohorts.services.cohorts import switch_cohort
from common.dates import local_day
from communications.enums import DeliveryState
from dashboards.queries.cohorts import cohort_figures
from dashboards.queries.report import project_report
from dashboards.queries.situation import today_in
from dashboards.rows import cohort_rows
from projects.models import Goal, Measurement, Project
from projects.services.steps import change_step_status
from tests.factories.projects import PhaseFactory, StepFactory
from tests.rollout.whole import AT, add_people, ask, let_through, send, whole_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("march")]


def figures(project: Project) -> dict[str, tuple[int, ...]]:
    """{cohort: (people, told, told only, switched, planned only, answered)}."""
    return {
        row.cohort.name: (
            row.people,
            row.counts.told,
            row.counts.told_only,
            row.counts.switched,
            row.counts.planned_only,
            row.answered,
        )
        for row in cohort_figures(project)
    }


def first_mail(cohort: Cohort) -> Any:
    return cohort.occurrences.filter(message__anchor="cohort_switch").order_by("pk")[0]


def test_every_cohort_has_its_own_figures(upgrade: Project, manager: User) -> None:
    pilot, first, second, _third = upgrade.cohorts.order_by("position")
    people = add_people(pilot, 6)
    send(first_mail(pilot), people[:4])
    ask(pilot.surveys.get(), people, answered=2)
    let_through(pilot, manager)
    switch_cohort(cohort=pilot, at=AT, acting_user=manager)
    # Four of the pilot are in the first wave too, and one of them was told its date.
    Membership.objects.bulk_create(
        Membership(cohort=first, participant=one, kind=first.kind) for one in people[:4]
    )
    send(first_mail(first), people[:1])
    add_people(second, 3)
    other = whole_project(manager, name="Another")
    send(first_mail(other.cohorts.get(kind="pilot")), add_people(other.cohorts.get(position=0), 2))

    assert figures(upgrade) == {
        "Pilot": (6, 4, 0, 6, 0, 2),
        "Wave 1": (4, 1, 1, 0, 3, 0),
        "Wave 2": (3, 0, 0, 0, 3, 0),
        "Wave 3": (0, 0, 0, 0, 0, 0),
    }
    assert people_figures(upgrade) == PeopleFigures(people=9, in_cohorts=9, switched=6)


def test_only_what_was_sent_is_told(upgrade: Project) -> None:
    wave = upgrade.cohorts.get(name="Wave 1")
    people = add_people(wave, 8)
    states = ("queued", "claimed", "sending", "failed", "skipped", "uncertain", "cancelled", "sent")
    for person, state in zip(people, states, strict=True):
        send(first_mail(wave), [person], state=state)
    assert figures(upgrade)["Wave 1"] == (8, 1, 1, 0, 7, 0)


def test_every_row_adds_up(upgrade: Project) -> None:
    wave = upgrade.cohorts.get(name="Wave 1")
    people = add_people(wave, 10)
    send(first_mail(wave), people[2:7])
    Membership.objects.filter(participant__in=people[:4]).update(switched_at=AT)
    assert figures(upgrade)["Wave 1"] == (10, 5, 3, 4, 3, 0)
    for row in cohort_rows(cohort_figures(upgrade)):
        assert row.bar.total == row.figures.people
        assert row.figures.counts.planned_only >= 0


def test_bars_share_the_scale_of_the_widest(upgrade: Project) -> None:
    first, second = upgrade.cohorts.filter(kind="wave").order_by("position")[:2]
    add_people(first, 40)
    add_people(second, 10)
    bars = {row.figures.cohort.name: row.bar for row in cohort_rows(cohort_figures(upgrade))}
    widths = {
        name: sum((part.width for part in bar.parts), Decimal()) for name, bar in bars.items()
    }
    assert widths == {"Pilot": 0, "Wave 1": 100, "Wave 2": 25, "Wave 3": 0}


def test_day_is_the_projects(upgrade: Project) -> None:
    upgrade.timezone = "Pacific/Auckland"
    late = datetime(2038, 3, 1, 12, 30, tzinfo=UTC)
    assert today_in(upgrade, late) == local_day(late, "Pacific/Auckland") != late.date()


@pytest.fixture
def small(project: Project) -> Project:
    """Two steps, one goal and nothing else, so that the whole report can be written down."""
    phase = PhaseFactory(project=project, key="think")
    StepFactory(phase=phase, key="late")
    step = StepFactory(phase=phase, key="done")
    change_step_status(step=step, status="done", acting_user=None)
    Goal.objects.create(
        project=project,
        key="calls",
        position=1,
        title="Few poor calls",
        metric="manual",
        operator="<",
        target=Decimal(3),
        unit="%",
    )
    return project


def test_report_of_a_small_project_is_whole(small: Project) -> None:
    assert project_report(small, AT) == {
        "project": small.slug,
        "at": AT,
        "steps": {"total": 2, "done": 1, "overdue": 1},
        "phases": [{"key": "think", "total": 2, "done": 1}],
        "goals": [
            {
                "key": "calls",
                "title": "Few poor calls",
                "operator": "<",
                "target": 3.0,
                "actual": None,
                "unit": "%",
                "n": None,
                "status": "no_data",
                "measured_at": None,
            }
        ],
        "cohorts": [],
        "deliveries": dict.fromkeys(DeliveryState.values, 0),
        "messages": [],
        "surveys": [],
    }


def test_goal_of_the_report_carries_its_latest_figure(small: Project) -> None:
    goal = small.goals.get()
    for value in ("7", "2.5"):
        Measurement.objects.create(
            goal=goal, value=Decimal(value), n=40, measured_at=AT, checked_at=AT
        )
    row = project_report(small, AT)["goals"][0]
    assert (row["actual"], row["n"], row["status"], row["measured_at"]) == (
        2.5,
        40,
        "on_target",
        AT,
    )


def test_report_counts_people_mails_and_answers(upgrade: Project, manager: User) -> None:
    pilot = upgrade.cohorts.get(kind="pilot")
    people = add_people(pilot, 5)
    mail = first_mail(pilot)
    send(mail, people[:3])
    send(mail, people[3:], state="failed")
    ask(pilot.surveys.get(), people, answered=2)

    report = project_report(upgrade, AT)

    assert report["cohorts"][0] == {
        "name": "Pilot",
        "kind": "pilot",
        "switch_on": pilot.switch_on,
        "status": "planned",
        "people": 5,
        "told": 3,
        "answered": 2,
        "switched": 0,
        "verified": 0,
    }
    assert {state: n for state, n in report["deliveries"].items() if n} == {"sent": 3, "failed": 2}
    assert [row["states"] for row in report["messages"] if row["states"]] == [
        {"sent": 3, "failed": 2}
    ]
    key = pilot.surveys.get().key
    assert [
        (row["cohort"], row["status"], row["invited"], row["answered"])
        for row in report["surveys"]
        if row["key"] == key
    ] == [("Pilot", "open", 5, 2)]
    waves = [row for row in report["surveys"] if row["key"] != key]
    assert [(row["cohort"], row["status"], row["invited"]) for row in waves] == [
        ("Wave 1", "draft", 0),
        ("Wave 2", "draft", 0),
        ("Wave 3", "draft", 0),
    ]


def test_command_prints_the_report_and_measures_first(upgrade: Project) -> None:
    pilot = upgrade.cohorts.get(kind="pilot")
    ask(pilot.surveys.get(), add_people(pilot, 2), answered=1, **{"as-good": 5})
    out = io.StringIO()
    call_command("project_report", upgrade.slug, "--json", stdout=out)
    printed = json.loads(out.getvalue())
    assert {row["key"]: (row["actual"], row["n"]) for row in printed["goals"] if row["n"]} == {
        "ready-on-time": (0.0, 6),
        "all-switched": (0.0, 2),
        "pilot-participation": (50.0, 2),
        "as-good": (100.0, 1),
    }
    assert set(printed) == {
        *("project", "at", "steps", "phases", "goals", "cohorts"),
        *("deliveries", "messages", "surveys"),
    }


def test_command_in_words_names_steps_cohorts_and_goals(upgrade: Project) -> None:
    out = io.StringIO()
    call_command("project_report", upgrade.slug, stdout=out)
    lines = out.getvalue().splitlines()
    overdue = upgrade.steps.filter(ends_on__lt=AT.date()).count()
    assert overdue > 0
    assert lines[0] == f"Steps      0 of 32 done, {overdue} overdue"
    assert (
        lines[1].split()
        == (
            f"Pilot {upgrade.cohorts.get(kind='pilot').switch_on} 0 people, 0 told, 0 switched,"
            " 0 answered"
        ).split()
    )


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("no-such", "There is no project “no-such”."),
        ("a\0b", "An argument holds characters that cannot be read. Type it again."),
    ],
)
def test_command_refuses_an_unknown_project(slug: str, sentence: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("project_report", slug, stdout=io.StringIO())
    assert (str(refusal.value), refusal.value.returncode) == (sentence, 1)
