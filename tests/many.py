"""More of everything in one project, in few statements."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count, cycle

from cohorts.models import Cohort, Membership, Participant
from communications.enums import DeliveryState
from communications.models import Delivery, Message, Occurrence
from projects.models import (
    Event,
    Evidence,
    FreezeWindow,
    Gate,
    GateCriterion,
    GateDecision,
    Goal,
    Measurement,
    Milestone,
    Phase,
    Project,
    ReadinessCheck,
    Risk,
    Stakeholder,
    Step,
)
from surveys.models import Invitation, Response, Survey
from tests.factories.cohorts import CohortFactory, ParticipantFactory
from tests.factories.communications import MessageFactory, OccurrenceFactory
from tests.factories.projects import GoalFactory, PhaseFactory, RiskFactory, StepFactory
from tests.factories.surveys import ANSWERS, OPENED_AT, SurveyFactory

NUMBERS = count()
AT = datetime(2038, 3, 1, 10, tzinfo=UTC)
DAY = date(2038, 3, 1)


def grow(project: Project, *, people: int, things: int) -> None:
    """``people`` more participants, spread over the cohorts, each told and asked by all there is;
    ``things`` more of everything else, and more of what hangs on each older thing."""
    older = list(project.cohorts.all())
    _grow_people(project, people, older)
    _grow_plan(project, things)
    _grow_register(project, things)
    _grow_messages(project, things)


def _grow_plan(project: Project, things: int) -> None:
    for step in project.steps.filter(evidence=None)[:5]:
        Evidence.objects.bulk_create(Evidence(step=step, note="n") for _number in range(things))
        beside = StepFactory.build_batch(2 * things, phase=step.phase, project=project)
        neighbours = Step.objects.bulk_create(beside)
        step.after.add(*neighbours[:things])
        step.followers.add(*neighbours[things:])
    phases = PhaseFactory.build_batch(max(things // 10, 1), project=project)
    Step.objects.bulk_create(
        StepFactory.build(phase=phase, project=project)
        for phase in Phase.objects.bulk_create(phases)
        for _number in range(5)
    )
    Milestone.objects.bulk_create(
        Milestone(project=project, key=f"m{next(NUMBERS)}", title="M", on=DAY)
        for _number in range(things)
    )
    FreezeWindow.objects.bulk_create(
        FreezeWindow(project=project, title="F", starts_on=DAY, ends_on=DAY)
        for _number in range(things)
    )


def _grow_register(project: Project, things: int) -> None:
    Goal.objects.bulk_create(GoalFactory.build_batch(things, project=project))
    for goal in project.goals.all():
        Measurement.objects.bulk_create(
            Measurement(goal=goal, value=n, n=1, measured_at=AT) for n in range(min(things, 5))
        )
    owners = Stakeholder.objects.bulk_create(
        Stakeholder(project=project, name="S", email=f"s{next(NUMBERS)}@example.org")
        for _number in range(things)
    )
    Risk.objects.bulk_create(RiskFactory.build(project=project, owner=owner) for owner in owners)
    for gate in Gate.objects.bulk_create(
        Gate(project=project, key=f"g{next(NUMBERS)}", title="G") for _number in range(things)
    ):
        GateCriterion.objects.create(gate=gate, position=1, text="T")
    GateDecision.objects.bulk_create(
        GateDecision(gate=gate, choice="go", decided_by=project.created_by)
        for gate in project.gates.all()
    )
    ReadinessCheck.objects.bulk_create(
        ReadinessCheck(
            project=project,
            key=f"r{next(NUMBERS)}",
            position=1,
            area=f"Area {n % 5}",
            question="?",
            kind="yes_no",
        )
        for n in range(things)
    )
    Event.objects.bulk_create(
        Event(project=project, at=AT, actor=project.created_by, verb="v", sentence="s")
        for _number in range(things)
    )


def _grow_messages(project: Project, things: int) -> None:
    """New cohorts with a survey each; one older message goes to all of them, new ones to one."""
    oldest = project.messages.order_by("pk").first()
    cohorts = Cohort.objects.bulk_create(CohortFactory.build_batch(things, project=project))
    Survey.objects.bulk_create(
        SurveyFactory.build(cohort=cohort, project=project) for cohort in cohorts
    )
    messages = Message.objects.bulk_create(MessageFactory.build_batch(things, project=project))
    pairs = list(zip(messages, cohorts, strict=True))
    if oldest is not None:
        pairs += [(oldest, cohort) for cohort in cohorts]
    Occurrence.objects.bulk_create(
        OccurrenceFactory.build(message=message, cohort=cohort, project=project, due_at=AT)
        for message, cohort in pairs
    )


def _grow_people(project: Project, number: int, cohorts: Sequence[Cohort]) -> None:
    people = Participant.objects.bulk_create(
        ParticipantFactory.build(project=project, department=f"D{n % 7}") for n in range(number)
    )
    Membership.objects.bulk_create(
        Membership(cohort=cohort, participant=one, kind=cohort.kind)
        for one, cohort in zip(people, cycle(cohorts), strict=False)
    )
    Delivery.objects.bulk_create(
        Delivery(occurrence=occurrence, participant=one, recipient_key=f"p:{one.pk}", state=state)
        for occurrence in project.occurrences.order_by("pk")[:10]
        for one, state in zip(people, cycle(DeliveryState), strict=False)
    )
    for survey in project.surveys.order_by("pk")[:10]:
        _answer(survey, people)


def _answer(survey: Survey, people: Sequence[Participant]) -> None:
    invitations = Invitation.objects.bulk_create(
        Invitation(survey=survey, participant=one, answered_at=OPENED_AT) for one in people
    )
    Response.objects.bulk_create(
        Response(
            survey=survey,
            is_anonymous=survey.is_anonymous,
            invitation=None if survey.is_anonymous else invitation,
            answers=ANSWERS,
            submitted_at=OPENED_AT,
        )
        for invitation in invitations
    )
