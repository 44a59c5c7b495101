"""The plan and its record."""

from typing import Any

from projects.models import Gate, GateCriterion, Project, ReadinessCheck
from tests.factories.projects import GoalFactory, PhaseFactory, RiskFactory, StepFactory
from tests.permissions.rows import (
    DONE_BY_EDITORS,
    DONE_BY_MANAGERS,
    FORM_OF_EDITORS,
    FORM_OF_MANAGERS,
    PAGE_FOR_ALL_MEMBERS,
    PAGE_FOR_EDITORS,
    PAGE_FOR_MANAGERS,
    Row,
)


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


def of_gate(project: Project) -> dict[str, Any]:
    gate = Gate.objects.create(project=project, key="cohort:1", title="Wave 1")
    return {"slug": project.slug, "key": gate.key}


def of_criterion(project: Project) -> dict[str, Any]:
    gate = Gate.objects.create(project=project, key="cohort:1", title="Wave 1")
    row = GateCriterion.objects.create(gate=gate, position=1, text="The help desk knows.")
    return {"slug": project.slug, "key": gate.key, "pk": row.pk}


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
    "projects:gate_list": Row(GET=PAGE_FOR_ALL_MEMBERS),
    "projects:gate_detail": Row(arguments=of_gate, GET=PAGE_FOR_ALL_MEMBERS, POST=FORM_OF_MANAGERS),
    "projects:gate_confirm": Row(
        arguments=of_criterion, POST=DONE_BY_EDITORS, data=lambda project: {"holds": "1"}
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
