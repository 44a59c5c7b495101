"""The rules that one part of a playbook sets for another; types are checked before, in reading."""

from collections.abc import Iterator

from playbooks.exceptions import Mistake
from playbooks.rules.content import check_content
from playbooks.rules.keys import check_keys
from playbooks.rules.metrics import check_metrics
from playbooks.rules.modes import check_modes
from playbooks.rules.plan import check_numbering, check_plan
from playbooks.rules.references import check_references
from playbooks.rules.surveys import check_surveys
from playbooks.rules.texts import check_texts
from playbooks.schema import Playbook


def find_mistakes(playbook: Playbook) -> Iterator[Mistake]:
    """Every mistake, the ones that cause others first."""
    yield from check_keys(playbook)
    yield from check_numbering(playbook)
    yield from check_references(playbook)
    yield from check_content(playbook)
    yield from check_modes(playbook)
    yield from check_plan(playbook)
    yield from check_metrics(playbook)
    yield from check_surveys(playbook)
    yield from check_texts(playbook)
