"""A million people, one occurrence to all of them, and how long their rows take."""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from benchmarks.overview import PEOPLE

BARE = """
    INSERT INTO communications_delivery (occurrence_id, participant_id, recipient_key, address,
        message_id, state, reason, not_before, attempts, claims, smtp_text, is_short)
    SELECT %s, id, 'p:' || id, '', uuidv7(), 'queued', '', clock_timestamp(), 0, 0, '',
        false
    FROM cohorts_participant WHERE project_id = %s AND status = 'active'
"""
BODY = "Hello {person_name},\n\n" + "a line of **text** as mails have them. " * 10


def make_mailing(people: int) -> Any:
    """An occurrence to everybody of a project of ``people``; nobody tells the planner of them."""
    from django.utils.timezone import localdate

    from accounts.models import User
    from playbooks.library import list_playbooks
    from rollout.drafts import ProjectDraft
    from rollout.services.create import create_project

    manager = User.objects.create_user(email="manager@example.org")
    draft = ProjectDraft(
        playbook_key=list_playbooks()[0],
        name="A million",
        starts_on=localdate(),
        target_on=None,
        timezone="Europe/Berlin",
        wave_count=9,
    )
    project = create_project(draft=draft, owner=manager, acting_user=manager)
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"project": project.pk, "people": people})
    return occurrence_for_all(project)


def occurrence_for_all(project: Any) -> Any:
    """Approved, and due since long ago."""
    from tests.factories.communications import OccurrenceFactory

    return OccurrenceFactory(
        message=message_to_all(project),
        cohort=None,
        state="approved",
        due_at="1999-01-01T00:00Z",
        not_after=None,
    )


def message_to_all(project: Any) -> Any:
    from tests.factories.communications import MessageFactory

    return MessageFactory(
        project=project, audience_kind="everyone", cohort_kind="", subject="A word", body=BODY
    )


def urgent_messages(number: int) -> list[Any]:
    """Each to the one person of a project of its own, not ordered yet."""
    from tests.factories.cohorts import ParticipantFactory
    from tests.factories.projects import ProjectFactory

    projects = [ProjectFactory() for _message in range(number)]
    for project in projects:
        ParticipantFactory(project=project)
    return [message_to_all(project) for project in projects]


def order(message: Any) -> Any:
    """As the button does; the occurrence is due at this moment by the database's clock."""
    from communications.services.ordering import order_now

    return order_now(message=message, cohort=None, acting_user=None)


def keep_house() -> bool:
    from communications.services.pipeline import house

    return house.keep_house()


def compare_expansion(occurrence: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Who begins changes from round to round. Leaves the rows of the last one."""
    seconds: dict[str, list[float]] = {"bare": [], "ours": [], "repeat": []}
    for number in range(options.rounds):
        sides = [("bare", insert_bare), ("ours", expand)]
        for name, work in sides if number % 2 == 0 else sides[::-1]:
            back_to_the_start(occurrence)
            seconds[name].append(timed(work, occurrence))
            assert count(occurrence) == options.people
    back_to_the_start(occurrence)
    expand(occurrence)
    set_state(occurrence, "expanding")
    seconds["repeat"].append(timed(expand, occurrence))
    ratios = [own / bare for own, bare in zip(seconds["ours"], seconds["bare"], strict=True)]
    return {
        "expansion_ratio": round(statistics.median(ratios), 2),
        "expansion_rounds": [round(ratio, 2) for ratio in ratios],
        **{f"{name}_seconds": round(statistics.median(s), 2) for name, s in seconds.items()},
        "repeat_inserted": count(occurrence) - options.people,
    }


def timed(work: Callable[[Any], None], occurrence: Any) -> float:
    start = time.perf_counter()
    work(occurrence)
    return time.perf_counter() - start


def insert_bare(occurrence: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [occurrence.pk, occurrence.project_id])


def expand(occurrence: Any) -> None:
    while state_of(occurrence) != "sending":
        keep_house()


def back_to_the_start(occurrence: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE communications_delivery CASCADE")
    set_state(occurrence, "approved")


def set_state(occurrence: Any, state: str) -> None:
    type(occurrence).objects.filter(pk=occurrence.pk).update(state=state, expansion_cursor=0)


def state_of(occurrence: Any) -> str:
    state: str = type(occurrence).objects.values_list("state", flat=True).get(pk=occurrence.pk)
    return state


def count(occurrence: Any, **columns: Any) -> int:
    number: int = occurrence.deliveries.filter(**columns).count()
    return number


def is_sent(occurrence: Any, number: int) -> bool:
    """Whether the worker is done with mail ``number``: they leave in the order of their rows."""
    first = occurrence.project.participants.order_by("pk").values_list("pk", flat=True)[0]
    row = occurrence.deliveries.filter(recipient_key=f"p:{first + number - 1}")
    return bool(row.exclude(state__in=["queued", "claimed", "sending"]).exists())
