"""What is said about people outside of cohorts and rosters: left, back, white glove.

Erasing a person spans rooms and is told in ``rollout.services.erase``.
"""

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.enums import ParticipantStatus
from cohorts.exceptions import CohortError
from cohorts.models import Participant
from cohorts.services.capacity import refusing_full
from cohorts.services.members import stamp_latecomers
from common.doorbell import ring
from projects.models import Project
from projects.services import events
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

MEASURE = "projects.tasks.measure_project_goals"


@transaction.atomic
def mark_left(
    *, project: Project, participants: "QuerySet[Participant]", acting_user: "User | None"
) -> int:
    """The active ones of ``participants`` are not to be upgraded any more; how many they were.

    Their mail that waits is taken back by the database (docs/adr/0005).
    """
    gone = _move(
        project, participants, ParticipantStatus.ACTIVE, ParticipantStatus.LEFT, left_at=now()
    )
    if gone:
        events.record(
            project=project,
            verb="people.left",
            # No names: the record outlives a person's erasure.
            sentence=ngettext(
                "%(n)s person has left and is not counted any more.",
                "%(n)s people have left and are not counted any more.",
                len(gone),
            )
            % {"n": len(gone)},
            acting_user=acting_user,
            data={"people": len(gone)},
        )
        ring(MEASURE, project.pk)
    return len(gone)


@transaction.atomic
def bring_back(
    *, project: Project, participants: "QuerySet[Participant]", acting_user: "User | None"
) -> int:
    """Those of ``participants`` who had left are back in the cohorts of before; how many.

    What was sent is not sent again. Raises CohortFull where their places were given away.
    """
    with refusing_full():
        back = _move(
            project, participants, ParticipantStatus.LEFT, ParticipantStatus.ACTIVE, left_at=None
        )
    if back:
        stamp_latecomers(project)
        events.record(
            project=project,
            verb="people.back",
            sentence=ngettext(
                "%(n)s person who had left is back.",
                "%(n)s people who had left are back.",
                len(back),
            )
            % {"n": len(back)},
            acting_user=acting_user,
            data={"people": len(back)},
        )
        ring(MEASURE, project.pk)
    return len(back)


def _move(
    project: Project, participants: "QuerySet[Participant]", old: str, new: str, **also: object
) -> list[int]:
    """A compare-and-set over many rows: locked in one order, moved if they still are ``old``."""
    require_open(project)
    chosen = participants.order_by().values("pk")
    rows = Participant.objects.filter(project=project, status=old, pk__in=chosen).order_by("pk")
    pks = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    Participant.objects.filter(pk__in=pks).update(status=new, **also)
    return pks


@transaction.atomic
def set_white_glove(
    *, participant: Participant, is_white_glove: bool, acting_user: "User | None"
) -> Participant:
    """Somebody who is upgraded with personal care: rules leave them where they are."""
    require_open(participant.project)
    person = lock_row(participant)
    require_known(person)
    if person.is_white_glove == is_white_glove:
        return person
    person.is_white_glove = is_white_glove
    person.save(update_fields=["is_white_glove"])
    events.record(
        project=participant.project,
        verb="participant.white_glove",
        sentence=_("One person is upgraded with a white glove now.")
        if is_white_glove
        else _("One person is upgraded like everybody else again."),
        acting_user=acting_user,
        subject=person,
        data={"is_white_glove": is_white_glove},
    )
    return person


def require_known(participant: Participant) -> None:
    """Raises CohortError for somebody who was erased: nothing more is said about them."""
    if participant.status == ParticipantStatus.ERASED:
        raise CohortError(_("This person was erased. Import them again to start anew."))
