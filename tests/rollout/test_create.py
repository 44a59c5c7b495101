"""Making a project: every room makes its rows from the playbook, all of them or none."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import User
from cohorts.models import Cohort
from common.exceptions import Conflict, DomainError
from communications.models import Message, Occurrence
from playbooks.library import get_playbook, list_playbooks
from playbooks.schema import Playbook
from projects.enums import AccessRole
from projects.models import Goal, Milestone, Phase, Project, ReadinessCheck, Risk, Stakeholder, Step
from rollout.drafts import ProjectPlan, plan_project
from rollout.services.create import create_project
from surveys.models import Question, Survey
from tests.factories.people import UserFactory
from tests.rollout.drafts import WAVES, draft_for

pytestmark = pytest.mark.django_db
EVERY_PLAYBOOK = pytest.mark.parametrize("key", list_playbooks())


def make(key: str, **changes: object) -> tuple[Project, ProjectPlan, User]:
    draft = draft_for(key, **changes)
    user = UserFactory()
    plan = plan_project(draft)
    return create_project(draft=draft, owner=user, acting_user=user), plan, user


def cohorts_of(kind: str | None) -> int:
    return {"pilot": 1, "wave": WAVES}.get(kind or "", 1)


def rows() -> dict[str, int]:
    """Rows of every table of every room."""
    rooms = ("accounts", "projects", "cohorts", "communications", "surveys")
    models = [model for room in rooms for model in apps.get_app_config(room).get_models()]
    return {model.__name__: model._default_manager.count() for model in models}


@EVERY_PLAYBOOK
def test_every_room_makes_the_rows_of_the_playbook(key: str) -> None:
    project, _plan, _user = make(key)
    assert rows_of(project) == rows_in(get_playbook(key))


def rows_of(project: Project) -> dict[str, int]:
    named = {
        "phases": Phase,
        "steps": Step,
        "goals": Goal,
        "risks": Risk,
        "readiness": ReadinessCheck,
        "milestones": Milestone,
        "cohorts": Cohort,
        "messages": Message,
        "occurrences": Occurrence,
        "surveys": Survey,
    }
    links, questions = Step.after.through.objects, Question.objects
    return {
        **{word: model.objects.filter(project=project).count() for word, model in named.items()},
        "predecessors": links.filter(from_step__project=project).count(),
        "questions": questions.filter(survey__project=project).count(),
    }


def rows_in(playbook: Playbook) -> dict[str, int]:
    asked = {survey.key: cohorts_of(survey.cohort_kind) for survey in playbook.surveys}
    return {
        "phases": len(playbook.phases),
        "steps": len(playbook.steps),
        "predecessors": sum(len(step.after) for step in playbook.steps),
        "goals": len(playbook.goals),
        "risks": len(playbook.risks),
        "readiness": len(playbook.readiness),
        "milestones": len(playbook.milestones),
        "cohorts": 1 + WAVES,
        # A reminder is a message of its own; when it goes out is known once its survey opens.
        "messages": len(playbook.messages)
        + sum(survey.reminders.at_most > 0 for survey in playbook.surveys),
        "occurrences": sum(cohorts_of(message.cohort_kind) for message in playbook.messages),
        "surveys": sum(asked.values()),
        "questions": sum(asked[one.key] * len(one.questions) for one in playbook.surveys),
    }


@EVERY_PLAYBOOK
def test_what_is_made_is_what_was_shown(key: str) -> None:
    project, plan, user = make(key)

    schedule = plan.schedule
    assert (project.starts_on, project.target_on) == (
        schedule.anchors.project_start,
        schedule.target_on,
    )
    assert list(
        Step.objects.filter(project=project).values_list("key", "starts_on", "ends_on")
    ) == [(step.key, step.starts_on, step.ends_on) for step in schedule.steps]
    assert list(
        Milestone.objects.filter(project=project).order_by("pk").values_list("key", "on")
    ) == [(mark.key, mark.on) for mark in schedule.milestones]
    assert list(
        Cohort.objects.filter(project=project).values_list(
            "kind", "name", "switch_on", "ends_on", "from_mode", "to_mode", "timezone"
        )
    ) == [
        (
            cohort.kind,
            cohort.name,
            cohort.switch_on,
            cohort.ends_on,
            plan.from_mode.key,
            plan.to_mode.key,
            "Europe/Berlin",
        )
        for cohort in schedule.cohorts
    ]
    assert (project.from_mode, project.to_mode) == (plan.from_mode.key, plan.to_mode.key)
    assert project.playbook_snapshot == plan.playbook.to_snapshot()
    assert list(Stakeholder.objects.filter(project=project).values_list("user", "access")) == [
        (user.pk, AccessRole.MANAGER)
    ]


@EVERY_PLAYBOOK
def test_messages_keep_their_rule_and_surveys_their_day(key: str) -> None:
    project, plan, _user = make(key)

    switches = {cohort.name: cohort.switch_on for cohort in plan.schedule.cohorts}
    bound = Occurrence.objects.filter(project=project, message__anchor="cohort_switch")
    assert bound.count() > 0
    for occurrence in bound.select_related("message", "cohort"):
        assert occurrence.cohort is not None
        planned = switches[occurrence.cohort.name] + timedelta(days=occurrence.message.offset_days)
        # A weekend moves to the Monday after it.
        assert 0 <= (occurrence.wall_at.date() - planned).days <= 2
    for survey in Survey.objects.filter(project=project).select_related("cohort"):
        template = next(one for one in plan.playbook.surveys if one.key == survey.key)
        assert template.open_anchor == "cohort_switch"
        assert survey.opens_on == survey.cohort.switch_on + timedelta(
            days=template.open_offset_days
        )


@EVERY_PLAYBOOK
def test_nobody_is_told_before_somebody_approves(key: str) -> None:
    project, _plan, _user = make(key)

    assert set(Occurrence.objects.filter(project=project).values_list("state")) == {("planned",)}
    assert set(Survey.objects.filter(project=project).values_list("status")) == {("draft",)}


def test_project_takes_a_fixed_number_of_queries(
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    key = list_playbooks()[0]
    with django_assert_max_num_queries(80):
        make(key)
    with django_assert_max_num_queries(80):
        make(key, name="Another", wave_count=60)


def test_plan_that_changed_since_it_was_seen_is_refused() -> None:
    draft, user = draft_for(list_playbooks()[0]), UserFactory()
    seen = plan_project(draft).digest
    before = rows()

    with pytest.raises(Conflict) as refusal:
        create_project(
            draft=replace(draft, wave_count=2), owner=user, acting_user=user, seen_digest=seen
        )

    assert (
        str(refusal.value) == "The plan has changed since you looked at it. Look at it once more."
    )
    assert refusal.value.status == 409
    assert rows() == before


def test_same_plan_sent_twice_makes_one_project() -> None:
    draft, user = draft_for(list_playbooks()[0]), UserFactory()
    seen = plan_project(draft).digest
    create_project(draft=draft, owner=user, acting_user=user, seen_digest=seen)
    before = rows()

    with pytest.raises(Conflict) as refusal:
        create_project(draft=draft, owner=user, acting_user=user, seen_digest=seen)

    assert str(refusal.value) == (
        "You have made this project already; find it under Projects. "
        "Give this one another name if you want a second."
    )
    assert rows() == before


def test_two_people_may_make_the_same_plan() -> None:
    draft = draft_for(list_playbooks()[0])
    seen = plan_project(draft).digest
    slugs = [
        create_project(draft=draft, owner=user, acting_user=user, seen_digest=seen).slug
        for user in (UserFactory(), UserFactory())
    ]
    assert slugs == ["nordwind-energie", "nordwind-energie-2"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"playbook_key": "no-such"},
            "There is no playbook “no-such”. Choose one of: teams-upgrade, windows-refresh.",
        ),
        ({"name": "  "}, "Give the project a name."),
        (
            {"timezone": "Mars/Olympus"},
            "“Mars/Olympus” is not a time zone. Write it like Europe/Berlin.",
        ),
        ({"wave_count": 0}, "A project needs at least one wave after the pilot."),
        (
            {"target_on": draft_for("x").starts_on},
            "The target date must lie after the start. Choose a later target or leave it out.",
        ),
    ],
)
def test_bad_draft_is_refused_with_a_sentence(changes: dict[str, object], sentence: str) -> None:
    user = UserFactory()
    before = rows()
    draft = replace(draft_for(list_playbooks()[0]), **changes)
    with pytest.raises(DomainError) as refusal:
        create_project(draft=draft, owner=user, acting_user=user)
    assert str(refusal.value) == sentence
    assert rows() == before


@EVERY_PLAYBOOK
def test_modes_are_of_the_playbook_and_lead_somewhere(key: str) -> None:
    playbook = get_playbook(key)
    first, last = playbook.default_journey.modes[0], playbook.default_journey.modes[-1]

    named = plan_project(draft_for(key, from_mode=first, to_mode=last))
    assert named.schedule == plan_project(draft_for(key)).schedule
    with pytest.raises(DomainError) as unknown:
        plan_project(draft_for(key, to_mode="no-such"))
    modes = ", ".join(mode.key for mode in playbook.modes)
    assert str(unknown.value) == (f"“no-such” is not a mode of this playbook. Use one of: {modes}.")
    with pytest.raises(DomainError) as nowhere:
        plan_project(draft_for(key, from_mode=last, to_mode=last))
    assert str(nowhere.value) == "The upgrade must end in another mode than it starts in."
    with pytest.raises(DomainError) as backwards:
        plan_project(draft_for(key, from_mode=last, to_mode=first))
    assert "No allowed way leads from" in str(backwards.value)


def test_digest_follows_the_draft_and_nothing_else() -> None:
    draft = draft_for(list_playbooks()[0])
    digest = plan_project(draft).digest
    assert plan_project(draft).digest == digest
    changes = (
        {"name": "Another"},
        {"starts_on": draft.starts_on + timedelta(days=1)},
        {"wave_count": 4},
        {"timezone": "Europe/Paris"},
        {"playbook_key": list_playbooks()[1]},
    )
    assert digest not in {plan_project(replace(draft, **change)).digest for change in changes}


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_project() -> None:
    draft, user = draft_for(list_playbooks()[0]), UserFactory()
    seen, start = plan_project(draft).digest, Barrier(2)

    def click() -> str:
        start.wait(10)
        try:
            return create_project(draft=draft, owner=user, acting_user=user, seen_digest=seen).slug
        except Conflict as refusal:
            return str(refusal.status)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        clicks = [pool.submit(click) for _number in range(2)]
        assert sorted(one.result(30) for one in clicks) == ["409", "nordwind-energie"]
    assert Project.objects.count() == 1
