"""What a manager would say about a new project, for any playbook."""

from dataclasses import replace
from datetime import date
from typing import Any

from rollout.drafts import ProjectDraft

NAME = "Nordwind Energie"
STARTS_ON = date(2038, 1, 4)
WAVES = 3


def draft_for(playbook_key: str, **changes: Any) -> ProjectDraft:
    draft = ProjectDraft(
        playbook_key=playbook_key,
        name=NAME,
        starts_on=STARTS_ON,
        target_on=None,
        timezone="Europe/Berlin",
        wave_count=WAVES,
    )
    return replace(draft, **changes)


def form_of(draft: ProjectDraft, **changes: Any) -> dict[str, str]:
    """The same as the page would send it."""
    data = {
        "playbook_key": draft.playbook_key,
        "name": draft.name,
        "starts_on": draft.starts_on.isoformat(),
        "target_on": draft.target_on.isoformat() if draft.target_on else "",
        "timezone": draft.timezone,
        "wave_count": str(draft.wave_count),
        "from_mode": draft.from_mode,
        "to_mode": draft.to_mode,
    }
    return {**data, **changes}
