"""What a project's copy of its playbook says about modes: names, exports, scripts."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from cohorts.roster.columns import folded
from playbooks.modes import ModeMethod, Observation, Script
from playbooks.reading import read
from playbooks.schema import Mode


@dataclass(frozen=True, kw_only=True, slots=True)
class ModePlan:
    """The parts of a playbook that deal with modes; empty where a copy is older than they are."""

    modes: tuple[Mode, ...] = ()
    observation: Observation | None = None
    mode_methods: tuple[ModeMethod, ...] = ()
    scripts: tuple[Script, ...] = ()

    @classmethod
    def of(cls, snapshot: Mapping[str, Any]) -> "ModePlan":
        names = [spec.name for spec in fields(cls)]
        return read(cls, {name: snapshot[name] for name in names if name in snapshot})

    def mode(self, key: str) -> Mode | None:
        return next((mode for mode in self.modes if mode.key == key), None)

    def title(self, key: str) -> str:
        """The title of a mode; a text that is no mode of the playbook stands for itself."""
        mode = self.mode(key)
        return mode.title if mode else key

    def method(self, key: str) -> ModeMethod | None:
        return next((method for method in self.mode_methods if method.key == key), None)

    def scripts_of(self, method: ModeMethod) -> tuple[Script, ...]:
        known = {script.key: script for script in self.scripts}
        return tuple(known[key] for key in method.scripts)

    def names(self) -> dict[str, str]:
        """Every name of a mode, without case, spaces and signs -> its key. Keys win over others."""
        found = {folded(mode.key): mode.key for mode in self.modes}
        for mode in self.modes:
            others = (mode.title, mode.policy_name, mode.notify_policy_name, *mode.observed_as)
            for name in others:
                found.setdefault(folded(name or ""), mode.key)
        return found
