"""Changes what a cohort is besides its dates: its name, owner, modes, places, freeze.

The switch is moved by ``rollout``, for mails, surveys and calendars hang on it.
"""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cohorts.enums import CohortStatus, ModeState
from cohorts.exceptions import CohortError
from cohorts.gates import gate_key
from cohorts.models import Cohort
from cohorts.planning import CohortSettings
from cohorts.queries.journeys import journey_fault
from cohorts.services.capacity import refusing_full
from cohorts.services.cohorts import refuse_name
from projects.models import Project
from projects.services import events
from projects.services.gates import rename_gate
from projects.services.guards import lock_row, require_open

if TYPE_CHECKING:
    from accounts.models import User

EDIT_FIELDS = (
    "name",
    "owner_id",
    "from_mode",
    "to_mode",
    "capacity",
    "is_bookable",
    "booking_closes_days",
)
MOST_CLOSING_DAYS = 365


def settings_of(cohort: Cohort) -> CohortSettings:
    return CohortSettings(**{name: getattr(cohort, name) for name in EDIT_FIELDS})


@transaction.atomic
def edit_cohort(
    *, cohort: Cohort, settings: CohortSettings, acting_user: "User | None", seen: str = ""
) -> Cohort:
    """Change a cohort. ``seen`` is the fingerprint the form showed: PlanChanged if it is old.

    Raises CohortError for what cannot be, CohortFull for fewer places than people.
    """
    require_open(cohort.project)
    locked = lock_row(cohort, seen=seen, fields=EDIT_FIELDS)
    old = settings_of(locked)
    others = cohort.project.cohorts.exclude(pk=cohort.pk)
    settings = replace(settings, name=settings.name.strip())
    refuse_name(settings.name, list(others.values_list("name", flat=True)))
    if (settings.from_mode, settings.to_mode) != (old.from_mode, old.to_mode):
        _refuse_journey(locked, settings)
    if not 0 <= settings.booking_closes_days <= MOST_CLOSING_DAYS:
        raise CohortError(_("People can choose until at most a year before the switch."))
    _refuse_owner(cohort.project, settings.owner_id)
    changed = {k: v for k, v in asdict(settings).items() if v != getattr(old, k)}
    if not changed:
        return locked
    for name, value in changed.items():
        setattr(locked, name, value)
    with refusing_full():
        locked.save(update_fields=[name.removesuffix("_id") for name in changed])
    if "name" in changed:
        rename_gate(project=cohort.project, key=gate_key(locked), title=settings.name)
    _record_edit(locked, old, changed, acting_user)
    return locked


@transaction.atomic
def freeze_cohort(*, cohort: Cohort, acting_user: "User | None") -> Cohort:
    """From now on rules neither add nor take anybody; what they would do is shown as drift."""
    return _freeze(cohort, acting_user, is_frozen=True)


@transaction.atomic
def unfreeze_cohort(*, cohort: Cohort, acting_user: "User | None") -> Cohort:
    """Let rules fill the cohort again. Nobody is moved by this."""
    return _freeze(cohort, acting_user, is_frozen=False)


def _freeze(cohort: Cohort, acting_user: "User | None", *, is_frozen: bool) -> Cohort:
    require_open(cohort.project)
    locked = lock_row(cohort)
    if locked.status != CohortStatus.PLANNED:
        raise CohortError(
            _("“%(name)s” is %(status)s, so there is nothing to freeze.")
            % {"name": locked.name, "status": locked.get_status_display()}
        )
    if is_frozen == (locked.frozen_at is not None):
        return locked
    locked.frozen_at = now() if is_frozen else None
    locked.save(update_fields=["frozen_at"])
    frozen = _("The people of “%(name)s” are frozen: rules neither add nor take anybody.")
    free = _("The people of “%(name)s” are not frozen any more.")
    events.record(
        project=cohort.project,
        verb="cohort.frozen" if is_frozen else "cohort.unfrozen",
        sentence=(frozen if is_frozen else free) % {"name": locked.name},
        acting_user=acting_user,
        subject=locked,
    )
    return locked


def _refuse_journey(cohort: Cohort, settings: CohortSettings) -> None:
    """What was granted or seen was so for the old pair of modes."""
    if cohort.status != CohortStatus.PLANNED:
        raise CohortError(
            _("“%(name)s” is not planned any more, so its modes stay as they are.")
            % {"name": cohort.name}
        )
    begun = cohort.memberships.exclude(mode_state=ModeState.WAITING, exported_at=None)
    if begun.exists():
        raise CohortError(
            _(
                "People of “%(name)s” are in a script or in a report of modes already. Make another"
                " cohort for another journey."
            )
            % {"name": cohort.name}
        )
    if fault := journey_fault(cohort.project, settings.from_mode, settings.to_mode):
        raise CohortError(fault)


def _refuse_owner(project: Project, owner_id: int | None) -> None:
    if owner_id is not None and not project.stakeholders.filter(pk=owner_id).exists():
        raise CohortError(_("The owner is somebody who carries the project."))


def _record_edit(
    cohort: Cohort, old: CohortSettings, changed: dict[str, Any], acting_user: "User | None"
) -> None:
    sentence = _("“%(name)s” was changed: %(what)s.") % {
        "name": cohort.name,
        "what": ", ".join(
            str(cohort._meta.get_field(name.removesuffix("_id")).verbose_name)  # type: ignore[union-attr]
            for name in changed
        ),
    }
    if set(changed) == {"name"}:
        words = {"old": old.name, "new": cohort.name}
        sentence = _("Cohort “%(old)s” is now called “%(new)s”.") % words
    events.record(
        project=cohort.project,
        verb="cohort.renamed" if set(changed) == {"name"} else "cohort.changed",
        sentence=sentence,
        acting_user=acting_user,
        subject=cohort,
        data={name: [getattr(old, name), value] for name, value in changed.items()},
    )
