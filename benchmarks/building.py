"""How much faster a mail is built than by Django's own mails and templates: the bar is 50.

    python3 start.py benchmark building [--mails 200] [--rounds 30] [--json]

Ours is what a worker does for each mail of a claim. The peer renders two compiled templates, text
and HTML, with the same values, and writes the same headers by `EmailMultiAlternatives`; both are
read and compared before anything is measured. Rounds take turns, a ratio is the median of theirs,
and time is that of the processor. The bar is that of a mandatory mail. An optional one has a link
that stops such mails and two headers with it, and may have a return path of its own besides; both
sides sign these with the same functions of ours. Ends with 1 where the bar is missed.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import django
from django.conf import settings

from benchmarks.importing import scratch_database

BAR = 50
SENDER = "a@localhost"
BOUNCES = "bounces@example.org"
LEASE_SECONDS = 3600.0  # longer than a run, so that the next claim brings others


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=200, help="of a round; a claim brings 200")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upgrade_tracker.settings")
    django.setup()
    with scratch_database():
        figures: dict[str, Any] = {
            "mandatory": side_by_side(options, is_mandatory=True),
            "optional": side_by_side(options, is_mandatory=False),
            "with_return_path": side_by_side(options, is_mandatory=False, bounces=BOUNCES),
            "mails": options.mails,
            "rounds": options.rounds,
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
        }
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))
    raise SystemExit(figures["mandatory"]["ratio_to_django"] < BAR)


def side_by_side(
    options: argparse.Namespace, *, is_mandatory: bool, bounces: str = ""
) -> dict[str, Any]:
    from benchmarks._peers import DjangoMails

    settings.BOUNCE_ADDRESS = bounces
    drafts = claimed_drafts(options.mails, is_mandatory=is_mandatory)
    peer = DjangoMails(drafts[0])
    say_the_same(drafts, peer.build)
    ours, theirs = [], []
    for _round in range(options.rounds):
        ours.append(microseconds(lambda draft: draft.build(SENDER), drafts))
        theirs.append(microseconds(peer.build, drafts))
    ratios = [other / own for own, other in zip(ours, theirs, strict=True)]
    return {
        "ratio_to_django": round(statistics.median(ratios), 1),
        "lowest_round": round(min(ratios), 1),
        "microseconds": round(statistics.median(ours), 1),
        "django_microseconds": round(statistics.median(theirs), 1),
        "bytes_a_mail": len(drafts[0].build(SENDER).body),
        "django_bytes_a_mail": len(peer.build(drafts[0])),
    }


def claimed_drafts(mails: int, *, is_mandatory: bool) -> Sequence[Any]:
    """As a worker holds them: claimed, with the values of each person."""
    from benchmarks.sending import expanded, uuid_of_nobody
    from communications.models import Message
    from communications.services.pipeline.build import Drafts
    from communications.services.pipeline.claim import claim
    from communications.services.pipeline.switch import ensure_switch

    occurrence = expanded(mails)
    Message.objects.filter(pk=occurrence.message_id).update(is_mandatory=is_mandatory)
    ensure_switch()
    return Drafts().of(claim(uuid_of_nobody(), mails, LEASE_SECONDS))


def say_the_same(drafts: Sequence[Any], peer: Callable[[Any], bytes]) -> None:
    for draft in drafts:
        ours, theirs = what_it_says(draft.build(SENDER).body), what_it_says(peer(draft))
        if ours != theirs:
            raise SystemExit(f"Unequal mails are compared:\n{ours}\n{theirs}")


def what_it_says(mail: bytes) -> tuple[set[tuple[str, str]], str, str]:
    """Its headers but for the ones that depend on the boundary, its text, its HTML."""
    from communications.rendering.reading import parse, part

    message = parse(mail)
    # Django folds long lines right after the colon, which leaves a space.
    lines = {(name, value.strip()) for name, value in message.items() if name != "Content-Type"}
    return lines, part(message, "plain"), part(message, "html")


def microseconds(build: Callable[[Any], object], drafts: Sequence[Any]) -> float:
    """For each mail, of the processor's time."""
    start = time.process_time()
    for draft in drafts:
        build(draft)
    return (time.process_time() - start) / len(drafts) * 1e6


if __name__ == "__main__":
    main()
