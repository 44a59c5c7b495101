"""What a playbook must hold to be usable: journeys to choose, choices to answer, safe links."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from playbooks.exceptions import Mistake
from playbooks.rules.paths import located_steps
from playbooks.schema import Playbook


def check_content(playbook: Playbook) -> Iterator[Mistake]:
    defaults = [journey.key for journey in playbook.journeys if journey.default]
    if len(defaults) != 1:
        found = ", ".join(defaults) or "none"
        yield Mistake("journeys", f"exactly one journey is the default, here: {found}")
    for at, journey in enumerate(playbook.journeys):
        if len(journey.modes) < 2:
            yield Mistake(f"journeys[{at}].modes", "needs a first and a last mode")
    for at, question in enumerate(playbook.readiness):
        if (question.answer == "choice") is not (len(question.choices) >= 2):
            yield Mistake(
                f"readiness[{at}].choices", "two or more belong to the answer 'choice', else none"
            )
    yield from _check_links(playbook)


def _check_links(playbook: Playbook) -> Iterator[Mistake]:
    """Links are shown as they stand, so nothing but the web may be behind them."""
    for path, step in located_steps(playbook):
        for at, resource in enumerate(step.resources):
            parts = urlsplit(resource.url)
            if parts.scheme != "https" or not parts.hostname:
                problem = f"'{resource.url}' is not a link that starts with https://"
                yield Mistake(f"{path}.resources[{at}].url", problem)
