"""Two who do contrary things at the same moment, a thousand times: nobody may notice.

    python3 start.py benchmark races [--pairs 1000] [--only reschedule answer ...] [--json]

Each race runs so many pairs in a database of its own and says what it saw; the code is that of the
tests. The mail server that the workers talk to is the truth. Ends with 1 where a race has a fault.

`answer`, `unsubscribe`, `suppression`, `membership`, `leaving`, `deletion`: a worker is about to
hand a mail over while it becomes unwanted. At that commit it is taken back or marked, and who was
not marked by then never gets it.
`reschedule`: a worker sends a cohort's announcement while a manager moves the date. Whoever reads
the old date gets one correction, whoever reads the new one gets none, and everybody one mail.
"""

import argparse
import json
import os
import sys
import time
from random import Random
from typing import Any

import django
from django.conf import settings

SHOWN = 5
AT_ONCE = 100
UNWANTED = ("answer", "unsubscribe", "suppression", "membership", "leaving", "deletion")
RACES = (*UNWANTED, "reschedule")


def unwanted(name: str, pairs: int) -> dict[str, Any]:
    """A hundred people at once, until all pairs are done; with and without PIPELINING."""
    from communications.services.pipeline.switch import ensure_switch
    from tests.communications.sink import Sink
    from tests.rollout.unwanted import KINDS, race

    ensure_switch()
    results = []
    for number in range(-(-pairs // AT_ONCE)):
        with Sink(has_pipelining=number % 3 > 0) as sink:
            some = min(AT_ONCE, pairs - number * AT_ONCE)
            results.append(race(KINDS[name], some, sink, Random(number)))
    faults = [fault for result in results for fault in result.faults]
    return {
        "mail_first": sum(result.mail_first for result in results),
        "unwanted_first": sum(result.unwanted_first for result in results),
        "faults": len(faults),
        "first_faults": faults[:SHOWN],
    }


def reschedules(pairs: int) -> dict[str, Any]:
    from communications.services.pipeline.switch import ensure_switch
    from tests.communications.sink import Sink
    from tests.factories.people import UserFactory
    from tests.rollout.racing import cohort_with_a_mail_due, drain, race, told_by

    manager = UserFactory()
    ensure_switch()
    with Sink() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        for number in range(pairs):
            cohort = cohort_with_a_mail_due(manager)
            race(cohort, manager, Random(number))
        drain()
        told = told_by(sink)
    return {
        "people": len(told.people),
        "told_the_old_date": told.old.total(),
        "told_the_new_date": told.new.total(),
        "corrections": told.corrections.total(),
        "faults": len(told.faults),
        "first_faults": told.faults[:SHOWN],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--only", nargs="+", choices=RACES, default=list(RACES))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="the result into docs/faults.md")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    settings.DEVELOPMENT = True
    figures: dict[str, Any] = {name: run(name, options.pairs) for name in options.only}
    if options.write:
        from benchmarks._report import write_races

        write_races(figures)
    faults = sum(one["faults"] for one in figures.values())
    figures |= {"faults": faults, "load": round(os.getloadavg()[0], 2)}
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))
    sys.exit(int(bool(faults)))


def run(name: str, pairs: int) -> dict[str, Any]:
    """One race in a database of its own, which is gone afterwards."""
    from benchmarks.importing import scratch_database

    with scratch_database():
        start = time.perf_counter()
        figures = reschedules(pairs) if name == "reschedule" else unwanted(name, pairs)
    return {"pairs": pairs, "seconds": round(time.perf_counter() - start, 1), **figures}


if __name__ == "__main__":
    main()
