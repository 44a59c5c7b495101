"""What an import would do to whom: a few people of every outcome, with what changes for each.

Takes the first the database meets, without sorting, so that a million rows are not read for a few.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from cohorts.roster.columns import EXPORT_NAMES
from cohorts.roster.report import Change, Sample
from cohorts.services.staging import JOINING, KNOWN, LEAVING, MOVING, Figures, Staging

SAMPLES = 25


def samples_of(staging: Staging, figures: Figures, left: int, cohort: str) -> tuple[Sample, ...]:
    """Up to ``SAMPLES`` people of each outcome that there is; ``cohort`` is its name, or empty."""
    taken: list[Sample] = []
    written = f"({staging.changed()}) OR ({JOINING})"
    if figures.created:
        taken += _plain(staging, "created", "p.id IS NULL")
    if figures.updated:
        taken += _changed(staging, f"p.id IS NOT NULL AND ({written})", cohort)
    if figures.staged > figures.created + figures.updated:
        taken += _plain(staging, "unchanged", f"p.id IS NOT NULL AND ({written}) IS NOT TRUE")
    if left:
        taken += _leaving(staging)
    return tuple(sorted(taken, key=lambda sample: (not sample.line, sample.line, sample.name)))


def _plain(staging: Staging, outcome: str, condition: str) -> Iterator[Sample]:
    address = staging.address()
    name = "r.display_name" if "display_name" in staging.fields else "NULL"
    sql = f"""
    SELECT r.line, COALESCE({name}, p.display_name, {address}), {address}
    {KNOWN} WHERE {condition} LIMIT {SAMPLES}
    """
    for line, shown, known_by in staging.rows(sql):
        yield Sample(line, shown, known_by, outcome)


def _changed(staging: Staging, condition: str, cohort: str) -> Iterator[Sample]:
    facts = [f"r.{field}, p.{field}" for field in staging.fields]
    if staging.further:
        facts.append("r.attributes, p.attributes")
    sql = f"""
    SELECT r.line, p.display_name, {staging.address()}, p.status = 'left',
        CASE WHEN {JOINING} THEN COALESCE(c.name, '') END, {", ".join(facts)}
    {KNOWN} LEFT JOIN cohorts_cohort c ON c.id = m.cohort_id AND {MOVING}
    WHERE {condition} LIMIT {SAMPLES}
    """
    for line, name, address, had_left, cohort_before, *pairs in staging.rows(sql):
        changes = list(_changes(staging, pairs))
        if had_left:
            changes.insert(0, Change(_("status"), _("left"), _("active")))
        if cohort_before is not None:
            changes.append(Change(_("cohort"), cohort_before, cohort))
        yield Sample(line, name, address, "updated", tuple(changes))


def _changes(staging: Staging, pairs: list[Any]) -> Iterator[Change]:
    for field, after, before in zip(staging.fields, pairs[::2], pairs[1::2], strict=False):
        if after is not None and after != before:
            yield Change(EXPORT_NAMES[field], before, after)
    if staging.further:
        given, known = (json.loads(text) for text in pairs[-2:])
        for name in staging.further:
            before, after = known.get(name, ""), given.get(name, "")
            if before != after:
                yield Change(name, str(before), str(after))


def _leaving(staging: Staging) -> Iterator[Sample]:
    sql = f"SELECT p.display_name, COALESCE(NULLIF(p.upn, ''), p.mail) {LEAVING} LIMIT {SAMPLES}"
    for name, address in staging.rows(sql):
        yield Sample(0, name, address, "left")
