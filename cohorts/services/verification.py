"""Verifies modes from an export, and takes in what became of a script.

Nothing is granted here: the product holds no key to anybody's tenant. The same file twice changes
nothing but the record of the project.
"""

from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import ModeState
from cohorts.exceptions import ModeError
from cohorts.models import Membership, Participant
from cohorts.modes.counting import counting
from cohorts.modes.plan import ModePlan
from cohorts.modes.reading import MEETINGS, MODES, RESULTS, ObservationCopy, ObservationReader
from cohorts.modes.report import VerificationReport
from cohorts.services.observed import Observed
from common.doorbell import ring
from playbooks.modes import Observation
from projects.models import Project
from projects.services import events
from projects.services.guards import require_open

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

VERIFIED, GRANTED, CONVERTED = "modes.verified", "modes.results", "modes.meetings"


@transaction.atomic
def verify_modes(
    *, project: Project, stream: BinaryIO, acting_user: "User | None", at: datetime
) -> VerificationReport:
    """Compare the modes in ``stream`` with what each person's cohort is to have at ``at``.

    Verified is who is seen in the target mode, whatever the date; pending whose switch date is not
    reached, who was granted less than 24 hours ago, or who is in no cohort; drift everybody else.
    Results of a script (a file without modes) make people granted or failed instead. States of
    meetings (a file with neither) are a line in each person's history and move no mode.

    Raises ModeError where the playbook describes no export, RosterError for a file that cannot be
    read. Nothing is written then.
    """
    require_open(project)
    plan, observation = _plan(project)
    one_at_a_time(project)
    reader = ObservationReader(stream, observation)
    copy = ObservationCopy(reader, plan.names())
    observed = Observed(
        project,
        counting(project.cohorts.all(), at),
        kind=reader.kind,
        observation=observation,
        at=at,
    )
    observed.fill(copy)
    if copy.error:
        raise copy.error
    report = _report(observed.judge(copy.places), reader)
    observed.write()
    _record(project, report, acting_user)
    return report


@transaction.atomic
def requeue_people(
    *, project: Project, participants: "QuerySet[Participant]", acting_user: "User | None"
) -> int:
    """Put people in drift into the next script of their cohort; returns how many were in drift."""
    require_open(project)
    one_at_a_time(project)
    rows = Membership.objects.filter(
        cohort__project=project,
        mode_state=ModeState.DRIFT,
        participant__in=participants.order_by().values("pk"),
    )
    # Without the stamp of the grant that did not hold, so that a later report leaves them queued.
    people = rows.update(mode_state=ModeState.WAITING, granted_at=None)
    if people:
        events.record(
            project=project,
            verb="modes.requeued",
            sentence=ngettext(
                "%(n)s person in another mode goes into the next script.",
                "%(n)s people in another mode go into the next script.",
                people,
            )
            % {"n": people},
            acting_user=acting_user,
            data={"people": people},
        )
    return people


def _plan(project: Project) -> tuple[ModePlan, Observation]:
    plan = ModePlan.of(project.playbook_snapshot)
    if plan.observation is None:
        raise ModeError(
            _(
                "The playbook of this project does not say how an export shows modes, so it cannot"
                " be read here."
            )
        )
    return plan, plan.observation


def one_at_a_time(project: Project) -> None:
    """What was judged must still be so when it is written; a second report or script waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('modes', %s))", [project.pk])


def _report(counts: tuple[int, ...], reader: ObservationReader) -> VerificationReport:
    rows, unknown, repeated, verified, drift, failed = counts
    return VerificationReport(
        rows=rows,
        verified=verified,
        drift=drift,
        pending=rows - unknown - repeated - verified - drift - failed,
        unknown=unknown,
        failed=failed,
        repeated=repeated,
        sha256=reader.sha256,
        kind=reader.kind,
    )


def _record(project: Project, report: VerificationReport, acting_user: "User | None") -> None:
    verb, sentence = {
        MODES: (
            VERIFIED,
            _(
                "Modes seen: %(verified)s as intended, %(drift)s in another mode, %(pending)s not"
                " due yet, %(unknown)s unknown."
            ),
        ),
        RESULTS: (
            GRANTED,
            _(
                "Results of a script: %(pending)s people granted or on their way, %(failed)s"
                " refused, %(unknown)s unknown."
            ),
        ),
        MEETINGS: (
            CONVERTED,
            _(
                "State of meetings: converted for %(verified)s people, failed for %(failed)s, on"
                " their way for %(pending)s, %(unknown)s unknown."
            ),
        ),
    }[report.kind]
    figures = {**report.as_json(), "failed": report.failed}
    events.record(
        project=project,
        verb=verb,
        sentence=sentence % figures,
        acting_user=acting_user,
        data={**figures, "sha256": report.sha256},
    )
    ring("projects.tasks.measure_project_goals", project.pk)
