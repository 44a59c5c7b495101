"""References: whatever names another part of the playbook names one that is there."""

from collections.abc import Iterable, Iterator

from playbooks.exceptions import Mistake
from playbooks.reading import suggest
from playbooks.rules.paths import located_steps
from playbooks.schema import Playbook


def check_references(playbook: Playbook) -> Iterator[Mistake]:
    yield from _check_roles(playbook)
    yield from _check_steps_and_messages(playbook)
    yield from _check_modes(playbook)
    yield from _check_surveys(playbook)


def missing(
    path: str, names: Iterable[str], allowed: Iterable[str], noun: str
) -> Iterator[Mistake]:
    """A mistake for each of ``names`` that is not among ``allowed``; ``path`` is the list's."""
    known = list(allowed)
    for at, name in enumerate(names):
        if name not in known:
            yield Mistake(f"{path}[{at}]", f"'{name}' is not {noun}; {suggest(name, known)}")


def missing_one(path: str, name: str, allowed: Iterable[str], noun: str) -> Iterator[Mistake]:
    known = list(allowed)
    if name not in known:
        yield Mistake(path, f"'{name}' is not {noun}; {suggest(name, known)}")


def _check_roles(playbook: Playbook) -> Iterator[Mistake]:
    codes = [role.code for role in playbook.roles]
    for path, step in located_steps(playbook):
        for letter in ("responsible", "accountable", "consulted", "informed"):
            named = getattr(step.roles, letter)
            yield from missing(f"{path}.roles.{letter}", named, codes, "a role")
    for at, goal in enumerate(playbook.goals):
        yield from missing_one(f"goals[{at}].owner_role", goal.owner_role, codes, "a role")
    for at, risk in enumerate(playbook.risks):
        yield from missing_one(f"risks[{at}].owner_role", risk.owner_role, codes, "a role")
    for at, message in enumerate(playbook.messages):
        yield from missing_one(f"messages[{at}].sender_role", message.sender_role, codes, "a role")


def _check_steps_and_messages(playbook: Playbook) -> Iterator[Mistake]:
    """The two lists say the same from both sides, so neither page can miss a link."""
    steps = {step.key: step for step in playbook.steps}
    messages = {message.key: message for message in playbook.messages}
    for path, step in located_steps(playbook):
        yield from missing(f"{path}.after", step.after, steps, "a step")
        yield from missing(f"{path}.message_keys", step.message_keys, messages, "a message")
        for at, key in enumerate(step.message_keys):
            if key in messages and step.key not in messages[key].step_keys:
                yield Mistake(
                    f"{path}.message_keys[{at}]",
                    f"message '{key}' does not name this step; add '{step.key}' to its step_keys",
                )
    for index, message in enumerate(playbook.messages):
        path = f"messages[{index}].step_keys"
        yield from missing(path, message.step_keys, steps, "a step")
        for at, key in enumerate(message.step_keys):
            if key in steps and message.key not in steps[key].message_keys:
                yield Mistake(
                    f"{path}[{at}]",
                    f"step '{key}' does not name this message; "
                    f"add '{message.key}' to its message_keys",
                )


def _check_modes(playbook: Playbook) -> Iterator[Mistake]:
    modes = {mode.key: mode for mode in playbook.modes}
    for at, mode in enumerate(playbook.modes):
        yield from missing(f"modes[{at}].allowed_next", mode.allowed_next, modes, "a mode")
    for index, journey in enumerate(playbook.journeys):
        path = f"journeys[{index}].modes"
        yield from missing(path, journey.modes, modes, "a mode")
        for at, (old, new) in enumerate(zip(journey.modes, journey.modes[1:], strict=False), 1):
            if old in modes and new in modes and new not in modes[old].allowed_next:
                yield Mistake(f"{path}[{at}]", f"mode '{old}' does not allow '{new}' next")


def _check_surveys(playbook: Playbook) -> Iterator[Mistake]:
    messages = [message.key for message in playbook.messages]
    goals = [goal.key for goal in playbook.goals]
    for index, survey in enumerate(playbook.surveys):
        path = f"surveys[{index}]"
        invitation = survey.invitation_message
        yield from missing_one(f"{path}.invitation_message", invitation, messages, "a message")
        for at, question in enumerate(survey.questions):
            named = f"{path}.questions[{at}].goal_keys"
            yield from missing(named, question.goal_keys, goals, "a goal")
