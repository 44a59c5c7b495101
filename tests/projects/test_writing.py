"""The forms over HTTP: what works, 422, 409, foreign ids, garbage."""

import pytest

from projects.fingerprint import fingerprint
from projects.models import (
    Event,
    Evidence,
    Measurement,
    Project,
    ReadinessCheck,
    Risk,
    Stakeholder,
)
from projects.services.stakeholders import EDIT_FIELDS, update_stakeholder
from projects.services.steps import change_step_status
from tests.factories.projects import RiskFactory, StakeholderFactory

DATES = {"starts_on": "2038-01-05", "ends_on": "2038-01-08", "owner": ""}
RISK = {"title": "Snow", "likelihood": "low", "impact": "high", "mitigation": "", "owner": ""}


@pytest.fixture
def post(planned, manager, as_user):
    """``post("steps/…/", {…})`` as the manager of ``planned``."""
    client = as_user(manager)

    def send(where, data=None):
        return client.post(f"/projects/{planned.slug}/{where}", data or {})

    return send


def test_step_status_from_the_list_comes_back_to_the_list(post, planned):
    response = post("steps/think-1/status/", {"status": "active", "from": "list"})
    assert (response.status_code, response.url) == (302, f"/projects/{planned.slug}/steps/")
    assert planned.steps.get(key="think-1").status == "active"


def test_step_status_with_a_note_and_a_warning(post, planned, manager, as_user):
    response = as_user(manager).post(
        f"/projects/{planned.slug}/steps/think-2/status/",
        {"status": "done", "note": "It was quick"},
        follow=True,
    )
    assert [str(message) for message in response.context["messages"]] == [
        "“Do think-2” is now “done”.",
        "“Do think-1” comes before this step and is not done yet. That is allowed.",
    ]
    assert "Out of order: “Do think-1” is not done yet." in response.text
    assert Evidence.objects.get().note == "It was quick"


@pytest.mark.parametrize("origin", ["list", "page"])
def test_step_status_that_came_too_late_is_a_conflict(origin, post, planned, manager):
    step = planned.steps.get(key="think-1")
    change_step_status(step=step, status="blocked", acting_user=manager)
    response = post("steps/think-1/status/", {"status": "done", "from": origin})
    assert response.status_code == 409
    assert "This cannot go from “blocked” to “done”." in response.text
    assert planned.steps.get(key="think-1").status == "blocked"


@pytest.mark.parametrize("status", ["", "finished", "x" * 500])
def test_step_status_nobody_offered_is_422(status, post, planned):
    assert post("steps/think-1/status/", {"status": status}).status_code == 422
    assert planned.steps.get(key="think-1").status == "todo"


def test_step_plan_is_saved(post, planned, contributor):
    owner = planned.stakeholders.get(user=contributor)
    assert post("steps/think-1/edit/", {**DATES, "owner": owner.pk}).status_code == 302
    step = planned.steps.get(key="think-1")
    assert (step.owner, str(step.starts_on), str(step.ends_on)) == (
        owner,
        "2038-01-05",
        "2038-01-08",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_on": "soon"},
        {"starts_on": "2038-02-05"},
        {"ends_on": ""},
        {"ends_on": "9999-12-31"},
        {"owner": "0"},
        {"owner": "99999999999999999999"},
        {"owner": "foreign"},
        {"owner": "nul\0"},
    ],
)
def test_step_plan_that_is_nonsense_keeps_what_was_typed(changes, post, planned):
    foreign = StakeholderFactory()
    data = {**DATES, **changes}
    if data["owner"] == "foreign":
        data["owner"] = foreign.pk
    response = post("steps/think-1/edit/", data)
    assert response.status_code in (400, 422)
    assert planned.steps.get(key="think-1").ends_on.isoformat() == "2038-01-13"


def test_step_plan_saved_by_two_is_a_conflict_that_can_be_resolved(post, planned, manager, as_user):
    page = as_user(manager).get(f"/projects/{planned.slug}/steps/think-1/")
    seen = page.context["form"].initial["seen"]
    assert post("steps/think-1/edit/", {**DATES, "seen": seen}).status_code == 302
    mine = {**DATES, "ends_on": "2038-01-20", "seen": seen}
    second = post("steps/think-1/edit/", mine)
    assert second.status_code == 409
    assert "Somebody else saved this while you were typing." in second.text
    assert 'value="2038-01-20"' in second.text
    assert second.context["form"].saved == (("Last day", "2038-01-08"),)
    assert planned.steps.get(key="think-1").ends_on.isoformat() == "2038-01-08"
    again = {**mine, "seen": second.context["form"].data["seen"]}
    assert post("steps/think-1/edit/", again).status_code == 302
    assert planned.steps.get(key="think-1").ends_on.isoformat() == "2038-01-20"


def test_step_plan_that_is_invalid_still_notices_the_other_editor(post, planned, manager, as_user):
    page = as_user(manager).get(f"/projects/{planned.slug}/steps/think-1/")
    seen = page.context["form"].initial["seen"]
    invalid = post("steps/think-1/edit/", {**DATES, "ends_on": "", "seen": seen})
    assert invalid.status_code == 422
    assert post("steps/think-1/edit/", {**DATES, "seen": seen}).status_code == 302
    mine = {**DATES, "ends_on": "2038-01-20", "seen": invalid.context["form"].data["seen"]}
    assert post("steps/think-1/edit/", mine).status_code == 409


def test_stakeholder_changed_by_somebody_else_is_shown_in_words(post, planned, viewer, manager):
    person = planned.stakeholders.get(user=viewer)
    seen = fingerprint(person, EDIT_FIELDS)
    update_stakeholder(
        stakeholder=person,
        name="Vera V.",
        access="contributor",
        role_codes=["LEAD", "BOSS"],
        acting_user=manager,
    )
    mine = {"name": "Vera", "access": "viewer", "role_codes": [], "seen": seen}
    response = post(f"stakeholders/{person.pk}/", mine)
    assert response.status_code == 409
    assert response.context["form"].saved == (
        ("Name", "Vera V."),
        ("Access", "contributor"),
        ("Roles", "Lead, Boss"),
    )


def test_evidence_is_added_or_refused(post, planned):
    data = {"note": "Signed", "url": "https://example.org/a"}
    assert post("steps/think-1/evidence/", data).status_code == 302
    for bad in ({}, {"note": " "}, {"url": "javascript:alert(1)"}, {"note": "x" * 20_001}):
        assert post("steps/think-1/evidence/", bad).status_code == 422
    assert list(Evidence.objects.values_list("note", "url")) == [
        ("Signed", "https://example.org/a")
    ]


def test_figure_is_entered_or_refused(post):
    assert post("goals/calls/", {"value": "2.5", "note": "Report"}).status_code == 302
    for bad in ("", "many", "NaN", "1e40", "2.555"):
        assert post("goals/calls/", {"value": bad}).status_code == 422
    assert post("goals/progress/", {"value": "100"}).status_code == 422
    assert [str(row.value) for row in Measurement.objects.all()] == ["2.50"]


def test_risk_is_added_changed_and_refused(post, planned):
    assert post("risks/new/", RISK).status_code == 302
    assert post("risks/new/", {**RISK, "impact": "huge"}).status_code == 422
    risk = Risk.objects.get(title="Snow")
    assert post(f"risks/{risk.pk}/", {**RISK, "status": "mitigated"}).status_code == 302
    assert Risk.objects.get(pk=risk.pk).status == "mitigated"
    stale = {**RISK, "status": "closed", "seen": "0123456789abcdef"}
    assert post(f"risks/{risk.pk}/", stale).status_code == 409
    assert Risk.objects.get(pk=risk.pk).status == "mitigated"


def test_readiness_is_answered_or_refused(post):
    checks = {check.key: check.pk for check in ReadinessCheck.objects.all()}
    yes = {"answer": "yes", "is_blocking": "on"}
    assert post(f"readiness/{checks['net']}/", yes).status_code == 302
    assert post(f"readiness/{checks['who']}/", {"answer": "Nobody"}).status_code == 422
    assert list(ReadinessCheck.objects.values_list("key", "answer", "is_blocking")) == [
        ("net", "yes", True),
        ("who", "", False),
    ]


def test_stakeholder_is_added_changed_and_removed(post, planned, mailoutbox):
    new = {"name": "Bea", "email": "bea@example.org", "access": "viewer", "role_codes": ["BOSS"]}
    assert post("stakeholders/new/", new).status_code == 302
    assert post("stakeholders/new/", new).status_code == 422
    assert post("stakeholders/new/", {**new, "email": "a@b.c, d@e.f"}).status_code == 422
    person = Stakeholder.objects.get(email="bea@example.org")
    edit = {"name": "Bea", "access": "manager", "role_codes": ["LEAD"]}
    assert post(f"stakeholders/{person.pk}/", edit).status_code == 302
    assert Stakeholder.objects.get(pk=person.pk).access == "manager"
    assert post(f"stakeholders/{person.pk}/remove/").status_code == 302
    assert not Stakeholder.objects.filter(pk=person.pk).exists()


def test_last_manager_cannot_remove_themselves(post, planned, manager):
    person = planned.stakeholders.get(user=manager)
    response = post(f"stakeholders/{person.pk}/remove/")
    assert response.status_code == 422
    assert "A project needs at least one manager." in response.text
    assert planned.stakeholders.filter(user=manager).exists()


def test_settings_scope_and_status(post, planned):
    settings = {"name": "Renamed", "timezone": "Asia/Tokyo", "help_contact": "IT desk"}
    assert post("settings/", settings).status_code == 302
    assert post("settings/", {**settings, "timezone": "Moon"}).status_code == 422
    assert post("scope/", {"vision": "Calm", "scope": "All of us"}).status_code == 302
    assert post("settings/status/", {"status": "paused"}).status_code == 302
    assert post("settings/status/", {"status": "paused"}).status_code == 409
    stored = Project.objects.get(pk=planned.pk)
    assert (stored.name, stored.timezone, stored.vision, stored.status) == (
        "Renamed",
        "Asia/Tokyo",
        "Calm",
        "paused",
    )


def test_ids_of_another_project_are_404_and_change_nothing(post, foreign_project):
    risk = RiskFactory(project=foreign_project)
    person = StakeholderFactory(project=foreign_project)
    check = ReadinessCheck.objects.create(
        project=foreign_project, key="k", position=1, area="A", question="Q?", kind="text"
    )
    events = Event.objects.count()
    statuses = {
        post(f"risks/{risk.pk}/", {**RISK, "status": "closed"}).status_code,
        post(f"readiness/{check.pk}/", {"answer": "x"}).status_code,
        post(f"stakeholders/{person.pk}/", {"name": "x", "access": "none"}).status_code,
        post(f"stakeholders/{person.pk}/remove/").status_code,
        post("steps/no-such-step/status/", {"status": "done"}).status_code,
        post("goals/no-such-goal/", {"value": "1"}).status_code,
    }
    assert statuses == {404}
    assert (Risk.objects.get(pk=risk.pk).title, Event.objects.count()) == (risk.title, events)
    assert Stakeholder.objects.filter(pk=person.pk).exists()
    assert ReadinessCheck.objects.get(pk=check.pk).answer == ""


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("steps/?status=nonsense", 422),
        ("steps/?owner=99", 422),
        ("steps/?q=%00", 400),
        ("steps/?status=todo&owner=nobody&show=warning&q=go", 200),
        ("activity/?before=x", 422),
        ("activity/?before=99999999999999999999999", 200),
        ("activity/?after=0", 200),
        ("risks/99999999999999999999999/", 404),
        ("steps/a%00b/", 400),
    ],
)
def test_garbage_in_an_address_is_an_answer_not_an_accident(
    where, status, planned, manager, as_user
):
    assert as_user(manager).get(f"/projects/{planned.slug}/{where}").status_code == status
