"""What a mail says: whose values, in which zone, and that a preview is what is sent."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from email import message_from_bytes
from email.policy import default

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from cohorts.models import Participant
from communications import audiences
from communications.audience_kinds import CohortAudience
from communications.enums import DeliveryState, OccurrenceState
from communications.exceptions import RenderError
from communications.metrics import messages_sent, told
from communications.models import Message, Occurrence
from communications.personal_links import UNSUBSCRIBE, sample_address
from communications.queries.audience import recipients
from communications.rendering import read_mail
from communications.services.content import content_for, preview, values_for
from communications.services.items import tick_item
from communications.services.shared_values import clock
from projects.metrics import Reading
from projects.models import Project
from rollout.personal_links import my_upgrade_address
from tests.communications.skeletons import skeleton_for
from tests.factories.cohorts import CohortFactory, MembershipFactory, ParticipantFactory
from tests.factories.communications import DeliveryFactory, MessageFactory, OccurrenceFactory
from tests.factories.projects import StakeholderFactory

pytestmark = pytest.mark.django_db
AT = datetime(2038, 6, 1, 7, 30, tzinfo=UTC)


@pytest.fixture
def occurrence(project: Project) -> Occurrence:
    project.playbook_snapshot = {"modes": [{"key": "TeamsOnly", "title": "Teams only"}]}
    project.help_contact = "Help desk, ext. 1234"
    project.save()
    sender = StakeholderFactory(project=project, name="Henrik Osterloh", user=None, access="none")
    cohort = CohortFactory(
        project=project, name="Wave <1>", switch_on=date(2038, 6, 1), switch_time=time(18)
    )
    body = (
        "{person_name} {project_name} {cohort_name} {switch_date} {switch_time} {to_mode_title} "
        "{sender_name} {help_contact}"
    )
    return OccurrenceFactory(
        message__project=project, message__body=body, message__sender=sender, cohort=cohort
    )


def link_of(person: Participant) -> str:
    return my_upgrade_address(person.public_id, person.link_generation)


def test_values_are_the_cohorts_and_the_persons(occurrence: Occurrence, project: Project) -> None:
    named = MembershipFactory(cohort=occurrence.cohort, participant__display_name="Anna")
    nameless = MembershipFactory(cohort=occurrence.cohort, participant__display_name="")
    people = recipients([named.participant, nameless.participant])
    shared = {
        "project_name": project.name,
        "cohort_name": "Wave <1>",
        "switch_date": "Tuesday 1 June 2038",
        "switch_time": "18:00 CEST (Europe/Berlin)",
        "to_mode_title": "Teams only",
        "sender_name": "Henrik Osterloh",
        "help_contact": "Help desk, ext. 1234",
    }
    assert values_for(occurrence, people) == {
        named.participant.pk: {
            **shared,
            "person_name": "Anna",
            "my_upgrade_link": link_of(named.participant),
        },
        nameless.participant.pk: {
            **shared,
            "person_name": nameless.participant.upn,
            "my_upgrade_link": link_of(nameless.participant),
        },
    }


def test_values_without_cohort_sender_and_contact_have_something_to_say(project: Project) -> None:
    occurrence = OccurrenceFactory(
        message__project=project, message__audience_kind="stakeholders", cohort=None
    )
    person = recipients(project.stakeholders.filter(access="viewer"))
    [values] = values_for(occurrence, person).values()
    assert values == {
        "project_name": project.name,
        "sender_name": "Mona Manager",
        "help_contact": "Mona Manager",
        "person_name": "Vera Viewer",
    }


@pytest.mark.parametrize("number", [1, 3])
def test_a_batch_takes_a_fixed_number_of_queries(
    occurrence: Occurrence, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    people = recipients(
        [MembershipFactory(cohort=occurrence.cohort).participant for _ in range(number)]
    )
    with django_assert_num_queries(2):
        values_for(occurrence, people, content_for(occurrence))


def test_preview_is_what_is_sent(occurrence: Occurrence) -> None:
    person = MembershipFactory(
        cohort=occurrence.cohort, participant__display_name="<b>Zoë</b> & Søn"
    ).participant
    [reader] = recipients([person])
    raw = skeleton_for(occurrence).render(
        values=values_for(occurrence, [reader])[reader.pk] | {UNSUBSCRIBE: sample_address()},
        to_name=reader.name,
        to_address=reader.address,
        message_id="<1@site.example>",
        date=AT,
    )
    assert preview(occurrence, reader) == read_mail(raw)
    shown = message_from_bytes(raw, policy=default)
    assert str(shown["Reply-To"]).startswith("Henrik Osterloh <")
    assert "&lt;b&gt;Zoë&lt;/b&gt; &amp; Søn" in read_mail(raw).html
    assert "Wave &lt;1&gt;" in read_mail(raw).html


def test_preview_shows_the_newest_text(occurrence: Occurrence) -> None:
    person = MembershipFactory(cohort=occurrence.cohort).participant
    [reader] = recipients([person])
    first = skeleton_for(occurrence)
    Message.objects.filter(pk=occurrence.message_id).update(body="New", revision=2)
    assert (first.revision, skeleton_for(occurrence).revision) == (1, 2)
    assert preview(occurrence, reader).text.startswith("New\n")


def test_preview_takes_samples_from_the_audience(
    occurrence: Occurrence, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Guests(CohortAudience):
        def values(self, occurrence, recipient_pks):
            return {pk: {"survey_link": f"https://live.example/{pk}"} for pk in recipient_pks}

        def sample_values(self, occurrence, recipient_pk):
            return {"survey_link": "https://sample.example/"}

    monkeypatch.setitem(audiences._registry, "guests", Guests())
    Message.objects.filter(pk=occurrence.message_id).update(
        audience_kind="guests", body="{survey_link}"
    )
    occurrence = Occurrence.objects.select_related("message").get(pk=occurrence.pk)
    [reader] = recipients([MembershipFactory(cohort=occurrence.cohort).participant])
    assert preview(occurrence, reader).text.startswith("https://sample.example/\n")
    [values] = values_for(occurrence, [reader]).values()
    assert values["survey_link"] == f"https://live.example/{reader.pk}"


def test_preview_fails_for_a_person_without_an_address(occurrence: Occurrence) -> None:
    person = MembershipFactory(cohort=occurrence.cohort, participant__upn="", participant__key="x")
    with pytest.raises(RenderError):
        preview(occurrence, *recipients([person.participant]))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", "09:30 CEST (Europe/Berlin)"),
        ("UTC", "07:30 UTC"),
        ("Asia/Dubai", "11:30 (Asia/Dubai)"),
        ("America/St_Johns", "05:00 NDT (America/St_Johns)"),
    ],
)
def test_clock_names_the_zone(zone: str, expected: str) -> None:
    assert clock(AT, zone) == expected


# ---- what can be measured


def test_told_counts_active_people_with_a_sent_mail(project: Project, foreign_project) -> None:
    wave = CohortFactory(project=project)
    pilot = CohortFactory(project=project, kind="pilot")
    message = MessageFactory(project=project, key="U1")
    occurrence = OccurrenceFactory(message=message, cohort=wave)
    for state in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNCERTAIN):
        person = MembershipFactory(cohort=wave).participant
        DeliveryFactory(occurrence=occurrence, participant=person, state=state)
    gone = MembershipFactory(cohort=wave, participant__status="left").participant
    DeliveryFactory(occurrence=occurrence, participant=gone, state=DeliveryState.SENT)
    MembershipFactory(cohort=wave)
    piloted = MembershipFactory(cohort=pilot).participant
    other = OccurrenceFactory(message=MessageFactory(project=project, key="P1"), cohort=pilot)
    DeliveryFactory(occurrence=other, participant=piloted, state=DeliveryState.SENT)
    ParticipantFactory(project=foreign_project)
    assert told(project, {"message": "U1", "cohort_kind": "wave"}, AT) == Reading(25, 4)
    assert told(project, {"message": "U1"}, AT) == Reading(20, 5)
    assert told(project, {}, AT) == Reading(40, 5)
    assert told(Project.objects.get(pk=project.pk), {"cohort_kind": "nobody"}, AT) is None


def test_messages_sent_counts_occurrences_of_these_messages(
    project: Project, manager: User
) -> None:
    cohorts = [CohortFactory(project=project, position=n) for n in (1, 2)]
    message = MessageFactory(project=project, key="U1")
    states = (OccurrenceState.DONE, OccurrenceState.APPROVED)
    for cohort, state in zip(cohorts, states, strict=True):
        OccurrenceFactory(message=message, cohort=cohort, state=state)
    OccurrenceFactory(message=message, state=OccurrenceState.CANCELLED)
    banner = MessageFactory(project=project, key="U2", channel="banner")
    item = OccurrenceFactory(message=banner, cohort=cohorts[0])
    OccurrenceFactory(message__project=project, message__key="other")
    assert messages_sent(project, {"messages": ["U1", "U2"]}, AT) == Reading(Decimal("33.33"), 3)
    assert messages_sent(project, {"messages": ["U1"], "waves": "first"}, AT) == Reading(100, 1)
    assert messages_sent(project, {"messages": ["U2"]}, AT) == Reading(0, 1)
    tick_item(occurrence=item, acting_user=manager)
    assert messages_sent(project, {"messages": ["U2"]}, AT) == Reading(100, 1)
    assert messages_sent(project, {"messages": ["U1", "U2"]}, AT) == Reading(Decimal("66.66"), 3)
    assert messages_sent(project, {"messages": ["nothing"]}, AT) is None
    assert messages_sent(project, {"messages": []}, AT) is None
