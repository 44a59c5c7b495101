"""Messages: made from a playbook or by hand, edited, paused, cancelled."""

from dataclasses import replace
from datetime import time

import pytest

from accounts.models import User
from common.exceptions import StaleState
from communications import audiences
from communications.audience_kinds import EveryoneAudience
from communications.enums import Channel, DeliveryState, MessageStatus, OccurrenceState
from communications.exceptions import ContentRefused
from communications.models import Message
from communications.services.messages import create_message, update_message
from communications.services.pausing import cancel_message, pause_message, resume_message
from communications.services.playbook_messages import create_messages
from playbooks.library import get_playbook, list_playbooks
from playbooks.schema import Playbook
from playbooks.texts import TextTemplate
from projects.enums import AccessRole
from projects.models import Project
from tests.factories.communications import DeliveryFactory, MessageFactory, OccurrenceFactory
from tests.factories.projects import StakeholderFactory

pytestmark = pytest.mark.django_db
HAND_MADE = {
    "key": "note",
    "title": "Note",
    "subject": "For {person_name}",
    "body": "Hello {person_name}",
    "audience_kind": "everyone",
    "anchor": "project_start",
    "offset_days": 3,
}


@pytest.fixture(autouse=True)
def _somebody_elses_audience(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a room to the right registers one, with placeholders of its own."""
    monkeypatch.setitem(audiences._registry, "guests", EveryoneAudience())


def invites(playbook: Playbook) -> dict[str, tuple[str, dict[str, str]]]:
    return {s.invitation_message: ("guests", {"survey": s.key}) for s in playbook.surveys}


def verbs(project: Project) -> list[str]:
    return list(project.events.order_by("pk").values_list("verb", flat=True))


@pytest.mark.parametrize("key", list_playbooks())
def test_create_messages_copies_every_message_of_a_playbook(
    project: Project, manager: User, key: str
) -> None:
    playbook = get_playbook(key)
    create_messages(
        project=project,
        playbook=playbook,
        acting_user=manager,
        audience_overrides=invites(playbook),
    )
    made = list(project.messages.values_list("key", "title", "subject", "body", "channel"))
    assert made == [(m.key, m.title, m.subject, m.body, m.channel) for m in playbook.messages]
    invited = project.messages.filter(audience_kind="guests").values_list("key", "audience_params")
    assert dict(invited) == {key: params for key, (_kind, params) in invites(playbook).items()}
    assert verbs(project) == ["messages.created"]


def test_create_messages_takes_over_the_whole_rule(project: Project, manager: User) -> None:
    playbook = get_playbook("teams-upgrade")
    signer = StakeholderFactory(
        project=project, role_codes=["ES"], access=AccessRole.NONE, user=None
    )
    create_messages(
        project=project,
        playbook=playbook,
        acting_user=manager,
        audience_overrides=invites(playbook),
    )
    template = next(m for m in playbook.messages if m.key == "U1")
    message = project.messages.get(key="U1")
    assert (
        message.audience_kind,
        message.cohort_kind,
        message.anchor,
        message.offset_days,
        message.wall_time,
        message.zone,
        message.is_working_day,
        message.not_after_days,
        message.is_mandatory,
        message.sender,
        message.status,
        message.revision,
    ) == (
        "cohort",
        "wave",
        "cohort_switch",
        template.timing.offset_days,
        time.fromisoformat(template.timing.time),
        template.timing.zone,
        template.timing.working_day,
        template.not_after_days,
        template.mandatory,
        signer,
        MessageStatus.ACTIVE,
        1,
    )


def test_create_messages_signs_with_a_manager_where_nobody_holds_the_role(
    project: Project, manager: User
) -> None:
    playbook = get_playbook("teams-upgrade")
    create_messages(
        project=project,
        playbook=playbook,
        acting_user=manager,
        audience_overrides=invites(playbook),
    )
    signers = set(project.messages.values_list("sender__user", flat=True))
    assert signers == {manager.pk}


def test_create_messages_gives_it_staff_the_roles_that_do_the_work(
    project: Project, manager: User
) -> None:
    playbook = get_playbook("teams-upgrade")
    create_messages(
        project=project,
        playbook=playbook,
        acting_user=manager,
        audience_overrides=invites(playbook),
    )
    roles = project.messages.get(audience_kind="it_staff").audience_params["roles"]
    assert roles == [r.code for r in playbook.roles if r.group == "Project team"]


def test_create_message_adds_one_at_the_end(project: Project, manager: User) -> None:
    MessageFactory(project=project, position=7)
    message = create_message(project=project, acting_user=manager, **HAND_MADE)
    assert (message.position, message.wall_time, message.channel) == (8, time(9), Channel.MAIL)
    assert verbs(project) == ["message.created"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "{person.__class__}"},
        {"body": "{switch_date}"},  # not bound to a cohort
        {"body": "{survey_link}"},  # the audience has none
        {"subject": "a\r\nBcc: b@c.example"},
        {"audience_kind": "nobody-knows"},
        {"body": " "},
    ],
)
def test_create_message_refuses_what_could_never_be_sent(
    project: Project, manager: User, wrong: dict[str, str]
) -> None:
    with pytest.raises(ContentRefused):
        create_message(project=project, acting_user=manager, **{**HAND_MADE, **wrong})
    assert list(Message.objects.all()) == []


def test_update_message_makes_a_new_revision(manager: User) -> None:
    message = MessageFactory()
    update_message(
        message=message,
        title="New",
        subject="Now {person_name}",
        body="Text",
        acting_user=manager,
    )
    stored = Message.objects.get(pk=message.pk)
    assert (stored.title, stored.subject, stored.body, stored.revision) == (
        "New",
        "Now {person_name}",
        "Text",
        2,
    )
    assert verbs(message.project) == ["message.edited"]


def test_update_message_with_the_same_text_changes_nothing(manager: User) -> None:
    message = MessageFactory()
    update_message(
        message=message,
        title=message.title,
        subject=message.subject,
        body=message.body,
        acting_user=manager,
    )
    assert Message.objects.get(pk=message.pk).revision == 1
    assert verbs(message.project) == []


def test_update_message_refuses_a_revision_somebody_else_replaced(manager: User) -> None:
    mine = MessageFactory()
    theirs = Message.objects.get(pk=mine.pk)
    update_message(message=theirs, title="Theirs", subject="S", body="B", acting_user=manager)
    with pytest.raises(StaleState):
        update_message(message=mine, title="Mine", subject="S", body="B", acting_user=manager)
    assert Message.objects.get(pk=mine.pk).title == "Theirs"


def test_update_message_refuses_a_bad_text(manager: User) -> None:
    message = MessageFactory()
    with pytest.raises(ContentRefused):
        update_message(message=message, title="T", subject="S", body="{typo}", acting_user=manager)
    assert Message.objects.get(pk=message.pk).revision == 1


def test_pause_and_resume_leave_a_record(manager: User) -> None:
    message = MessageFactory()
    pause_message(message=message, acting_user=manager)
    with pytest.raises(StaleState):
        pause_message(message=message, acting_user=manager)
    resume_message(message=message, acting_user=manager)
    assert Message.objects.get(pk=message.pk).status == MessageStatus.ACTIVE
    assert verbs(message.project) == ["message.paused", "message.resumed"]


def test_cancel_message_cancels_what_has_not_left(manager: User) -> None:
    message = MessageFactory()
    sending = OccurrenceFactory(message=message, state=OccurrenceState.SENDING)
    planned = OccurrenceFactory(message=message)
    done = OccurrenceFactory(message=message, state=OccurrenceState.DONE)
    other = OccurrenceFactory()
    for state in (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENT):
        DeliveryFactory(occurrence=sending, state=state)
    cancel_message(message=message, acting_user=manager)
    states = {o.pk: o.state for o in (sending, planned, done, other) if o.refresh_from_db() is None}
    assert states == {
        sending.pk: OccurrenceState.CANCELLED,
        planned.pk: OccurrenceState.CANCELLED,
        done.pk: OccurrenceState.DONE,
        other.pk: OccurrenceState.PLANNED,
    }
    assert list(sending.deliveries.order_by("pk").values_list("state", flat=True)) == [
        DeliveryState.CANCELLED,
        DeliveryState.CANCELLED,
        DeliveryState.SENT,
    ]
    with pytest.raises(StaleState):
        resume_message(message=message, acting_user=manager)


def test_the_playbooks_languages_and_short_texts_come_along(
    project: Project, manager: User
) -> None:
    german = TextTemplate(
        language="de", subject="Hallo", body="{person_name}", short_body="Kurz", short_subject="K"
    )
    english = TextTemplate(language="en-gb", subject="Hello", body="{person_name}")
    playbook = get_playbook(list_playbooks()[0])
    first = replace(
        playbook.messages[0],
        late="short",
        short_subject="S",
        short_body="B",
        texts=(german, english),
    )
    [message, *_others] = create_messages(
        project=project,
        playbook=replace(playbook, messages=(first, *playbook.messages[1:])),
        acting_user=manager,
        audience_overrides=invites(playbook),
    )
    assert (message.late_policy, message.short_subject, message.short_body) == ("short", "S", "B")
    assert list(message.variants.values_list("language", "body", "short_body")) == [
        ("de", "{person_name}", "Kurz")
    ]
