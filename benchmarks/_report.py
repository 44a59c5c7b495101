"""Writes what `benchmark faults` and `benchmark races` found into docs/faults.md, as tables.

Each replaces its own part of the page and leaves the other's.
"""

import os
import platform
from datetime import UTC, datetime
from typing import Any

from upgrade_tracker.launch.places import ROOT

PAGE = ROOT / "docs" / "faults.md"
HEAD = """# What sending kept when everything else failed

The last results of `python3 start.py benchmark faults --write` and of `python3 start.py benchmark
races --write`. An SMTP server outside of the product, which logs a mail before it says 250, is the
truth. *Twice*: mails it took more than once. *Lost*: mails that count as sent and never reached it.
*Uncertain*: rows a person decides about; at most one for each connection of a worker that died.
"""
WORDS = {
    "storm": "`kill -9` at random moments",
    "points": "death before and after each commit, the dot and the answer",
    "database": "PostgreSQL killed, and stopped at once (`immediate`)",
    "redis": "broker flushed each second, hung, restarted; three beats, one, none",
    "sleep": "worker stopped for longer than its lease",
    "clocks": "workers' clocks two hours late and a day ahead",
    "jumps": "the database's clock an hour ahead and back",
    "pause": "message paused at a random moment and resumed",
}


def write_faults(figures: dict[str, Any]) -> None:
    rows = [
        "| fault | times | mails | twice | lost | uncertain | kept | seconds | load |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in figures["scenarios"].items():
        times = one.get("kills") or one.get("faults") or len(one.get("parts", []))
        numbers = (times, one["mails"], one["duplicates"], one["lost"], one["uncertain"])
        cells = (*numbers, _yes(one["is_kept"]), one["seconds"], one["load"])
        rows.append(f"| {WORDS[name]} | " + " | ".join(map(str, cells)) + " |")
    setting = (
        f"{figures['workers']} workers with {figures['connections']} connections each, a lease of"
        f" {figures['lease_seconds']} s, {figures['cores']} cores."
    )
    extra = [setting, *_storms(figures), *_pauses(figures)]
    _write("Faults", rows, extra)


def _storms(figures: dict[str, Any]) -> list[str]:
    parts = figures["scenarios"].get("storm", {}).get("by_latency", [])
    return [
        f"Storm with {round(part['latency'] * 1000)} ms to each answer: {part['kills']} kills over"
        f" {part['mails']} mails in {part['seconds']} s, {part['uncertain']} uncertain of at most"
        f" {part['uncertain_at_most']}."
        for part in parts
    ]


def _pauses(figures: dict[str, Any]) -> list[str]:
    late = figures["scenarios"].get("pause", {}).get("last_mail_after_seconds")
    return [] if late is None else [f"The last mail came {late} s after a click on pause."]


def write_races(figures: dict[str, Any]) -> None:
    rows = [
        "| race against sending | pairs | mail was first | change was first | wrong | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in figures.items():
        mail = one.get("mail_first", one.get("told_the_old_date"))
        change = one.get("unwanted_first", one.get("told_the_new_date"))
        cells = (name, one["pairs"], mail, change, one["faults"], one["seconds"])
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    _write("Races", rows, ["In `reschedule` the two columns count people, six to a pair."])


def _write(title: str, rows: list[str], lines: list[str]) -> None:
    day = datetime.now(UTC).date().isoformat()
    about = f"{day}, {platform.machine()}, {os.cpu_count()} cores"
    listed = "\n".join(f"- {line}" for line in lines)
    part = f"## {title} ({about})\n\n" + "\n".join(rows) + f"\n\n{listed}\n"
    text = PAGE.read_text() if PAGE.exists() else HEAD
    head, *parts = text.split("\n## ")
    kept = [f"## {one.rstrip()}\n" for one in parts if not one.startswith(title)]
    page = [f"{head.rstrip()}\n", *sorted([*kept, part])]
    PAGE.write_text("\n".join(page))


def _yes(is_kept: bool) -> str:
    return "yes" if is_kept else "**no**"
