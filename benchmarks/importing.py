"""How much slower an import of people is than a bare COPY of the same file: the bar is 0.4 of it.

    python3 start.py benchmark importing [--rows 100000] [--rounds 3] [--json]

COPY goes into the same table with the same indexes and checks nothing. Rounds take turns, so that
a busy machine slows both; the ratio is the median of the rounds'. Works in a database of its own.
"""

import argparse
import csv
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.db import connection, transaction

HEADER = ("userPrincipalName", "displayName", "mail", "department", "officeLocation", "country")
# The same columns for COPY, which cannot fill `key` from a column it copies elsewhere.
COPIED = ("key", "display_name", "mail", "department", "office", "country")
DEFAULTS = {
    "public_id": "gen_random_uuid()",
    "status": "'active'",
    "created_at": "now()",
    **dict.fromkeys(
        ("upn", "object_id", "sip_address", "usage_location", "language", "manager"), "''"
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_roster(path, options.rows)
        figures = compare(path, options.rounds)
    figures |= {
        "rows": options.rows,
        "max_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    if options.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:28} {figure:>12}")


def write_roster(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(rows):
            # Scattered, as accounts are, so that no index is filled in order.
            account = f"person.{n * 7919 % 1_000_003:07}.{n}@example.org"
            name = f"Zoë Müller {n}" if n % 5 == 0 else f"Anna Example {n}"
            place = (f"Department {n % 40}", f"Office {n % 12}", "Germany")
            writer.writerow((account, name, account, *place))


def compare(path: Path, rounds: int) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {"copy": [], "import": [], "unchanged": []}
    for _round in range(rounds):
        empty_tables()
        seconds["copy"].append(timed(lambda: bare_copy(path)))
        empty_tables()
        seconds["import"].append(timed(lambda: imported(path, "created")))
        seconds["unchanged"].append(timed(lambda: imported(path, "unchanged")))
    result: dict[str, Any] = {
        f"{name}_seconds": round(statistics.median(times), 3) for name, times in seconds.items()
    }
    for name in ("import", "unchanged"):
        ratios = [copy / own for copy, own in zip(seconds["copy"], seconds[name], strict=True)]
        result[f"{name}_of_copy"] = round(statistics.median(ratios), 2)
    return result


def timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def bare_copy(path: Path) -> None:
    columns = ", ".join(COPIED)
    with transaction.atomic(), connection.cursor() as cursor, path.open("rb") as file:
        cursor.copy_expert(
            f"COPY cohorts_participant ({columns}) FROM STDIN WITH (FORMAT csv, HEADER true)", file
        )


def imported(path: Path, outcome: str) -> None:
    from cohorts.services.roster import import_people
    from projects.models import Project

    with path.open("rb") as stream:
        report = import_people(
            project=Project.objects.get(),
            stream=stream,
            cohort=None,
            is_strict=True,
            is_dry_run=False,
            acting_user=None,
        )
    assert getattr(report, outcome) == report.rows


def empty_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE cohorts_participant CASCADE")


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database beside the configured one with one project, gone afterwards."""
    from tests.factories.projects import ProjectFactory

    configured = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        project = ProjectFactory()
        defaults = {**DEFAULTS, "project_id": str(project.pk)}
        with connection.cursor() as cursor:
            for column, value in defaults.items():
                cursor.execute(
                    f"ALTER TABLE cohorts_participant ALTER {column} SET DEFAULT {value}"
                )
        yield
    finally:
        connection.creation.destroy_test_db(configured, verbosity=0)


if __name__ == "__main__":
    main()
