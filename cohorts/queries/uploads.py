"""Reads of an upload that waits for confirmation."""

from collections.abc import Iterator
from gzip import GzipFile
from io import BytesIO
from typing import BinaryIO, cast

from cohorts.models import RosterUpload
from cohorts.roster.reading import RosterReader
from cohorts.roster.report import ImportReport


def report_of(upload: RosterUpload) -> ImportReport:
    """What the import would have done when the preview was made."""
    return ImportReport.from_stored(upload.report)


def content_of(upload: RosterUpload) -> BinaryIO:
    """The file as it came, unpacked while it is read."""
    return cast("BinaryIO", GzipFile(fileobj=BytesIO(bytes(upload.content))))


def rejected_header(upload: RosterUpload) -> list[str]:
    return ["line", "reason", *RosterReader(content_of(upload)).header]


def rejected_rows(upload: RosterUpload) -> Iterator[list[str]]:
    """The rejected rows as they stand in the file, each behind its line and reason."""
    reasons = {row.line: row.reason for row in report_of(upload).rejected}
    for line, cells in RosterReader(content_of(upload)):
        if line in reasons:
            yield [str(line), reasons[line], *(cell.replace("\0", "") for cell in cells)]
