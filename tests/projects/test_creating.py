"""What a playbook becomes in the database, and at what cost."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.exceptions import DomainError
from playbooks.library import from_snapshot, get_playbook, list_playbooks
from projects.models import Event, Goal, Milestone, Phase, Project, ReadinessCheck, Risk, Step
from projects.schedule import plan_schedule
from projects.services.projects import create_project_rows
from tests.factories.people import UserFactory
from tests.factories.playbooks import tiny_phases, tiny_playbook


def make(playbook, owner, **changes):
    asked = {"starts_on": date(2038, 1, 4), "target_on": None, "wave_count": 2}
    schedule = plan_schedule(playbook, timezone="Europe/Berlin", **asked)
    given = {
        "name": "Grüße aus Köln",
        "playbook": playbook,
        "schedule": schedule,
        "timezone": "Europe/Berlin",
        "from_mode": playbook.modes[0].key,
        "to_mode": playbook.modes[-1].key,
        "acting_user": owner,
        "owner": owner,
    }
    return create_project_rows(**{**given, **changes})


def test_project_has_everything_the_playbook_says(planned, manager):
    lead = planned.stakeholders.get(user=manager)
    assert (planned.slug, planned.starts_on, planned.target_on) == (
        "move-everybody",
        date(2038, 1, 4),
        date(2038, 5, 1),
    )
    assert from_snapshot(planned.playbook_snapshot) == tiny_playbook()
    assert (lead.access, lead.role_codes, lead.name) == ("manager", ["LEAD"], "Mona Manager")
    assert list(Phase.objects.values_list("key", "stage_key", "position")) == [
        ("think", "before", 1),
        ("try", "before", 2),
        ("go", "after", 3),
    ]
    assert list(Step.objects.values_list("key", "phase__key", "owner", "starts_on")) == [
        ("think-1", "think", lead.pk, date(2038, 1, 4)),
        ("think-2", "think", lead.pk, date(2038, 1, 14)),
        ("try-1", "try", lead.pk, date(2038, 2, 6)),
        ("try-2", "try", lead.pk, date(2038, 2, 13)),
        ("go-1", "go", lead.pk, date(2038, 3, 21)),
        ("go-2", "go", lead.pk, date(2038, 4, 4)),
        ("go-3", "go", lead.pk, date(2038, 4, 12)),
    ]
    assert [
        (step.key, [before.key for before in step.after.all()]) for step in Step.objects.all()
    ] == [(step.key, list(step.after)) for step in tiny_playbook().steps]
    assert list(Goal.objects.values_list("key", "owner", "metric", "target")) == [
        ("progress", lead.pk, "steps_done", 100),
        ("calls", None, "manual", 3),
    ]
    assert list(Risk.objects.values_list("title", "owner")) == [("Too much at once", lead.pk)]
    assert list(ReadinessCheck.objects.values_list("key", "kind", "choices")) == [
        ("net", "yes_no", []),
        ("who", "choice", ["Some", "All"]),
    ]
    assert list(Milestone.objects.values_list("key", "on")) == [
        ("pilot-over", date(2038, 3, 15)),
        ("all-moved", date(2038, 4, 11)),
    ]
    assert list(Event.objects.values_list("verb", "actor")) == [("project.created", manager.pk)]


@pytest.mark.parametrize("key", list_playbooks())
def test_every_installed_playbook_becomes_a_project(key, db):
    playbook = get_playbook(key)
    project = make(playbook, UserFactory())
    assert project.steps.count() == len(playbook.steps)
    assert project.steps.filter(owner=None).count() < len(playbook.steps)


def test_creating_costs_the_same_for_a_larger_playbook(db):
    small = tiny_playbook()
    think = tiny_phases()[0]
    more = tuple(replace(think.steps[0], key=f"more-{n}") for n in range(60))
    stage = replace(small.stages[0], phases=(replace(think, steps=think.steps + more),))
    large = replace(small, stages=(stage, *small.stages[1:]), messages=())
    # Steps of the cut phase are gone, so predecessors that pointed there go too.
    owner = UserFactory()
    with CaptureQueriesContext(connection) as first:
        make(small, owner)
    with CaptureQueriesContext(connection) as second:
        make(replace(large, stages=(stage,)), owner)
    assert len(second) == len(first)


def test_slugs_are_free_readable_and_never_a_page_of_ours(db):
    owner = UserFactory()
    names = ("Grüße aus Köln", "Grüße aus Köln", "New", "日本", "日本", "x" * 200)
    assert [make(tiny_playbook(), owner, name=name).slug for name in names] == [
        "grue-aus-koln",
        "grue-aus-koln-2",
        "new-2",
        "project",
        "project-2",
        "x" * 60,
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "  "}, "Give the project a name of at most 200 characters."),
        ({"name": "x" * 201}, "Give the project a name of at most 200 characters."),
        ({"name": "a\0b"}, "Give the project a name of at most 200 characters."),
        ({"timezone": "Nowhere"}, "“Nowhere” is not a time zone. Write it like Europe/Berlin."),
        ({"slug": "new"}, "The address “new” is taken. Choose another one."),
        ({"slug": "taken"}, "The address “taken” is taken. Choose another one."),
        ({"slug": "A b"}, "An address has at most 60 small letters, digits and hyphens."),
        ({"slug": ""}, "An address has at most 60 small letters, digits and hyphens."),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(changes, sentence, db):
    owner = UserFactory()
    make(tiny_playbook(), owner, slug="taken")
    with pytest.raises(DomainError) as refused:
        make(tiny_playbook(), owner, **changes)
    assert str(refused.value) == sentence
    assert Project.objects.count() == 1
