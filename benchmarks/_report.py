"""Writes what `benchmark faults` and `benchmark races` found into docs/faults.md, as tables.

Each replaces its own rows of the page and leaves the others, so that a run may be had in parts.
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
# How the lines below the table begin that belong to one fault.
EXTRA = ("Storm", "The last mail")


def write_faults(figures: dict[str, Any]) -> None:
    head = [
        "| fault | day | times | mails | twice | lost | uncertain | kept | seconds | load |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    day = datetime.now(UTC).date().isoformat()
    rows = {}
    for name, one in figures["scenarios"].items():
        times = one.get("kills") or one.get("faults") or len(one.get("parts", []))
        numbers = (times, one["mails"], one["duplicates"], one["lost"], one["uncertain"])
        cells = (day, *numbers, _yes(one["is_kept"]), one["seconds"], one["load"])
        rows[WORDS[name]] = f"| {WORDS[name]} | " + " | ".join(map(str, cells)) + " |"
    setting = (
        f"{figures['workers']} workers with {figures['connections']} connections each, a lease of"
        f" {figures['lease_seconds']} s, {figures['cores']} cores."
    )
    before = _part("Faults").splitlines()
    rows = {word: rows.get(word) or _row_of(word, before) for word in WORDS.values()}
    new = [*_storms(figures), *_pauses(figures)]
    unsaid = tuple(f"- {one}" for one in EXTRA if not any(line.startswith(one) for line in new))
    kept = [line[2:] for line in before if unsaid and line.startswith(unsaid)]
    _write("Faults", [*head, *filter(None, rows.values())], [setting, *new, *kept])


def _row_of(word: str, lines: list[str]) -> str:
    return next((line for line in lines if line.startswith(f"| {word} |")), "")


def _storms(figures: dict[str, Any]) -> list[str]:
    parts = figures["scenarios"].get("storm", {}).get("by_latency", [])
    return [
        f"{EXTRA[0]} with {round(part['latency'] * 1000)} ms to each answer: {part['kills']} kills"
        f" over {part['mails']} mails in {part['seconds']} s, {part['uncertain']} uncertain of at"
        f" most {part['uncertain_at_most']}."
        for part in parts
    ]


def _pauses(figures: dict[str, Any]) -> list[str]:
    late = figures["scenarios"].get("pause", {}).get("last_mail_after_seconds")
    return [] if late is None else [f"{EXTRA[1]} came {late} s after a click on pause."]


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
    kept = [one for one in _parts() if not one.startswith(f"## {title}")]
    PAGE.write_text("\n".join([HEAD, *sorted([*kept, part])]))


def _parts() -> list[str]:
    text = PAGE.read_text() if PAGE.exists() else HEAD
    return [f"## {one.rstrip()}\n" for one in text.split("\n## ")[1:]]


def _part(title: str) -> str:
    return next((one for one in _parts() if one.startswith(f"## {title}")), "")


def _yes(is_kept: bool) -> str:
    return "yes" if is_kept else "**no**"
