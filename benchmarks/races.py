"""Two who do contrary things at the same moment, a thousand times: nobody may notice.

    python3 start.py benchmark races [--pairs 1000] [--only reschedule] [--json]

Each race is one function of RACES: it runs so many pairs in a database of its own and says what it
saw. The mail server that the workers talk to is the truth. Ends with 1 where a race has a fault.

`reschedule`: a worker sends a cohort's announcement while a manager moves the date. Whoever reads
the old date gets one correction, whoever reads the new one gets none, and everybody one mail.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from random import Random
from typing import Any

import django
from django.conf import settings

SHOWN = 5


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


RACES: dict[str, Callable[[int], dict[str, Any]]] = {"reschedule": reschedules}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--only", nargs="+", choices=RACES, default=list(RACES))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    figures = {name: run(name, options.pairs) for name in options.only}
    figures["load"] = round(os.getloadavg()[0], 2)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))
    sys.exit(int(any(figures[name]["faults"] for name in options.only)))


def run(name: str, pairs: int) -> dict[str, Any]:
    """One race in a database of its own, which is gone afterwards."""
    from benchmarks.importing import scratch_database

    with scratch_database():
        start = time.perf_counter()
        figures = RACES[name](pairs)
    return {"pairs": pairs, "seconds": round(time.perf_counter() - start, 1), **figures}


if __name__ == "__main__":
    main()
