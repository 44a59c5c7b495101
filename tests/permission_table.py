"""Who may do what: one row for every URL name. A name without a row fails test_permissions.py.

A row says with which arguments the address is made and, for GET and POST, the status each persona
gets, in this order:

    anonymous  stranger  viewer  contributor  manager  admin

``arguments`` gets the project of the personas (stranger has no part in it), makes what the address
needs and returns the keyword arguments of the URL. ``data`` is what the POST carries; without it a
permitted POST is usually an invalid form (422). Rooms keep their rows together; add yours below.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.timezone import now

from accounts.tokens import first_admin_token
from cohorts.enums import CohortStatus, ModeState
from common import links
from communications.enums import DeliveryState, MessageStatus, OccurrenceState
from playbooks.library import get_playbook
from projects.models import Project, ReadinessCheck
from tests.factories.cohorts import (
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    RosterUploadFactory,
)
from tests.factories.communications import DeliveryFactory, MessageFactory, OccurrenceFactory
from tests.factories.projects import GoalFactory, PhaseFactory, RiskFactory, StepFactory
from tests.factories.surveys import (
    add_people,
    draft_survey,
    invite,
    open_survey_row,
    survey_messages,
)

PERSONAS = ("anonymous", "stranger", "viewer", "contributor", "manager", "admin")

# What most rows say.         anon strg view cont mana admin
PAGE_FOR_ALL_MEMBERS = "      302  404  200  200  200  200"
PAGE_FOR_EDITORS = "          302  404  403  200  200  200"
PAGE_FOR_MANAGERS = "         302  404  403  403  200  200"
FORM_OF_EDITORS = "           302  404  403  422  422  422"
FORM_OF_MANAGERS = "          302  404  403  403  422  422"
DONE_BY_EDITORS = "           302  404  403  302  302  302"
DONE_BY_MANAGERS = "          302  404  403  403  302  302"
NO_SUCH_METHOD = "            302  405  405  405  405  405"


def nothing(project: Project) -> dict[str, Any]:
    """No arguments, no data."""
    return {}


def of_project(project: Project) -> dict[str, Any]:
    return {"slug": project.slug}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    arguments: Callable[[Project], dict[str, Any]] = of_project
    GET: str = NO_SUCH_METHOD
    POST: str = NO_SUCH_METHOD
    data: Callable[[Project], dict[str, Any]] = field(default=nothing)


# ---- what the addresses of this room need


def of_step(project: Project) -> dict[str, Any]:
    step = StepFactory(phase=PhaseFactory(project=project))
    return {"slug": project.slug, "key": step.key}


def of_goal(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "key": GoalFactory(project=project).key}


def of_risk(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "pk": RiskFactory(project=project).pk}


def of_check(project: Project) -> dict[str, Any]:
    check = ReadinessCheck.objects.create(
        project=project, key="k", position=1, area="A", question="Q?", kind="yes_no"
    )
    return {"slug": project.slug, "pk": check.pk}


def of_stakeholder(project: Project) -> dict[str, Any]:
    person = project.stakeholders.get(access="viewer")
    return {"slug": project.slug, "pk": person.pk}


PROJECTS = {
    "projects:step_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "projects:step_detail": Row(arguments=of_step, GET=PAGE_FOR_ALL_MEMBERS),
    "projects:step_status": Row(
        arguments=of_step, POST=DONE_BY_EDITORS, data=lambda project: {"status": "done"}
    ),
    "projects:step_edit": Row(arguments=of_step, GET=DONE_BY_EDITORS, POST=FORM_OF_EDITORS),
    "projects:evidence_add": Row(arguments=of_step, POST=FORM_OF_EDITORS),
    "projects:goal_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "projects:goal_measure": Row(
        arguments=of_goal,
        GET=PAGE_FOR_ALL_MEMBERS,
        POST=DONE_BY_MANAGERS,
        data=lambda project: {"value": "1"},
    ),
    "projects:risk_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "projects:risk_add": Row(
        GET=PAGE_FOR_EDITORS,
        POST=DONE_BY_EDITORS,
        data=lambda project: {"title": "R", "likelihood": "low", "impact": "low"},
    ),
    "projects:risk_edit": Row(arguments=of_risk, GET=PAGE_FOR_EDITORS, POST=FORM_OF_EDITORS),
    "projects:readiness_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "projects:readiness_answer": Row(
        arguments=of_check,
        GET=PAGE_FOR_EDITORS,
        POST=DONE_BY_EDITORS,
        data=lambda project: {"answer": "yes"},
    ),
    "projects:stakeholder_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "projects:stakeholder_add": Row(GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "projects:stakeholder_edit": Row(
        arguments=of_stakeholder,
        GET=PAGE_FOR_MANAGERS,
        POST=DONE_BY_MANAGERS,
        data=lambda project: {"name": "V", "access": "none"},
    ),
    "projects:stakeholder_remove": Row(arguments=of_stakeholder, POST=DONE_BY_MANAGERS),
    "projects:scope": Row(GET=PAGE_FOR_ALL_MEMBERS, POST=DONE_BY_MANAGERS),
    "projects:activity": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "projects:settings": Row(GET=PAGE_FOR_ALL_MEMBERS, POST=FORM_OF_MANAGERS),
    "projects:project_status": Row(
        POST=DONE_BY_MANAGERS, data=lambda project: {"status": "paused"}
    ),
}

# ---- people and cohorts


def of_cohort(project: Project) -> dict[str, Any]:
    cohort = CohortFactory(project=project, status=CohortStatus.SWITCHED)
    return {"slug": project.slug, "pk": cohort.pk}


def of_person(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "pk": ParticipantFactory(project=project).pk}


def of_upload(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "public_id": RosterUploadFactory(project=project).public_id}


def one_person(project: Project) -> dict[str, Any]:
    cohort, person = CohortFactory(project=project), ParticipantFactory(project=project)
    return {"scope": "picked", "cohort": cohort.pk, "people": [person.pk]}


def one_in_drift(project: Project) -> dict[str, Any]:
    row = MembershipFactory(cohort__project=project, mode_state=ModeState.DRIFT)
    return {"people": [row.participant_id]}


def of_scripts(project: Project) -> dict[str, Any]:
    project.playbook_snapshot = get_playbook("teams-upgrade").to_snapshot()
    project.save(update_fields=["playbook_snapshot"])
    return {"slug": project.slug, "pk": MembershipFactory(cohort__project=project).cohort_id}


def of_exported(project: Project) -> dict[str, Any]:
    row = MembershipFactory(cohort__project=project, exported_at=now())
    return {"slug": project.slug, "pk": row.cohort_id}


COHORTS = {
    "cohorts:cohort_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:cohort_edit": Row(arguments=of_cohort, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "cohorts:cohort_finish": Row(arguments=of_cohort, POST=DONE_BY_MANAGERS),
    "cohorts:people_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:people_detail": Row(arguments=of_person, GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:people_assign": Row(POST=DONE_BY_MANAGERS, data=one_person),
    "cohorts:people_export": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:people_sample": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:people_import": Row(GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "cohorts:people_preview": Row(arguments=of_upload, GET=PAGE_FOR_MANAGERS),
    "cohorts:people_confirm": Row(arguments=of_upload, POST=DONE_BY_MANAGERS),
    "cohorts:people_drop": Row(arguments=of_upload, POST=DONE_BY_MANAGERS),
    "cohorts:people_rejected": Row(arguments=of_upload, GET=PAGE_FOR_MANAGERS),
    "cohorts:modes_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "cohorts:modes_verify": Row(GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "cohorts:modes_requeue": Row(POST=DONE_BY_MANAGERS, data=one_in_drift),
    "cohorts:modes_scripts": Row(arguments=of_cohort, GET=PAGE_FOR_MANAGERS),
    "cohorts:modes_download": Row(
        arguments=of_scripts, POST=PAGE_FOR_MANAGERS, data=lambda project: {"method": "batch"}
    ),
    "cohorts:modes_ran": Row(arguments=of_exported, POST=DONE_BY_MANAGERS),
}

# ---- messages and mails


def of_occurrence(project: Project, **changes: Any) -> dict[str, Any]:
    occurrence = OccurrenceFactory(message__project=project, **changes)
    return {"slug": project.slug, "pk": occurrence.pk}


def of_approved(project: Project) -> dict[str, Any]:
    return of_occurrence(project, state=OccurrenceState.APPROVED)


def of_done(project: Project) -> dict[str, Any]:
    """With one mail that failed and one of which nobody knows."""
    occurrence = OccurrenceFactory(message__project=project, state=OccurrenceState.DONE)
    for state in (DeliveryState.FAILED, DeliveryState.UNCERTAIN):
        DeliveryFactory(occurrence=occurrence, state=state)
    return {"slug": project.slug, "pk": occurrence.pk}


def of_occurrence_with_person(project: Project) -> dict[str, Any]:
    occurrence = OccurrenceFactory(message__project=project)
    MembershipFactory(cohort=occurrence.cohort)
    return {"slug": project.slug, "pk": occurrence.pk}


def of_preview(project: Project) -> dict[str, Any]:
    arguments = of_occurrence_with_person(project)
    return {**arguments, "person_pk": project.participants.get().pk}


def of_message(project: Project, **changes: Any) -> dict[str, Any]:
    return {"slug": project.slug, "pk": MessageFactory(project=project, **changes).pk}


def of_paused(project: Project) -> dict[str, Any]:
    return of_message(project, status=MessageStatus.PAUSED)


COMMUNICATIONS = {
    "communications:message_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "communications:occurrence_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "communications:message_detail": Row(arguments=of_message, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:message_edit": Row(
        arguments=of_message, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS
    ),
    "communications:message_pause": Row(arguments=of_message, POST=DONE_BY_MANAGERS),
    "communications:message_resume": Row(arguments=of_paused, POST=DONE_BY_MANAGERS),
    "communications:message_cancel": Row(
        arguments=of_message, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS
    ),
    "communications:occurrence_detail": Row(arguments=of_occurrence, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:occurrence_approve": Row(
        arguments=of_occurrence, POST=DONE_BY_MANAGERS, data=lambda project: {"people": 0}
    ),
    "communications:occurrence_unapprove": Row(arguments=of_approved, POST=DONE_BY_MANAGERS),
    "communications:occurrence_cancel": Row(
        arguments=of_occurrence, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS
    ),
    "communications:occurrence_test": Row(
        arguments=of_occurrence_with_person,
        POST=DONE_BY_MANAGERS,
        data=lambda project: {"person": project.participants.get().pk},
    ),
    "communications:occurrence_decide": Row(
        arguments=of_done,
        POST=DONE_BY_MANAGERS,
        data=lambda project: {"decision": "treat_as_sent"},
    ),
    "communications:occurrence_retry": Row(arguments=of_done, POST=DONE_BY_MANAGERS),
    "communications:occurrence_preview": Row(arguments=of_preview, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:delivery_list": Row(arguments=of_done, GET=PAGE_FOR_ALL_MEMBERS),
    "communications:delivery_export": Row(arguments=of_done, GET=PAGE_FOR_ALL_MEMBERS),
}

# ---- surveys: the project's pages


def of_survey(project: Project) -> dict[str, Any]:
    """Open for nobody yet."""
    return {"slug": project.slug, "pk": open_survey_row(CohortFactory(project=project)).pk}


def of_draft(project: Project) -> dict[str, Any]:
    cohort = CohortFactory(project=project)
    survey_messages(cohort)
    add_people(cohort, 1)
    return {"slug": project.slug, "pk": draft_survey(cohort).pk}


def of_text_question(project: Project) -> dict[str, Any]:
    return {**of_survey(project), "question": "words"}


SURVEYS = {
    "surveys:survey_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "surveys:survey_detail": Row(arguments=of_survey, GET=PAGE_FOR_ALL_MEMBERS),
    "surveys:survey_open": Row(arguments=of_draft, POST=DONE_BY_MANAGERS),
    "surveys:survey_close": Row(arguments=of_survey, GET=PAGE_FOR_MANAGERS, POST=DONE_BY_MANAGERS),
    "surveys:survey_edit": Row(arguments=of_draft, GET=PAGE_FOR_MANAGERS, POST=FORM_OF_MANAGERS),
    "surveys:survey_preview": Row(arguments=of_draft, GET=PAGE_FOR_ALL_MEMBERS),
    "surveys:survey_texts": Row(arguments=of_text_question, GET=PAGE_FOR_ALL_MEMBERS),
    "surveys:survey_export": Row(arguments=of_survey, GET=PAGE_FOR_ALL_MEMBERS),
}

# ---- the survey itself: an account opens nothing, only the personal link of the mail does


def of_personal_link(project: Project) -> dict[str, Any]:
    (invitation,) = invite(open_survey_row(CohortFactory(project=project)))
    return {"token": links.token("survey", invitation.public_id, invitation.generation)}


def without_link(project: Project) -> dict[str, Any]:
    return {"pk": open_survey_row(CohortFactory(project=project)).pk}


UNKNOWN_LINK = "404  404  404  404  404  404"
PUBLIC_SURVEY = {
    "survey:enter": Row(
        arguments=of_personal_link,
        GET="302  302  302  302  302  302",
        POST="405  405  405  405  405  405",
    ),
    "survey:answer": Row(arguments=without_link, GET=UNKNOWN_LINK, POST=UNKNOWN_LINK),
    "survey:change": Row(
        arguments=without_link, GET="405  405  405  405  405  405", POST=UNKNOWN_LINK
    ),
}

# ---- the mailbox of development: not there while MAILBOX_DIR is empty, for anybody
NOT_THERE = "404  404  404  404  404  404"
NOT_WRITABLE = "405  405  405  405  405  405"
MAILBOX = {
    "mailbox:mail_list": Row(arguments=nothing, GET=NOT_THERE, POST=NOT_WRITABLE),
    "mailbox:mail_detail": Row(
        arguments=lambda project: {"key": "1"}, GET=NOT_THERE, POST=NOT_WRITABLE
    ),
    "mailbox:mail_html": Row(
        arguments=lambda project: {"key": "1"}, GET=NOT_THERE, POST=NOT_WRITABLE
    ),
}

# ---- home and what spans rooms


def of_any_cohort(project: Project) -> dict[str, Any]:
    return {"slug": project.slug, "pk": CohortFactory(project=project).pk}


ACROSS_ROOMS = {
    # Everybody sees their own projects; who has none sees how to begin.
    "dashboards:home": Row(arguments=nothing, GET="302  200  200  200  200  200"),
    "dashboards:project_home": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "dashboards:timeline": Row(GET=PAGE_FOR_ALL_MEMBERS),
    # Whoever has an account may make a project and is its manager then.
    "rollout:project_create": Row(
        arguments=nothing,
        GET="302  200  200  200  200  200",
        POST="302  422  422  422  422  422",
    ),
    "rollout:cohort_detail": Row(arguments=of_any_cohort, GET=PAGE_FOR_ALL_MEMBERS),
    "rollout:cohort_switch": Row(arguments=of_any_cohort, POST=DONE_BY_MANAGERS),
}

# ---- signing in: no project, so "stranger" to "manager" are simply people with an account
FOR_ACCOUNTS = "302  200  200  200  200  200"
FOR_EVERYBODY = "200  200  200  200  200  200"
ELSEWHERE = "302  302  302  302  302  302"


def reset_key(project: Project) -> dict[str, Any]:
    return {"uidb36": "1", "key": "set-password"}


ACCOUNTS = {
    "accounts:profile": Row(
        arguments=nothing, GET=FOR_ACCOUNTS, POST="302  422  422  422  422  422"
    ),
    # An administrator exists among the personas, so the link is dead for everybody.
    "accounts:first_admin": Row(
        arguments=lambda project: {"token": first_admin_token()},
        GET="404  404  404  404  404  404",
        POST="404  404  404  404  404  404",
    ),
    "account_login": Row(
        arguments=nothing,
        GET="200  302  302  302  302  302",
        POST="422  302  302  302  302  302",
    ),
    "account_logout": Row(arguments=nothing, GET=FOR_ACCOUNTS, POST=ELSEWHERE),
    "account_inactive": Row(
        arguments=nothing, GET=FOR_EVERYBODY, POST="405  405  405  405  405  405"
    ),
    "account_reauthenticate": Row(
        arguments=nothing, GET=FOR_ACCOUNTS, POST="302  422  422  422  422  422"
    ),
    "account_change_password": Row(
        arguments=nothing, GET=FOR_ACCOUNTS, POST="302  422  422  422  422  422"
    ),
    "account_set_password": Row(arguments=nothing, GET=ELSEWHERE, POST=ELSEWHERE),
    "account_reset_password": Row(
        arguments=nothing, GET=FOR_EVERYBODY, POST="422  422  422  422  422  422"
    ),
    "account_reset_password_done": Row(
        arguments=nothing, GET=FOR_EVERYBODY, POST="405  405  405  405  405  405"
    ),
    "account_reset_password_from_key": Row(
        arguments=reset_key, GET=FOR_EVERYBODY, POST=FOR_EVERYBODY
    ),
    "account_reset_password_from_key_done": Row(
        arguments=nothing, GET=FOR_EVERYBODY, POST="405  405  405  405  405  405"
    ),
}

FRAME = {
    "healthz": Row(arguments=nothing, GET=FOR_EVERYBODY, POST=FOR_EVERYBODY),
    "readyz": Row(arguments=nothing, GET=FOR_EVERYBODY, POST=FOR_EVERYBODY),
    "metrics": Row(arguments=nothing, GET=FOR_EVERYBODY, POST=FOR_EVERYBODY),
    "common:set_theme": Row(arguments=nothing, GET="405  405  405  405  405  405", POST=ELSEWHERE),
}

ROWS: dict[str, Row] = {
    **PROJECTS,
    **COHORTS,
    **COMMUNICATIONS,
    **SURVEYS,
    **PUBLIC_SURVEY,
    **MAILBOX,
    **ACROSS_ROOMS,
    **ACCOUNTS,
    **FRAME,
}

# ---- addresses with thousands of names of their own: one row for all below a prefix
PREFIXES = {"admin": "302  302  302  302  302  200"}
