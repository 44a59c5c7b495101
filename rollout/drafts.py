"""What a manager says about a new project, and the plan that follows from it. Nothing is stored.

The plan carries a hash of everything it would make: the page shows it, the service makes the plan
anew and refuses when it came out differently, so what was shown is what is made.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date

from django.utils.translation import gettext as _

from cohorts.journey import reachable
from common.exceptions import DomainError
from playbooks.library import get_playbook
from playbooks.schema import Mode, Playbook
from projects.schedule import plan_schedule
from projects.schedule_plan import SchedulePlan


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectDraft:
    """``wave_count`` counts waves, the pilot comes on top; ``timezone`` is a tz database name."""

    playbook_key: str
    name: str
    starts_on: date
    target_on: date | None
    timezone: str
    wave_count: int
    from_mode: str = ""
    to_mode: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectPlan:
    """A draft with everything that follows from it."""

    draft: ProjectDraft
    playbook: Playbook
    schedule: SchedulePlan
    from_mode: Mode
    to_mode: Mode

    @property
    def digest(self) -> str:
        """Differs as soon as the draft, the playbook or any date differs."""
        parts = [asdict(self.draft), self.playbook.to_snapshot(), asdict(self.schedule)]
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def plan_project(draft: ProjectDraft) -> ProjectPlan:
    """The whole plan, without a word written. Raises DomainError with a sentence."""
    playbook = get_playbook(draft.playbook_key)
    if not draft.name.strip():
        raise DomainError(_("Give the project a name."))
    schedule = plan_schedule(
        playbook,
        starts_on=draft.starts_on,
        target_on=draft.target_on,
        timezone=draft.timezone,
        wave_count=draft.wave_count,
    )
    journey = playbook.default_journey.modes
    from_mode = _mode(playbook, draft.from_mode or journey[0])
    to_mode = _mode(playbook, draft.to_mode or journey[-1])
    _check_journey(playbook, from_mode, to_mode)
    return ProjectPlan(
        draft=draft, playbook=playbook, schedule=schedule, from_mode=from_mode, to_mode=to_mode
    )


def _mode(playbook: Playbook, key: str) -> Mode:
    for mode in playbook.modes:
        if mode.key == key:
            return mode
    raise DomainError(
        _("“%(key)s” is not a mode of this playbook. Use one of: %(modes)s.")
        % {"key": key, "modes": ", ".join(mode.key for mode in playbook.modes)}
    )


def _check_journey(playbook: Playbook, start: Mode, end: Mode) -> None:
    """There must be a way from mode to mode along the allowed transitions."""
    if start.key == end.key:
        raise DomainError(_("The upgrade must end in another mode than it starts in."))
    after = {mode.key: mode.allowed_next for mode in playbook.modes}
    if end.key not in reachable(after, start.key):
        raise DomainError(
            _("No allowed way leads from “%(start)s” to “%(end)s”. Choose another pair of modes.")
            % {"start": start.title, "end": end.title}
        )
