"""A bare project without a playbook's rows; `rollout` makes whole ones."""

from datetime import date

import factory

from projects.enums import AccessRole
from projects.models import Goal, Phase, Project, Risk, Stakeholder, Step
from tests.factories.people import UserFactory


class ProjectFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Project

    slug = factory.Sequence(lambda n: f"project-{n}")
    name = factory.Sequence(lambda n: f"Project {n}")
    playbook_key = "teams-upgrade"
    playbook_version = 1
    playbook_snapshot = factory.LazyFunction(dict)
    starts_on = date(2038, 1, 4)
    target_on = date(2038, 9, 30)
    timezone = "Europe/Berlin"
    from_mode = "Islands"
    to_mode = "TeamsOnly"
    created_by = factory.SubFactory(UserFactory)


class StakeholderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Stakeholder

    project = factory.SubFactory(ProjectFactory)
    user = factory.SubFactory(UserFactory)
    name = factory.LazyAttribute(lambda s: s.user.name if s.user else "Somebody")
    email = factory.LazyAttribute(lambda s: s.user.email if s.user else "somebody@example.com")
    access = AccessRole.VIEWER


class PhaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Phase

    project = factory.SubFactory(ProjectFactory)
    key = factory.Sequence(lambda n: f"phase-{n}")
    title = factory.Sequence(lambda n: f"Phase {n}")
    stage_key = "before"
    stage_title = "Before"
    position = factory.Sequence(lambda n: n % 1000)


class StepFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Step

    phase = factory.SubFactory(PhaseFactory)
    project = factory.SelfAttribute("phase.project")
    key = factory.Sequence(lambda n: f"step-{n}")
    position = factory.Sequence(lambda n: n % 1000)
    title = factory.Sequence(lambda n: f"Step {n}")
    anchor = "project_start"
    offset_days = 0
    length_days = 5
    starts_on = date(2038, 1, 4)
    ends_on = date(2038, 1, 8)
    baseline_starts_on = factory.SelfAttribute("starts_on")
    baseline_ends_on = factory.SelfAttribute("ends_on")


class GoalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Goal

    project = factory.SubFactory(ProjectFactory)
    key = factory.Sequence(lambda n: f"goal-{n}")
    position = factory.Sequence(lambda n: n % 1000)
    title = factory.Sequence(lambda n: f"Goal {n}")
    metric = "manual"
    operator = ">="
    target = 80
    unit = "%"


class RiskFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Risk

    project = factory.SubFactory(ProjectFactory)
    title = factory.Sequence(lambda n: f"Risk {n}")
    likelihood = "medium"
    impact = "high"
