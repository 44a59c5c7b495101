"""Imports people from a roster file: checked row by row, compared, written in one transaction.

Memory stays flat: rows go through in chunks, the comparison happens in the database. The same file
twice changes nothing. How people were before is kept for ``services.undo``.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from django.db import connection, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cohorts.enums import Placement
from cohorts.models import Cohort, RosterBefore, RosterImport
from cohorts.roster.columns import Choices
from cohorts.roster.copying import RosterCopy
from cohorts.roster.reading import RosterReader
from cohorts.roster.report import ImportReport, Rejected
from cohorts.services import roster_checks
from cohorts.services.capacity import refusing_full
from cohorts.services.members import open_for_joining, stamp_latecomers, upsert
from cohorts.services.sampling import samples_of
from cohorts.services.staging import Figures, Staging
from common.doorbell import ring
from projects.models import Project
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User

# Beyond so many rows the planner must learn of them at once, not when autovacuum comes by.
MANY = 10_000


@transaction.atomic
def import_people(
    *,
    project: Project,
    stream: BinaryIO,
    cohort: Cohort | None,
    is_strict: bool,
    is_dry_run: bool,
    acting_user: "User | None",
    expected: str = "",
    chosen: Choices | None = None,
    is_whole: bool = False,
    leavers_agreed: int | None = None,
    progress: Callable[[int], None] | None = None,
    note: str = "",
) -> ImportReport:
    """Write the good rows of ``stream`` and list the others. A dry run only counts.

    With ``cohort`` everybody in the file is in it afterwards, out of others of its kind (counted as
    updated), for the reason in ``note``. People who had left and are in the file are back; with
    ``is_whole`` whoever is not in it has left. Columns the file lacks stay; ``chosen`` says what
    its columns are taken as. ``progress`` is told the rows read and may raise to stop it all.

    Raises RosterError for a file that cannot be read, RosterRefused for bad rows in a strict
    import, CohortError, CohortFull, TooManyLeavers unless ``leavers_agreed`` is their number, and
    RosterChanged when ``expected`` (a report's digest) does not fit. Nothing is written then.
    """
    require_open(project)
    cohort = open_for_joining(cohort) if cohort else None
    one_import_at_a_time(project)
    copy = RosterCopy(reader := RosterReader(stream, chosen), progress, is_whole=is_whole)
    staging = Staging(project, cohort, copy, now())
    repeated, figures = staging.fill(), staging.figures()
    report = _report(staging, figures, copy, repeated, reader.sha256, cohort, is_dry_run=is_dry_run)
    roster_checks.refuse(report, is_strict=is_strict, expected=expected)
    if not is_dry_run:
        roster_checks.refuse_leavers(report, leavers_agreed)
        _write(staging, figures, report, project, cohort, acting_user, note, progress)
        _record(project, cohort, report, acting_user)
    return report


def one_import_at_a_time(project: Project) -> None:
    """What is compared must still be so when it is written; a second import waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('roster', %s))", [project.pk])


def _report(
    staging: Staging,
    figures: Figures,
    copy: RosterCopy,
    repeated: list[Rejected],
    sha256: str,
    cohort: Cohort | None,
    *,
    is_dry_run: bool,
) -> ImportReport:
    staying = staging.staying() if figures.stayed else []
    active, left = staging.active_and_leaving() if copy.is_whole else (0, None)
    name = cohort.name if cohort else ""
    return ImportReport(
        rows=copy.rows,
        created=figures.created,
        updated=figures.updated,
        unchanged=figures.staged - figures.created - figures.updated,
        rejected=tuple(sorted([*copy.rejected, *repeated])),
        warnings=tuple(sorted([*copy.warnings, *staying])),
        warned=copy.warned + figures.stayed,
        moved=figures.moved,
        returned=figures.returned,
        stayed=figures.stayed,
        left=left,
        active=active,
        lacking=roster_checks.places_lacking(staging, figures, cohort),
        samples=samples_of(staging, figures, left or 0, name) if is_dry_run else (),
        sha256=sha256,
    )


def _write(
    staging: Staging,
    figures: Figures,
    report: ImportReport,
    project: Project,
    cohort: Cohort | None,
    acting_user: "User | None",
    note: str,
    progress: Callable[[int], None] | None,
) -> None:
    if not report.writes:
        return
    step = progress or (lambda _rows: None)
    made = _remember(project, cohort, report, staging.at, acting_user)
    step(report.rows)
    with refusing_full():
        if report.left:
            staging.let_go()
        if figures.created:
            staging.insert()
        step(report.rows)
        if figures.changed:
            staging.update(made.pk)
    if cohort is not None and figures.joining:
        staging.remember_places(made.pk)
        upsert(cohort, *staging.chosen(), placed_by=Placement.FILE, note=note)
    if figures.returned:
        stamp_latecomers(project)
    step(report.rows)
    if report.writes > MANY:
        transaction.on_commit(_analyse, robust=True)


def _remember(
    project: Project,
    cohort: Cohort | None,
    report: ImportReport,
    at: datetime,
    acting_user: "User | None",
) -> RosterImport:
    """The import that can be undone from now on: this one, and no other."""
    RosterBefore.objects.filter(roster_import__project=project).delete()
    RosterImport.objects.filter(project=project).delete()
    return RosterImport.objects.create(
        project=project,
        cohort=cohort,
        made_by=acting_user,
        made_at=at,
        created=report.created,
        updated=report.updated,
        left=report.left or 0,
    )


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cohorts_participant, cohorts_membership")


def _record(
    project: Project, cohort: Cohort | None, report: ImportReport, acting_user: "User | None"
) -> None:
    figures = {
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": len(report.rejected),
        "left": report.left or 0,
    }
    sentence = _(
        "People imported: %(created)s new, %(updated)s changed, %(unchanged)s as before,"
        " %(rejected)s rejected."
    )
    if report.left:
        sentence = _(
            "People imported: %(created)s new, %(updated)s changed, %(left)s left, %(unchanged)s as"
            " before, %(rejected)s rejected."
        )
    events.record(
        project=project,
        verb="people.imported",
        sentence=sentence % figures,
        acting_user=acting_user,
        subject=cohort,
        data={**figures, "moved": report.moved, "sha256": report.sha256},
    )
    ring("projects.tasks.measure_project_goals", project.pk)
