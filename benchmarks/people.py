"""The list of people at a million against the same at ten thousand: the bar is twice the SQL time.

    python3 start.py benchmark people [--large 1000000] [--small 10000] [--rounds 15] [--json]

Each stands in a database of its own; rounds take turns, so that a busy machine slows both, and the
ratio is the median of the rounds'. Departments, searches and marks find as many people in both.
What finds a share of everybody, or as many values as there are departments, is timed too and named
``broad``: there is more to find, so it has no bar. Milliseconds are those of the statements alone.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.db import connection

PEOPLE_A_DEPARTMENT = 250
COHORTS = 20
MARKED_ONE_IN = 200
MOST_MARKED = 50
PEOPLE = """
INSERT INTO cohorts_participant (public_id, project_id, key, upn, mail, display_name, object_id,
    sip_address, department, office, country, usage_location, language, manager, status,
    created_at, attributes, is_white_glove)
SELECT gen_random_uuid(), %(project)s, a.address, a.address, a.address,
    (array['Zoë', 'Anna', 'Bert', 'Carla', 'Dimitri', 'Ümit', 'Hans-Peter', 'Mary'])[1 + h %% 8]
        || ' ' || chr(65 + (h / 8) %% 26) || lower(to_hex(h)),
    '', '', 'Department ' || n %% greatest(%(people)s / %(department)s, 1), 'Office ' || n %% 40,
    'Country ' || n %% 30, '', '', '', 'active', now(),
    jsonb_build_object('costCenter', n %% greatest(%(people)s / %(department)s, 1)),
    n <= %(marked)s
FROM generate_series(1, %(people)s) n
CROSS JOIN LATERAL (SELECT abs(hashint4(n)) AS h) scattered
CROSS JOIN LATERAL (SELECT 'p' || to_hex(h) || '.' || n || '@%(slug)s.example' AS address) a
"""
MEMBERSHIPS = """
INSERT INTO cohorts_membership (participant_id, cohort_id, kind, joined_at, mode_state)
SELECT p.id, c.id, c.kind, now(),
    CASE WHEN p.is_white_glove THEN 'drift' ELSE 'waiting' END
FROM (SELECT id, is_white_glove, row_number() OVER (ORDER BY public_id) AS n
      FROM cohorts_participant WHERE project_id = %(project)s) p
JOIN (SELECT id, kind, row_number() OVER (ORDER BY position) - 1 AS n
      FROM cohorts_cohort WHERE project_id = %(project)s) c ON c.n = p.n %% %(cohorts)s
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    with scratch_databases(options.small, options.large) as databases:
        pages = compare(databases, options.rounds)
    barred = {name: page for name, page in pages.items() if not name.startswith("broad")}
    figures = {
        "pages": pages,
        "worst_ratio": max(page["ratio"] for page in barred.values()),
        "bar": 2.0,
        "people": [options.small, options.large],
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    if options.json:
        print(json.dumps(figures))
        return
    for name, page in pages.items():
        print(f"{name:26} {page['small_ms']:>9} ms {page['large_ms']:>9} ms {page['ratio']:>7}")
    print(f"worst ratio {figures['worst_ratio']}, the bar is {figures['bar']}")


def compare(databases: dict[str, str], rounds: int) -> dict[str, dict[str, float]]:
    """{page: its milliseconds and their ratio} over rounds in which both sizes take turns."""
    taken: dict[str, dict[str, list[float]]] = {size: {} for size in databases}
    for _round in range(rounds):
        for size, name in databases.items():
            use(name)
            for page, seconds in one_round(size).items():
                taken[size].setdefault(page, []).append(1000 * seconds)
    small, large = taken["small"], taken["large"]
    return {
        page: {
            "small_ms": round(statistics.median(small[page]), 2),
            "large_ms": round(statistics.median(large[page]), 2),
            "ratio": round(
                statistics.median(
                    after / before for before, after in zip(small[page], large[page], strict=True)
                ),
                2,
            ),
        }
        for page in small
    }


def one_round(slug: str) -> dict[str, float]:
    """Each page once before it counts: a new connection has its plans to make."""
    from projects.models import Project

    asked = pages_of(Project.objects.get(slug=slug))
    for ask in asked.values():
        ask()
    return {page: sql_time(ask) for page, ask in asked.items()}


def use(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


def make_project(slug: str, people: int) -> None:
    from tests.factories.cohorts import CohortFactory
    from tests.factories.projects import ProjectFactory

    project = ProjectFactory(slug=slug, name=slug)
    for position in range(COHORTS):
        CohortFactory(project=project, position=position)
    values = {
        "project": project.pk,
        "people": people,
        "department": PEOPLE_A_DEPARTMENT,
        "marked": min(people // MARKED_ONE_IN, MOST_MARKED),
        "cohorts": COHORTS,
    }
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE.replace("%(slug)s", slug), values)
        cursor.execute(MEMBERSHIPS, values)
        cursor.execute("VACUUM ANALYZE cohorts_participant")
        cursor.execute("VACUUM ANALYZE cohorts_membership")


def pages_of(project: Any) -> dict[str, Callable[[], object]]:
    from cohorts.enums import ModeState
    from cohorts.models import Participant
    from cohorts.queries.people import PeopleFilter
    from cohorts.queries.people_pages import people_page
    from cohorts.queries.places import values_in_use
    from rollout.queries.person import person_page

    people = Participant.objects.filter(project=project).order_by("display_name", "pk")
    middle = people[people.count() // 2]
    cohort = project.cohorts.first()

    def listed(**wanted: Any) -> Callable[[], object]:
        return lambda: people_page(project, PeopleFilter(**wanted))

    return {
        "first page": listed(),
        "page in the middle": lambda: people_page(project, PeopleFilter(), after=middle.pk),
        "page before the middle": lambda: people_page(project, PeopleFilter(), before=middle.pk),
        "search: an address": listed(q=middle.mail),
        "search: a name": listed(q=middle.display_name.split()[-1]),
        "search: nobody": listed(q="nobody has this name"),
        "department": listed(department="Department 7"),
        "further column": listed(attributes={"costCenter": 7}),
        "white glove": listed(is_white_glove=True),
        "drift": listed(mode=ModeState.DRIFT),
        "blocked": listed(is_blocked=True),
        "in no cohort": listed(is_without_cohort=True),
        "broad: values to choose": lambda: values_in_use(project),
        "a person": lambda: person_page(middle, middle.created_at),
        "broad: a cohort": listed(cohort=cohort),
        "broad: an office": listed(office="Office 7"),
        "broad: not told": listed(is_told=False),
        "broad: a first name": listed(q="Carla"),
        "broad: a letter": listed(q="a"),
    }


def sql_time(ask: Callable[[], object]) -> float:
    """Seconds spent in statements, fetching included."""
    spent = 0.0

    def watched(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal spent
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent += time.perf_counter() - started

    with connection.execute_wrapper(watched):
        ask()
    return spent


@contextmanager
def scratch_databases(small: int, large: int) -> Iterator[dict[str, str]]:
    """{"small", "large": a database with one project of so many people}, gone afterwards."""
    configured = connection.settings_dict["NAME"]
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    copy = f"{name}_small"
    try:
        use("postgres")
        run(f'DROP DATABASE IF EXISTS "{copy}"')
        run(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
        databases = {"small": copy, "large": name}
        for (size, database), people in zip(databases.items(), (small, large), strict=True):
            use(database)
            make_project(size, people)
        yield databases
    finally:
        use("postgres")
        run(f'DROP DATABASE IF EXISTS "{copy}"')
        use(name)
        connection.creation.destroy_test_db(configured, verbosity=0)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


if __name__ == "__main__":
    main()
