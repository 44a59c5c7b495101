"""Reads of an uploaded roster: its file, its report, its rejected rows, how far a worker is."""

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from django.db import connection

from cohorts.enums import UploadStatus
from cohorts.exceptions import RosterError
from cohorts.models import RosterImport, RosterMapping, RosterPart, RosterUpload
from cohorts.roster.columns import Choices, found_columns
from cohorts.roster.reading import RosterReader
from cohorts.roster.report import ImportReport, Rejected, Sample
from cohorts.tables.opening import open_table
from projects.models import Project

REJECTED_A_PAGE = 100
LINES_NAMED = 5
LOCK = 0x726F7374
WORKING = (UploadStatus.READING, UploadStatus.IMPORTING)


def report_of(upload: RosterUpload) -> ImportReport:
    """What the import would have done when the preview was made."""
    return ImportReport.from_stored(upload.report)


@contextmanager
def content_of(upload: RosterUpload) -> Iterator[BinaryIO]:
    """The file as it came, on disk: while COPY reads it the connection cannot be asked for more."""
    parts = RosterPart.objects.filter(upload=upload)
    with tempfile.TemporaryFile() as file:
        for number in parts.order_by("number").values_list("number", flat=True):
            content = parts.values_list("content", flat=True).get(number=number)
            file.write(gzip.decompress(bytes(content)))
        file.seek(0)
        yield cast("BinaryIO", file)


def chosen_for(project: Project) -> Choices:
    """What this project takes the columns of its rosters as."""
    mapping = RosterMapping.objects.filter(project=project).first()
    return mapping.columns if mapping else {}


def samples_by_outcome(report: ImportReport) -> dict[str, list[Sample]]:
    """The people of a preview in groups, in the order in which they matter."""
    groups: dict[str, list[Sample]] = {"created": [], "updated": [], "left": [], "unchanged": []}
    for sample in report.samples:
        groups[sample.outcome].append(sample)
    return {name: samples for name, samples in groups.items() if samples}


@dataclass(frozen=True, slots=True)
class RejectedPage:
    """One page of the rejected rows; numbers begin at 1, ``before`` and ``after`` are 0 at ends."""

    rows: tuple[Rejected, ...]
    total: int
    first: int
    before: int
    after: int


def rejected_page(report: ImportReport, number: int) -> RejectedPage:
    """A page behind the last one is empty."""
    start, end = (number - 1) * REJECTED_A_PAGE, number * REJECTED_A_PAGE
    total = len(report.rejected)
    return RejectedPage(
        rows=report.rejected[start:end],
        total=total,
        first=start + 1,
        before=number - 1,
        after=number + 1 if end < total else 0,
    )


@dataclass(frozen=True, slots=True)
class Warned:
    """One reason for warnings, in how many of the first warnings, and the first lines."""

    reason: str
    count: int
    lines: tuple[int, ...]


def warnings_by_reason(report: ImportReport) -> list[Warned]:
    """The warnings a report holds, most frequent first."""
    lines: dict[str, list[int]] = {}
    for warning in report.warnings:
        lines.setdefault(warning.reason, []).append(warning.line)
    found = [Warned(reason, len(at), tuple(at[:LINES_NAMED])) for reason, at in lines.items()]
    return sorted(found, key=lambda warned: (-warned.count, warned.reason))


def has_file(upload: RosterUpload) -> bool:
    """The file is still there: only then can its rejected rows be downloaded."""
    return RosterPart.objects.filter(upload=upload).exists()


def header_of(upload: RosterUpload) -> list[str]:
    """The names of the columns as they stand in the file."""
    header, _first = beginning_of(upload)
    return header


def beginning_of(upload: RosterUpload) -> tuple[list[str], list[str]]:
    """The header and the first row, from which a person can tell what a column is."""
    with content_of(upload) as file:
        table = open_table(file, lambda header: len(found_columns(header)))
        try:
            _line, first = next(iter(table), (0, []))
        except RosterError:
            first = []
    return table.header, first


def rejected_header(upload: RosterUpload) -> list[str]:
    return ["line", "reason", *header_of(upload)]


def rejected_rows(upload: RosterUpload) -> Iterator[list[str]]:
    """The rejected rows as they stand in the file, each behind its line and reason."""
    reasons = {row.line: row.reason for row in report_of(upload).rejected}
    with content_of(upload) as file:
        for line, cells in RosterReader(file, upload.columns):
            if line in reasons:
                yield [str(line), reasons[line], *(cell.replace("\0", "") for cell in cells)]


def is_abandoned(upload: RosterUpload) -> bool:
    """A worker began and is gone: its lock is free though its work is not done.

    pg_locks shows the two keys of a lock as classid and objid, with objsubid 2.
    """
    if upload.status not in WORKING or upload.started_at is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid = %s AND objid = %s AND objsubid = 2)",
            lock_of(upload.pk),
        )
        (is_free,) = cursor.fetchone()
    return bool(is_free)


def lock_of(upload_pk: int) -> list[int]:
    """The two keys of the advisory lock that a worker holds on the upload it is at."""
    return [LOCK, upload_pk & 0x7FFFFFFF]


@dataclass(frozen=True, slots=True)
class LastImport:
    """The import that can be undone; ``made_by`` is a name, empty for a command."""

    made: RosterImport
    made_by: str


def last_import(project: Project) -> LastImport | None:
    """The last import that wrote something, unless it was undone."""
    made = RosterImport.objects.select_related("made_by", "cohort").filter(project=project).first()
    if made is None:
        return None
    return LastImport(made, str(made.made_by) if made.made_by else "")
