"""What a go/no-go asks of the mails of one cohort."""

from datetime import UTC, datetime

import pytest

from cohorts.models import Cohort
from communications.enums import DeliveryState, OccurrenceState
from communications.metrics import messages_sent, told
from projects.metrics import Reading
from projects.models import Project
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import DeliveryFactory, MessageFactory, OccurrenceFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def waves(project: Project) -> list[Cohort]:
    return [CohortFactory(project=project, position=n) for n in (1, 2)]


def test_told_of_a_cohort_is_by_its_own_mails(project: Project, waves: list[Cohort]) -> None:
    one, two = waves
    message = MessageFactory(project=project, key="U1")
    later = MessageFactory(project=project, key="U2")
    everybody = OccurrenceFactory(message=MessageFactory(project=project, key="all"), cohort=None)
    first, second = (OccurrenceFactory(message=message, cohort=cohort) for cohort in waves)
    people = [MembershipFactory(cohort=one).participant for _number in range(4)]
    assert told(project, {"cohort": two.pk}, AT) is None
    assert told(project, {"cohort": one.pk}, AT) == Reading(0, 4)

    DeliveryFactory(occurrence=first, participant=people[0], state=DeliveryState.SENT)
    DeliveryFactory(occurrence=first, participant=people[1], state=DeliveryState.UNCERTAIN)
    # Another cohort's date, and a mail to the whole project, tell nobody the date of this one.
    DeliveryFactory(occurrence=second, participant=people[2], state=DeliveryState.SENT)
    DeliveryFactory(occurrence=everybody, participant=people[3], state=DeliveryState.SENT)
    assert told(project, {"cohort": one.pk}, AT) == Reading(25, 4)
    assert told(project, {"cohort": one.pk, "message": "U1"}, AT) == Reading(25, 4)
    assert told(project, {"cohort": one.pk, "message": "all"}, AT) == Reading(25, 4)

    OccurrenceFactory(message=later, cohort=one)
    assert told(project, {"cohort": one.pk, "message": "U2"}, AT) == Reading(0, 4)
    third = OccurrenceFactory(message=MessageFactory(project=project, key="U3"), cohort=one)
    DeliveryFactory(occurrence=third, participant=people[1], state=DeliveryState.SENT)
    assert told(project, {"cohort": one.pk}, AT) == Reading(50, 4)
    ParticipantFactory(project=project)
    assert told(project, {"cohort": one.pk}, AT) == Reading(50, 4)


def test_nearly_everybody_is_not_everybody(project: Project, waves: list[Cohort]) -> None:
    """Cut, not rounded, or 2 of 3 would meet a target of 66.67."""
    occurrence = OccurrenceFactory(message=MessageFactory(project=project), cohort=waves[0])
    people = [MembershipFactory(cohort=waves[0]).participant for _number in range(3)]
    for person in people[:2]:
        DeliveryFactory(occurrence=occurrence, participant=person, state=DeliveryState.SENT)
    reading = told(project, {"cohort": waves[0].pk}, AT)
    assert reading is not None
    assert str(reading.value) == "66.66"


def test_messages_of_a_cohort_are_its_own_and_the_projects(
    project: Project, waves: list[Cohort]
) -> None:
    message, whole = (MessageFactory(project=project, key=key) for key in ("U1", "all"))
    for cohort, state in zip(waves, (OccurrenceState.DONE, OccurrenceState.PLANNED), strict=True):
        OccurrenceFactory(message=message, cohort=cohort, state=state)
    OccurrenceFactory(message=whole, cohort=None, state=OccurrenceState.DONE)
    asked = {"messages": ["U1", "all"]}
    found = [messages_sent(project, {**asked, "cohort": cohort.pk}, AT) for cohort in waves]
    assert found == [Reading(100, 2), Reading(50, 2)]
