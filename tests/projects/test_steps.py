"""Moving a step: transitions, order, owner, dates, evidence, the clock."""

from datetime import UTC, date, datetime

import pytest

from common.exceptions import StaleState
from projects.enums import STEP_TRANSITIONS, ProjectStatus, StepStatus
from projects.exceptions import NotAllowedHere, PlanChanged
from projects.fingerprint import fingerprint
from projects.models import Event, Evidence, Step
from projects.services.measuring import complete_steps_by_metric, measure_project
from projects.services.steps import (
    EDIT_FIELDS,
    add_evidence,
    change_step_status,
    update_step,
)
from tests.factories.projects import ProjectFactory, StakeholderFactory, StepFactory

AT = datetime(2038, 1, 10, 9, tzinfo=UTC)
MOVES = [(old, new) for old in StepStatus.values for new in StepStatus.values]


@pytest.mark.parametrize(("old", "new"), MOVES)
def test_step_moves_only_along_the_table(old, new, manager):
    step = StepFactory(status=old, done_at=AT if old == "done" else None)
    allowed = new in STEP_TRANSITIONS[StepStatus(old)]
    if allowed:
        change_step_status(step=step, status=new, acting_user=manager, at=AT)
    else:
        with pytest.raises(StaleState):
            change_step_status(step=step, status=new, acting_user=manager, at=AT)
    stored = Step.objects.get(pk=step.pk)
    after = new if allowed else old
    assert (stored.status, stored.done_at) == (after, AT if after == "done" else None)
    assert Event.objects.count() == int(allowed)


def test_step_moved_by_somebody_else_first_is_stale(manager):
    step = StepFactory()
    seen_by_me = Step.objects.get(pk=step.pk)
    change_step_status(step=step, status="blocked", acting_user=manager)
    with pytest.raises(StaleState):
        change_step_status(step=seen_by_me, status="done", acting_user=manager)
    assert Step.objects.get(pk=step.pk).status == "blocked"


def test_step_out_of_order_is_allowed_and_warned_about(planned, manager):
    step = planned.steps.get(key="think-2")
    change = change_step_status(step=step, status="active", acting_user=manager, note=" started ")
    assert change.warnings == (
        "“Do think-1” comes before this step and is not done yet. That is allowed.",
    )
    assert list(Evidence.objects.values_list("step__key", "note")) == [("think-2", "started")]
    event = Event.objects.first()
    assert (event.verb, event.sentence, event.actor, event.subject_id, event.data) == (
        "step.active",
        "Step “Do think-2” is now “in progress”.",
        manager,
        step.pk,
        {"old": "todo", "new": "active"},
    )


def test_step_in_order_has_no_warning(planned, manager):
    first, second = planned.steps.filter(phase__key="think")
    change_step_status(step=first, status="skipped", acting_user=manager)
    assert change_step_status(step=second, status="done", acting_user=manager).warnings == ()


def test_step_dates_keep_the_rule_in_step(planned, manager, contributor):
    step = planned.steps.get(key="go-1")
    owner = planned.stakeholders.get(user=contributor)
    anchor_day = date(2038, 4, 4)
    update_step(
        step=step,
        owner=owner,
        starts_on=date(2038, 3, 28),
        ends_on=date(2038, 4, 10),
        acting_user=manager,
    )
    stored = planned.steps.get(key="go-1")
    assert (stored.owner, stored.starts_on, stored.ends_on) == (
        owner,
        date(2038, 3, 28),
        date(2038, 4, 10),
    )
    assert stored.offset_days == (stored.starts_on - anchor_day).days
    assert stored.length_days == 14
    assert (stored.baseline_starts_on, stored.baseline_ends_on) == (
        date(2038, 3, 21),
        date(2038, 4, 3),
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"ends_on": date(2038, 1, 3)},
            "The last day must not lie before the first day.",
        ),
        (
            {"ends_on": date(2099, 1, 1)},
            "Choose dates within ten years of the project's start.",
        ),
        ({"owner": "foreign"}, "Choose an owner from this project's stakeholders."),
    ],
)
def test_step_refuses_impossible_plans(changes, sentence, planned, manager):
    step = planned.steps.get(key="think-1")
    given = {"owner": None, "starts_on": date(2038, 1, 4), "ends_on": date(2038, 1, 9), **changes}
    if given["owner"]:
        given["owner"] = StakeholderFactory(project=ProjectFactory())
    with pytest.raises(NotAllowedHere) as refused:
        update_step(step=step, acting_user=manager, **given)
    assert str(refused.value) == sentence
    assert planned.steps.get(key="think-1").ends_on == date(2038, 1, 13)


def test_step_saved_by_two_tells_the_second(planned, manager):
    step = planned.steps.get(key="think-1")
    seen = fingerprint(step, EDIT_FIELDS)
    plan = {"owner": None, "starts_on": date(2038, 1, 5), "ends_on": date(2038, 1, 6)}
    update_step(step=step, acting_user=manager, seen=seen, **plan)
    with pytest.raises(PlanChanged):
        update_step(
            step=step, acting_user=manager, seen=seen, **{**plan, "ends_on": date(2038, 1, 20)}
        )
    assert planned.steps.get(key="think-1").ends_on == date(2038, 1, 6)


def test_evidence_says_something(planned, manager):
    step = planned.steps.get(key="think-1")
    add_evidence(step=step, note=" Signed. ", url="https://example.org/x", acting_user=manager)
    with pytest.raises(NotAllowedHere):
        add_evidence(step=step, note="  ", url="", acting_user=manager)
    assert list(step.evidence.values_list("note", "url", "added_by")) == [
        ("Signed.", "https://example.org/x", manager.pk)
    ]


def test_closed_project_changes_no_more(planned, manager):
    planned.status = ProjectStatus.CLOSED
    planned.save()
    step = planned.steps.get(key="think-1")
    with pytest.raises(NotAllowedHere):
        change_step_status(step=step, status="done", acting_user=manager)
    with pytest.raises(NotAllowedHere):
        add_evidence(step=step, note="x", url="", acting_user=manager)


def test_clock_completes_a_step_whose_metric_holds(planned, manager):
    assert complete_steps_by_metric(project=planned, at=AT) == []
    first = planned.steps.get(key="think-1")
    change_step_status(step=first, status="done", acting_user=manager)
    done = complete_steps_by_metric(project=planned, at=AT)
    step = planned.steps.get(key="try-1")
    assert done == [step]
    assert (step.status, step.done_at) == ("done", AT)
    assert list(Event.objects.filter(verb="step.done").values_list("subject_id", "actor")) == [
        (step.pk, None),
        (first.pk, manager.pk),
    ]
    assert complete_steps_by_metric(project=planned, at=AT) == []


def test_clock_leaves_a_reopened_and_a_blocked_step_alone(planned, manager):
    change_step_status(step=planned.steps.get(key="think-1"), status="done", acting_user=manager)
    measure_project(project=planned, at=AT)
    step = planned.steps.get(key="try-1")
    assert step.status == "done"
    change_step_status(step=step, status="active", acting_user=manager)
    measure_project(project=planned, at=AT)
    assert planned.steps.get(key="try-1").status == "active"
    change_step_status(step=step, status="blocked", acting_user=manager)
    Event.objects.filter(verb="step.reopened").delete()
    measure_project(project=planned, at=AT)
    assert planned.steps.get(key="try-1").status == "blocked"
