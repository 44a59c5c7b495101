"""For every form a body that is taken, as a browser would send it: what garbage is tried upon.

Keys are URL names; a name without a row here posts what tests.permissions.py says.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from playbooks.library import list_playbooks
from projects.models import Project
from tests.factories.cohorts import CohortFactory
from tests.factories.people import PASSWORD
from tests.factories.surveys import POSTED
from tests.hostile.valid_shapes import SHAPES
from tests.permissions import ROWS
from tests.rollout.drafts import draft_for, form_of

Body = dict[str, Any]
RISK = {
    "title": "R",
    "likelihood": "low",
    "impact": "low",
    "mitigation": "M",
    "owner": "",
    "seen": "",
}
NEW_PASSWORD = "staple battery horse correct"


def message_text(project: Project) -> Body:
    message = project.messages.get()
    return {
        "title": "T",
        "subject": "S {person_name}",
        "body": "B {cohort_name}",
        "revision": message.revision,
    }


def first_stakeholder(project: Project) -> str:
    return str(project.stakeholders.order_by("pk").values_list("pk", flat=True)[0])


def deferral(project: Project) -> Body:
    day = date(2050, 7, 1)  # after the switch of the row's own cohort
    later = CohortFactory(project=project, switch_on=day, ends_on=day)
    return {"reason": "r", "to_cohort": later.pk, "until": "2050-12-31", "note": "n"}


VALID: dict[str, Callable[[Project], Body]] = {
    **SHAPES,
    "mail:limits": lambda project: {"per_second": "20", "per_hour": "", "connections": "4"},
    "projects:step_status": lambda project: {"status": "done", "note": "n"},
    "projects:step_edit": lambda project: {
        "owner": first_stakeholder(project),
        "starts_on": "2038-01-04",
        "ends_on": "2038-01-08",
        "seen": "",
    },
    "projects:evidence_add": lambda project: {"note": "n", "url": "https://example.org/"},
    "projects:goal_measure": lambda project: {"value": "1", "n": "3", "note": "n"},
    "projects:risk_add": lambda project: RISK,
    "projects:risk_edit": lambda project: {
        **RISK,
        "owner": first_stakeholder(project),
        "status": "open",
    },
    "projects:readiness_answer": lambda project: {"answer": "yes", "is_blocking": "on"},
    "projects:stakeholder_add": lambda project: {
        "name": "N",
        "email": "n@example.org",
        "access": "viewer",
    },
    "projects:scope": lambda project: {"vision": "v", "scope": "s", "seen": ""},
    "projects:settings": lambda project: {
        "name": "N",
        "timezone": "Europe/Paris",
        "help_contact": "h",
        "seen": "",
    },
    "rollout:deferral_decide": lambda project: {"decision": "refuse", "note": "n"},
    "rollout:deferral_add": deferral,
    "cohorts:problem_detail": lambda project: {"note": "n"},
    "cohorts:problem_add": lambda project: {"text": "t", "is_blocking": "on"},
    "communications:message_edit": message_text,
    "surveys:survey_edit": lambda project: {
        "title": "T",
        "intro": "I",
        "thanks": "T",
        "open_days": "14",
        **dict.fromkeys(POSTED, "Question?"),
    },
    "rollout:cohort_reschedule": lambda project: {
        "switch_on": "2050-07-01",
        "switch_time": "07:00",
        "timezone": "Europe/Paris",
        "ends_on": "2050-07-08",
        "subject": "S {switch_date}",
        "body": "B",
        "digest": "of another plan",
    },
    "rollout:project_resume": lambda project: {"people": "0"},
    "rollout:person_silence": lambda project: {"reason": "r", "last_day": "2099-01-01"},
    "rollout:project_create": lambda project: form_of(draft_for(list_playbooks()[0])),
    "accounts:first_admin": lambda project: {
        "email": "root@example.org",
        "name": "N",
        "password": NEW_PASSWORD,
    },
    "accounts:profile": lambda project: {"name": "N", "timezone": "Europe/Paris"},
    "account_reauthenticate": lambda project: {"password": PASSWORD},
    "account_change_password": lambda project: {
        "oldpassword": PASSWORD,
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
    },
    "account_reset_password": lambda project: {"email": "nobody@example.org"},
    "common:set_theme": lambda project: {"theme": "dark", "next": "/projects/new/"},
}


def words_of(name: str, project: Project) -> Body:
    """The valid body for this address, after its row has made what the address needs."""
    return VALID.get(name, ROWS[name].data)(project)


def body_of(name: str, project: Project) -> dict[str, bytes | list[bytes]]:
    """The same as bytes."""
    return {key: _bytes(value) for key, value in words_of(name, project).items()}


def _bytes(value: Any) -> bytes | list[bytes]:
    if isinstance(value, list):
        return [str(one).encode() for one in value]
    return str(value).encode()


def query_of(name: str) -> dict[str, bytes | list[bytes]]:
    """A query with which the page does all it can."""
    draft = form_of(draft_for(list_playbooks()[0])) if name == "rollout:project_create" else {}
    return {key: _bytes(value) for key, value in draft.items()}
