"""How much slower an import of people is than a bare COPY of the same file: the bar is 0.4 of it,
for the preview and for the import; 0.8 for a file that changes nothing, and 300 MiB of memory.

    python3 start.py benchmark importing [--rows 1000000] [--rounds 3] [--undo] [--json]

COPY goes into the same table with the same indexes and triggers and checks nothing. Rounds take
turns, so that a busy machine slows both; the ratio is the median of the rounds'. With ``--undo``
also a file that changes everybody, and its undoing. Works in a database of its own. Ends with 1
where a bar is missed.
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
from functools import partial
from pathlib import Path
from typing import Any

import django
from django.db import connection, transaction

HEADER = ("userPrincipalName", "displayName", "mail", "department", "officeLocation", "country")
# The same columns for COPY, which cannot fill `key` from a column it copies elsewhere.
COPIED = ("key", "display_name", "mail", "department", "office", "country")
BARS = {"preview_of_copy": 0.4, "import_of_copy": 0.4, "unchanged_of_copy": 0.8}
MOST_MIB = 300
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
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--undo", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_roster(path, options.rows, "Germany")
        changed = Path(folder) / "changed.csv"
        write_roster(changed, options.rows, "Sweden")
        figures = compare(path, changed if options.undo else None, options.rounds)
    figures |= {
        "rows": options.rows,
        "max_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    figures["missed"] = [name for name, bar in BARS.items() if figures[name] < bar]
    if figures["max_rss_mib"] > MOST_MIB:
        figures["missed"].append("max_rss_mib")
    if options.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:28} {figure!s:>12}")
    raise SystemExit(bool(figures["missed"]))


def write_roster(path: Path, rows: int, country: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(rows):
            # Scattered, as accounts are, so that no index is filled in order.
            account = f"person.{n * 7919 % 1_000_003:07}.{n}@example.org"
            name = f"Zoë Müller {n}" if n % 5 == 0 else f"Anna Example {n}"
            place = (f"Department {n % 40}", f"Office {n % 12}", country)
            writer.writerow((account, name, account, *place))


def compare(path: Path, changed: Path | None, rounds: int) -> dict[str, Any]:
    names = ["copy", "preview", "import", "unchanged", *(["changed", "undo"] if changed else [])]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _round in range(rounds):
        empty_tables()
        seconds["copy"].append(timed(lambda: bare_copy(path)))
        empty_tables()
        seconds["preview"].append(timed(lambda: imported(path, "created", is_dry_run=True)))
        seconds["import"].append(timed(lambda: imported(path, "created")))
        seconds["unchanged"].append(timed(lambda: imported(path, "unchanged")))
        if changed:
            seconds["changed"].append(timed(partial(imported, changed, "updated")))
            seconds["undo"].append(timed(undone))
    result: dict[str, Any] = {
        f"{name}_seconds": round(statistics.median(times), 3) for name, times in seconds.items()
    }
    for name in names[1:]:
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


def imported(path: Path, outcome: str, *, is_dry_run: bool = False) -> None:
    from cohorts.services.roster import import_people
    from projects.models import Project

    with path.open("rb") as stream:
        report = import_people(
            project=Project.objects.get(),
            stream=stream,
            cohort=None,
            is_strict=True,
            is_dry_run=is_dry_run,
            acting_user=None,
        )
    assert getattr(report, outcome) == report.rows


def undone() -> None:
    from cohorts.queries.uploads import last_import
    from cohorts.services.undo import undo_import
    from projects.models import Project

    last = last_import(project := Project.objects.get())
    assert last is not None
    result = undo_import(project=project, made=last.made, acting_user=None)
    assert result.restored == last.made.updated


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
