"""Pages that give an overview at a million people against ten thousand: the bar is twice the SQL.

    python3 start.py benchmark overview [--large 1000000] [--small 10000] [--rounds 9] [--json]

One project with a pilot and waves in every state, its mails, surveys and reports, in a database of
its own for each size. Each page is asked for by its manager; milliseconds are those of its
statements alone, the least disturbed of the rounds. ``bulk`` is one statement over everybody with
all triggers of memberships by the same without any.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import django
from django.db import connection

WAVES = 9
PEOPLE = """
INSERT INTO cohorts_participant (public_id, project_id, key, upn, mail, display_name, object_id,
    sip_address, department, office, country, usage_location, language, manager, status, created_at)
SELECT gen_random_uuid(), %(project)s, a.address, a.address, a.address, 'Person ' || n, '', '',
    'Department ' || n %% 40, 'Office ' || n %% 40, '', '', '', '', 'active', now()
FROM generate_series(1, %(people)s) n
CROSS JOIN LATERAL (SELECT 'p' || n || '@example.org' AS address) a
"""
# Everybody in a wave, one in fifty in the pilot too. Waves 1 to 3 are over, 4 has just switched.
MEMBERS = """
INSERT INTO cohorts_membership (participant_id, cohort_id, kind, joined_at, switched_at, mode_state,
    observed_mode, observed_at, deferred_from_id, blocked_since)
SELECT p.id, c.id, c.kind, now(),
    CASE WHEN c.n <= 4 THEN now() - interval '30 days' * (5 - c.n) END,
    CASE WHEN c.n > 3 THEN 'waiting' WHEN p.n %% 40 = 0 THEN 'drift' ELSE 'verified' END,
    CASE WHEN c.n > 3 THEN '' WHEN p.n %% 40 = 0 THEN 'old' ELSE 'new' END,
    CASE WHEN c.n <= 3 THEN now() - interval '29 days' * (5 - c.n) END,
    CASE WHEN p.n %% 200 = 0 THEN %(pilot)s END, CASE WHEN p.n %% 500 = 0 THEN now() END
FROM (SELECT id, row_number() OVER (ORDER BY public_id) AS n
      FROM cohorts_participant WHERE project_id = %(project)s) p
JOIN (SELECT id, kind, row_number() OVER (ORDER BY position) - 1 AS n
      FROM cohorts_cohort WHERE project_id = %(project)s) c
ON CASE c.kind WHEN 'pilot' THEN p.n %% 50 = 0 ELSE c.n = 1 + p.n %% %(waves)s END
"""
# Everything that was due for cohorts up to the sixth was sent; one mail in two hundred failed.
MAILS = """
INSERT INTO communications_delivery (occurrence_id, participant_id, recipient_key, address,
    message_id, state, reason, not_before, attempts, claims, smtp_text, sent_at)
SELECT o.id, m.participant_id, 'p:' || m.participant_id, '', gen_random_uuid(),
    CASE WHEN m.participant_id %% 200 = 0 THEN 'failed' ELSE 'sent' END, '', now(), 1, 0, '', now()
FROM (SELECT DISTINCT ON (cohort_id) o.* FROM communications_occurrence o
      JOIN cohorts_cohort c ON c.id = o.cohort_id
      WHERE o.project_id = %(project)s AND c.position <= 6
      ORDER BY cohort_id, due_at NULLS LAST, o.id) o
JOIN cohorts_membership m ON m.cohort_id = o.cohort_id
"""
ASKED = """
INSERT INTO surveys_invitation (public_id, generation, invited_at, answered_at, draft,
    participant_id, survey_id)
SELECT gen_random_uuid(), 1, now(), CASE WHEN m.participant_id %% 3 = 0 THEN now() END, '{}',
    m.participant_id, s.id
FROM surveys_survey s JOIN cohorts_cohort c ON c.id = s.cohort_id AND c.position <= 3
JOIN cohorts_membership m ON m.cohort_id = c.id WHERE s.project_id = %(project)s
"""
OVER = """
UPDATE cohorts_cohort c SET switched_at = now() - interval '30 days' * (5 - n.n),
    status = CASE WHEN n.n <= 3 THEN 'finished' ELSE 'switched' END
FROM (SELECT id, row_number() OVER (ORDER BY position) - 1 AS n FROM cohorts_cohort
      WHERE project_id = %(project)s) n WHERE n.id = c.id AND n.n <= 4
"""
SENT = """
UPDATE communications_occurrence o SET state = 'done' WHERE project_id = %(project)s
AND EXISTS (SELECT FROM communications_delivery d WHERE d.occurrence_id = o.id)
"""
FED = ("cohorts_participant", "cohorts_membership", "communications_delivery")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    with scratch_database():
        small = measure(options.small, options.rounds)
    with scratch_database():
        large = measure(options.large, options.rounds)
        bulk = bulk_ratio()
    pages = {
        name: {
            "small_ms": round(small[name][0], 2),
            "large_ms": round(large[name][0], 2),
            "ratio": round(large[name][0] / small[name][0], 2),
            "queries": [small[name][1], large[name][1]],
        }
        for name in small
    }
    figures = {
        "pages": pages,
        "worst_ratio": max(page["ratio"] for page in pages.values()),
        "bar": 2.0,
        "bulk": bulk,
        "people": [options.small, options.large],
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    if options.json:
        print(json.dumps(figures))
        return
    for name, page in pages.items():
        print(f"{name:16} {page['small_ms']:>9} ms {page['large_ms']:>9} ms {page['ratio']:>7}")
    print(f"worst ratio {figures['worst_ratio']}, the bar is {figures['bar']}; bulk {bulk}")


def measure(people: int, rounds: int) -> dict[str, tuple[float, int]]:
    """{page: (milliseconds of SQL, statements)} for one project of so many people."""
    asked = pages_of(make_project(people))
    for ask in asked.values():
        sql_time(ask)
    taken: dict[str, list[tuple[float, int]]] = {name: [] for name in asked}
    for _round in range(rounds):
        for name, ask in asked.items():
            taken[name].append(sql_time(ask))
    return {
        name: (1000 * min(seconds for seconds, _n in times), times[-1][1])
        for name, times in taken.items()
    }


def make_project(people: int) -> Any:
    from django.utils.timezone import localdate

    from accounts.models import User
    from playbooks.library import list_playbooks
    from rollout.drafts import ProjectDraft
    from rollout.services.create import create_project

    manager = User.objects.create_user(email="manager@example.org")
    draft = ProjectDraft(
        playbook_key=list_playbooks()[0],
        name="Large",
        starts_on=localdate() - timedelta(days=200),
        target_on=None,
        timezone="Europe/Berlin",
        wave_count=WAVES,
        from_mode="",
        to_mode="",
    )
    project = create_project(draft=draft, owner=manager, acting_user=manager)
    fill(project, people)
    return project


def fill(project: Any, people: int) -> None:
    """Without triggers, which would take minutes; what they keep is counted at the end."""
    values = {
        "project": project.pk,
        "people": people,
        "waves": WAVES,
        "pilot": project.cohorts.get(kind="pilot").pk,
    }
    with connection.cursor() as cursor:
        for table in FED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for sql in (PEOPLE, MEMBERS, OVER, MAILS, ASKED, SENT):
            cursor.execute(sql, values)
        for table in FED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("ANALYZE")
        cursor.execute(
            "SELECT communications_tell_again(array_agg(participant_id), array_agg(cohort_id))"
            " FROM cohorts_membership"
        )
        cursor.execute("SELECT cohorts_recount(), cohorts_recount_seen()")
        cursor.execute("SELECT communications_keep_ledgers()")
        cursor.execute("VACUUM ANALYZE")


def pages_of(project: Any) -> dict[str, Callable[[], object]]:
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from dashboards.queries.report import project_report

    client = Client(headers={"host": "localhost"})
    client.force_login(project.stakeholders.get(user__isnull=False).user)
    wave = project.cohorts.get(position=4)
    addresses = {
        "home": reverse("dashboards:home"),
        "project home": reverse("dashboards:project_home", args=[project.slug]),
        "timeline": reverse("dashboards:timeline", args=[project.slug]),
        "board": reverse("dashboards:cohort_board"),
        "project board": reverse("dashboards:project_board", args=[project.slug]),
        "cohorts": reverse("cohorts:cohort_list", args=[project.slug]),
        "cohort": reverse("rollout:cohort_detail", args=[project.slug, wave.pk]),
    }

    def page(address: str) -> Callable[[], object]:
        def ask() -> object:
            response = client.get(address)
            assert response.status_code == 200, (address, response.status_code)
            return response

        return ask

    asked = {name: page(address) for name, address in addresses.items()}
    return {**asked, "report": lambda: project_report(project, timezone.now())}


def sql_time(ask: Callable[[], object]) -> tuple[float, int]:
    """Seconds in the statements of ``ask``, and how many they were."""
    spent: list[float] = []

    def timed(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - started)

    with connection.execute_wrapper(timed):
        ask()
    return sum(spent), len(spent)


def bulk_ratio() -> dict[str, float]:
    """One statement over everybody with and without the triggers that keep figures."""
    whole = "UPDATE cohorts_membership SET {}"
    switch = whole.format("switched_at = now()")
    seen = whole.format("exported_at = now()")
    result = {}
    for name, sql in (("switch everybody", switch), ("export everybody", seen)):
        seconds = []
        for verb in ("DISABLE", "ENABLE"):
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE cohorts_membership {verb} TRIGGER USER")
                cursor.execute("VACUUM cohorts_membership")
                started = time.perf_counter()
                cursor.execute(sql)
                seconds.append(time.perf_counter() - started)
        result[name] = round(seconds[1] / seconds[0], 2)
    return result


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database beside the configured one, gone afterwards."""
    configured = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(configured, verbosity=0)


if __name__ == "__main__":
    main()
