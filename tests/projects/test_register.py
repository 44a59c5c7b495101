"""Risks, readiness answers, scope, settings and status of a project."""

import pytest

from common.exceptions import DomainError, StaleState
from projects.enums import PROJECT_TRANSITIONS, RISK_TRANSITIONS, ProjectStatus, RiskStatus
from projects.exceptions import NotAllowedHere, PlanChanged
from projects.fingerprint import fingerprint
from projects.models import Event, Project, ReadinessCheck, Risk
from projects.queries.register import readiness_areas, risk_register
from projects.services.projects import (
    SCOPE_FIELDS,
    change_project_status,
    update_scope,
    update_settings,
)
from projects.services.readiness import answer_readiness
from projects.services.risks import EDIT_FIELDS, RiskContent, add_risk, update_risk
from tests.factories.projects import ProjectFactory, RiskFactory, StakeholderFactory

CONTENT = RiskContent(title=" Frost ", likelihood="low", impact="high", mitigation="Coats")


def test_risk_is_added_open_and_recorded(project, manager):
    risk = add_risk(project=project, content=CONTENT, acting_user=manager)
    assert list(Risk.objects.values_list("title", "likelihood", "impact", "status")) == [
        ("Frost", "low", "high", "open")
    ]
    assert list(Event.objects.values_list("verb", "subject_id")) == [("risk.added", risk.pk)]


@pytest.mark.parametrize("old", RiskStatus.values)
@pytest.mark.parametrize("new", RiskStatus.values)
def test_risk_moves_only_along_the_table(old, new, project, manager):
    risk = RiskFactory(project=project, status=old)
    if new == old or new in RISK_TRANSITIONS[RiskStatus(old)]:
        update_risk(risk=risk, content=CONTENT, status=new, acting_user=manager)
        assert Risk.objects.get().status == new
    else:
        with pytest.raises(StaleState):
            update_risk(risk=risk, content=CONTENT, status=new, acting_user=manager)
        assert (Risk.objects.get().status, Risk.objects.get().title) == (old, risk.title)


def test_risk_owner_must_be_of_the_project(project, manager):
    foreign = StakeholderFactory(project=ProjectFactory())
    content = RiskContent(title="x", likelihood="low", impact="low", owner=foreign)
    with pytest.raises(NotAllowedHere):
        add_risk(project=project, content=content, acting_user=manager)
    assert not Risk.objects.exists()


def test_risk_saved_by_two_tells_the_second(project, manager):
    risk = RiskFactory(project=project)
    seen = fingerprint(risk, EDIT_FIELDS)
    change = {"content": CONTENT, "acting_user": manager, "seen": seen}
    update_risk(risk=risk, status="open", **change)
    with pytest.raises(PlanChanged):
        update_risk(risk=risk, status="closed", **change)
    assert Risk.objects.get().status == "open"


def test_register_puts_the_worst_first_and_maps_live_ones(project):
    levels = [("low", "low"), ("high", "high"), ("high", "low"), ("medium", "high")]
    risks = [RiskFactory(project=project, likelihood=a, impact=b) for a, b in levels]
    closed = RiskFactory(project=project, likelihood="high", impact="high", status="closed")
    RiskFactory()  # somebody else's
    register = risk_register(project)
    assert [(row.risk, row.weight, row.heat) for row in register.rows] == [
        (risks[1], 9, "high"),
        (risks[3], 6, "high"),
        (risks[2], 3, "medium"),
        (risks[0], 1, "low"),
        (closed, 9, "high"),
    ]
    assert register.live == 4
    assert [[cell.risks for cell in row] for row in register.map] == [
        [(risks[2],), (), (risks[1],)],
        [(), (), (risks[3],)],
        [(risks[0],), (), ()],
    ]


@pytest.mark.parametrize(
    ("kind", "choices", "answer", "fits"),
    [
        ("yes_no", [], "yes", True),
        ("yes_no", [], "maybe", False),
        ("choice", ["Some", "All"], "All", True),
        ("choice", ["Some", "All"], "None", False),
        ("number", [], "12.5", True),
        ("number", [], "many", False),
        ("number", [], "NaN", False),
        ("text", [], "Anything", True),
        ("yes_no", [], "", True),
    ],
)
def test_readiness_answer_fits_its_question(kind, choices, answer, fits, project, manager):
    check = ReadinessCheck.objects.create(
        project=project, key="k", position=1, area="A", question="Q?", kind=kind, choices=choices
    )
    given = {"check": check, "answer": answer, "is_blocking": True, "acting_user": manager}
    if fits:
        answer_readiness(**given)
    else:
        with pytest.raises(NotAllowedHere):
            answer_readiness(**given)
    stored = ReadinessCheck.objects.get()
    assert (stored.answer, stored.is_blocking) == ((answer, True) if fits else ("", False))
    assert (stored.answered_at is not None) == (fits and answer != "")


def test_readiness_stands_by_area(planned, manager):
    check = ReadinessCheck.objects.get(key="net")
    answer_readiness(check=check, answer="yes", is_blocking=False, acting_user=manager)
    assert [(area.title, area.answered, len(area.checks)) for area in readiness_areas(planned)] == [
        ("Network", 1, 1),
        ("People", 0, 1),
    ]


def test_scope_saved_by_two_tells_the_second(project, manager):
    seen = fingerprint(project, SCOPE_FIELDS)
    update_scope(project=project, vision="Calm", scope="All", acting_user=manager, seen=seen)
    with pytest.raises(PlanChanged):
        update_scope(project=project, vision="Quick", scope="", acting_user=manager, seen=seen)
    stored = Project.objects.get(pk=project.pk)
    assert (stored.vision, stored.scope) == ("Calm", "All")


@pytest.mark.parametrize("changes", [{"name": " "}, {"timezone": "Moon"}])
def test_settings_refuse_nonsense(changes, project, manager):
    given = {"name": "New", "timezone": "Asia/Tokyo", "help_contact": "IT", **changes}
    with pytest.raises(DomainError):
        update_settings(project=project, acting_user=manager, **given)
    assert Project.objects.get(pk=project.pk).timezone == "Europe/Berlin"


@pytest.mark.parametrize("old", ProjectStatus.values)
@pytest.mark.parametrize("new", [*ProjectStatus.values, "", "nonsense"])
def test_project_moves_only_along_the_table(old, new, manager):
    project = ProjectFactory(status=old)
    allowed = new in PROJECT_TRANSITIONS[ProjectStatus(old)]
    if allowed:
        change_project_status(project=project, status=new, acting_user=manager)
    else:
        with pytest.raises(StaleState):
            change_project_status(project=project, status=new, acting_user=manager)
    assert Project.objects.get().status == (new if allowed else old)
    assert Event.objects.count() == int(allowed)
