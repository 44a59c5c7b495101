"""What the project's own copy of the playbook says about a step or a mode. No query."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from playbooks.library import from_snapshot
from playbooks.schema import Playbook, Resource
from projects.models import Project


@dataclass(frozen=True, slots=True)
class RolePart:
    """One line of the table of responsibilities: "Does it: Project manager"."""

    title: str
    roles: str


@dataclass(frozen=True, slots=True)
class StepGuide:
    parts: tuple[RolePart, ...] = ()
    checklist: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()


def playbook_of(project: Project) -> Playbook | None:
    """The playbook as it was when the project was made; None for a project without a copy."""
    return from_snapshot(project.playbook_snapshot) if project.playbook_snapshot else None


def step_guide(project: Project, key: str) -> StepGuide:
    """Who does, answers for, is asked and told; checklist and reading of the step ``key``."""
    playbook = playbook_of(project)
    step = next((step for step in playbook.steps if step.key == key), None) if playbook else None
    if playbook is None or step is None:
        return StepGuide()
    titles = {role.code: role.title for role in playbook.roles}
    lines = (
        (_("Does it"), step.roles.responsible),
        (_("Answers for it"), step.roles.accountable),
        (_("Is asked"), step.roles.consulted),
        (_("Is told"), step.roles.informed),
    )
    return StepGuide(
        parts=tuple(RolePart(title, _named(codes, titles)) for title, codes in lines if codes),
        checklist=step.checklist,
        resources=step.resources,
    )


def _named(codes: Iterable[str], titles: dict[str, str]) -> str:
    return ", ".join(titles.get(code, code) for code in codes)


def mode_title(project: Project, key: str) -> str:
    """How people call a mode; the key itself where the playbook's copy does not know it."""
    modes = project.playbook_snapshot.get("modes", ())
    return next((str(mode["title"]) for mode in modes if mode["key"] == key), key)


def playbook_title(project: Project) -> str:
    return str(project.playbook_snapshot.get("title") or project.playbook_key)
