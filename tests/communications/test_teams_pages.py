"""Channels on their pages, a card from the form to the ledger, and a secret that nobody reads."""

import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from cohorts.models import Cohort
from common.exceptions import Conflict
from communications.audience_kinds import CHANNELS
from communications.enums import Channel
from communications.exceptions import ChannelRefused, ContentRefused
from communications.message_rule import rule_of
from communications.models import Delivery, Message, Occurrence, TeamsChannel
from communications.services.authoring import edit_message
from communications.services.messages import create_message
from communications.services.pipeline.house import keep_house
from communications.services.sending import post_due
from communications.services.teams_channels import (
    add_channel,
    edit_channel,
    post_test_card,
    remove_channel,
)
from projects.models import Event, Project
from tests.communications.workflow import SECRET, Workflow, hangs_up, says, workflow
from tests.factories.cohorts import CohortFactory, MembershipFactory
from tests.factories.communications import MessageFactory, TeamsChannelFactory

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = f"https://prod-01.westeurope.logic.azure.com:443/workflows/a1/invoke?sig={SECRET}"


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.TEAMS_HOSTS = [".logic.azure.com", "127.0.0.1"]


@pytest.fixture
def there() -> Iterator[Workflow]:
    with workflow() as kept:
        yield kept


@pytest.fixture
def wave(project: Project) -> Cohort:
    cohort = CohortFactory(project=project, name="Wave 1")
    MembershipFactory(cohort=cohort)
    return cohort


def whole(client: Client, project: Project, **also: Any) -> dict[str, Any]:
    """The form of a new message, for Teams."""
    return {
        "title": "Word to the team",
        "subject": "{cohort_name} moves",
        "body": "On **{switch_date}**.\n\n[Read more](https://example.org/more)",
        "language": "en-gb",
        "channel": "teams",
        "channels": [str(pk) for pk in project.teams_channels.values_list("pk", flat=True)],
        "audience": "wave",
        "days": "7",
        "direction": "before",
        "anchor": "cohort_switch",
        "wall_time": "09:00",
        "zone": "person",
        "not_after_days": "3",
        "late_policy": "skip",
        "sender": "",
        "sample": "first",
    } | also


def at(project: Project, *parts: object) -> str:
    return f"/projects/{project.slug}/communications/" + "".join(f"{part}/" for part in parts)


def approve(client: Client, occurrence: Occurrence, channels: int) -> None:
    """With the button of its page."""
    page = client.get(at(occurrence.project, occurrence.pk)).content.decode()
    mark = re.search(r'name="mark" value="(\d+)"', page)
    assert mark is not None
    body = {"people": channels, "mark": mark[1], "text": occurrence.message.revision}
    answer = client.post(at(occurrence.project, occurrence.pk, "approve"), body)
    assert answer.status_code == 302


def test_a_channel_is_added_changed_and_removed(
    client: Client, project: Project, manager: User
) -> None:
    client.force_login(manager)
    client.post(at(project, "channels"), {"name": "Team › News", "url": GOOD})
    channel = TeamsChannel.objects.get()
    assert (channel.name, channel.url, channel.added_by) == ("Team › News", GOOD, manager)
    client.post(at(project, "channels", channel.pk), {"name": "Team › All", "url": ""})
    channel.refresh_from_db()
    assert (channel.name, channel.url) == ("Team › All", GOOD)
    other = GOOD.replace("prod-01", "prod-02")
    client.post(at(project, "channels", channel.pk), {"name": "Team › All", "url": other})
    channel.refresh_from_db()
    assert channel.url == other
    assert (
        "Remove this channel?"
        in client.get(at(project, "channels", channel.pk, "remove")).content.decode()
    )
    client.post(at(project, "channels", channel.pk, "remove"))
    assert TeamsChannel.objects.count() == 0
    verbs = Event.objects.filter(verb__startswith="channel.").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "channel.added",
        "channel.edited",
        "channel.edited",
        "channel.removed",
    ]


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("", GOOD),
        ("x", ""),
        ("x", "https://example.org/"),
        ("x", "http://prod-01.logic.azure.com@127.0.0.2/"),
        ("x" * 81, GOOD),
        ("x\x00", GOOD),
        ("x", f"{GOOD}\x00"),
        ("taken", GOOD),
    ],
)
def test_what_cannot_be_added_says_why(
    client: Client, project: Project, manager: User, name: str, url: str
) -> None:
    TeamsChannelFactory(project=project, name="taken")
    client.force_login(manager)
    answer = client.post(at(project, "channels"), {"name": name, "url": url})
    assert (answer.status_code, TeamsChannel.objects.count()) == (422, 1)


def test_a_test_card_is_never_counted(
    client: Client, project: Project, manager: User, there: Workflow
) -> None:
    client.force_login(manager)
    channel = TeamsChannelFactory(project=project, url=there.url)
    answer = client.post(at(project, "channels", channel.pk, "test"), follow=True)
    assert "A test card was posted" in answer.content.decode()
    assert (there.titles, Delivery.objects.count()) == (["Test card"], 0)
    assert Event.objects.filter(verb="channel.tested").count() == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says(404, b'{"error":{"code":"WorkflowNotFound"}}'), "404 WorkflowNotFound"),
        (says(307, Location="http://127.0.0.1:1/"), "leads elsewhere"),
        (hangs_up, "did not answer"),
    ],
)
def test_a_test_card_that_did_not_arrive_says_why(
    project: Project, manager: User, answer: Any, words: str
) -> None:
    with workflow(answer) as there:
        channel = TeamsChannelFactory(project=project, url=there.url)
        with pytest.raises(ChannelRefused, match=words):
            post_test_card(channel=channel, acting_user=manager)
    assert Event.objects.filter(verb="channel.tested").count() == 0


def test_from_the_form_to_the_ledger(
    client: Client, project: Project, manager: User, wave: Cohort, there: Workflow
) -> None:
    client.force_login(manager)
    TeamsChannelFactory(project=project, url=there.url, name="News")
    TeamsChannelFactory(project=project, url=there.url, name="Managers")
    preview = client.post(at(project, "messages", "preview"), whole(client, project))
    assert "Wave 1 moves" in preview.content.decode()
    assert client.post(at(project, "messages", "new"), whole(client, project)).status_code == 302
    message = Message.objects.get()
    assert (message.channel, message.audience_kind, message.zone) == ("teams", "channels", "cohort")
    occurrence = Occurrence.objects.get()
    page = client.get(at(project, occurrence.pk)).content.decode()
    assert "Approve for 2 channels" in page
    assert "Managers" in page
    card = client.get(at(project, occurrence.pk, "card"))
    assert "Read more" in card.content.decode()
    assert "sandbox" in card["Content-Security-Policy"]
    Occurrence.objects.update(due_at=now(), wall_at=None)
    approve(client, occurrence, 2)
    keep_house()
    assert dict(post_due(5.0)) == {"sent": 2}
    keep_house()
    assert len(there.posts) == 2
    actions = there.posts[0]["attachments"][0]["content"]["actions"]
    assert actions == [
        {"type": "Action.OpenUrl", "title": "Read more", "url": "https://example.org/more"}
    ]
    assert "Managers" in client.get(at(project, occurrence.pk, "people")).content.decode()
    assert (
        "202 Accepted" in client.get(f"{at(project, occurrence.pk)}people.csv").getvalue().decode()
    )


def test_an_edited_message_keeps_its_channel(
    client: Client, project: Project, manager: User, wave: Cohort
) -> None:
    client.force_login(manager)
    first, second = TeamsChannelFactory.create_batch(2, project=project)
    client.post(at(project, "messages", "new"), whole(client, project, channels=[first.pk]))
    message = Message.objects.get()
    form = client.get(at(project, "messages", message.pk, "edit")).content.decode()
    assert 'type="hidden" name="channel" value="teams"' in form
    body = whole(client, project, channels=[second.pk], revision=1)
    client.post(at(project, "messages", message.pk, "edit"), body)
    message.refresh_from_db()
    assert message.audience_params == {"channels": [second.pk]}
    body |= {"channel": "mail", "revision": 2}
    assert client.post(at(project, "messages", message.pk, "edit"), body).status_code == 422
    message.refresh_from_db()
    assert message.channel == Channel.TEAMS
    rule = rule_of(message)
    with pytest.raises(ContentRefused):
        edit_message(
            message=message,
            title="T",
            subject="S",
            body="B",
            rule=type(rule)(**{f: getattr(rule, f) for f in rule.__slots__} | {"channel": "mail"}),
            acting_user=manager,
        )


def test_only_channels_of_the_project_can_be_chosen(
    client: Client, project: Project, foreign_project: Project, manager: User, wave: Cohort
) -> None:
    client.force_login(manager)
    foreign = TeamsChannelFactory(project=foreign_project)
    for chosen in ([foreign.pk], [], ["x"]):
        body = whole(client, project, channels=chosen)
        assert client.post(at(project, "messages", "new"), body).status_code == 422
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Hello {person_name}", "has no value"),
        ("See {my_upgrade_link}", "has no value"),
        ("x" * 29_000, "28 KB"),
        ("ü" * 13_500, "28 KB"),
        ("{cohort_name} " * 60, "28 KB"),
    ],
)
def test_a_card_that_could_not_be_posted_is_refused_at_save(
    project: Project, manager: User, body: str, reason: str
) -> None:
    with pytest.raises(ContentRefused, match=reason):
        create_message(
            project=project,
            key="k",
            title="T",
            subject="S",
            body=body,
            channel=Channel.TEAMS,
            audience_kind="channels",
            audience_params={"channels": []},
            cohort_kind="wave",
            anchor="cohort_switch",
            offset_days=-1,
            acting_user=manager,
        )


def pages_about(client: Client, occurrence: Occurrence, channel: TeamsChannel) -> list[bytes]:
    project, pk, message = occurrence.project, occurrence.pk, occurrence.message_id
    addresses = [
        at(project, "channels"),
        at(project, "channels", channel.pk),
        at(project, "channels", channel.pk, "remove"),
        at(project, pk),
        at(project, pk, "card"),
        at(project, pk, "people"),
        at(project, "messages", message),
        at(project, "messages", message, "edit"),
        at(project),
        f"/projects/{project.slug}/",
    ]
    file = client.get(f"{at(project, pk)}people.csv").getvalue()
    return [file, *(client.get(address).content for address in addresses)]


def test_nobody_reads_the_address(
    client: Client,
    project: Project,
    manager: User,
    wave: Cohort,
    admin: User,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """In no page, event, file, ledger or line of the log, even where the Workflow repeats it."""
    caplog.set_level(logging.DEBUG)
    client.force_login(manager)
    with workflow(says(404, f'{{"code":"x","message":"no {SECRET}"}}'.encode())) as there:
        client.post(at(project, "channels"), {"name": "News", "url": there.url})
        channel = TeamsChannel.objects.get()
        assert SECRET in channel.url
        client.post(at(project, "messages", "new"), whole(client, project))
        occurrence = Occurrence.objects.get()
        Occurrence.objects.update(due_at=now(), wall_at=None)
        approve(client, occurrence, 1)
        shown = [client.post(at(project, "channels", channel.pk, "test")).content]
        keep_house()
        post_due(5.0)
    bad = {"name": "", "url": there.url}
    shown += [
        client.post(at(project, "channels"), bad).content,
        client.post(at(project, "channels", channel.pk), bad).content,
        *pages_about(client, occurrence, channel),
        str(list(Event.objects.values())).encode(),
        str(list(Delivery.objects.values())).encode(),
        str(list(Message.objects.values())).encode(),
        repr(channel).encode(),
        caplog.text.encode(),
        "".join(capfd.readouterr()).encode(),
    ]
    assert [page for page in shown if SECRET.encode() in page] == []
    assert any(b"News" in page for page in shown)


def test_two_channels_do_not_share_a_name(project: Project, manager: User) -> None:
    add_channel(project=project, name="News", url=GOOD, acting_user=manager)
    other = add_channel(project=project, name="All", url=GOOD, acting_user=manager)
    with pytest.raises(ChannelRefused):
        edit_channel(channel=other, name="News", url="", acting_user=manager)
    assert not issubclass(ChannelRefused, Conflict)


def test_a_channel_that_is_gone_stays_gone(project: Project, manager: User) -> None:
    channel = TeamsChannelFactory(project=project)
    remove_channel(channel=TeamsChannel.objects.get(), acting_user=manager)
    with pytest.raises(Conflict, match="Somebody removed this channel"):
        edit_channel(channel=channel, name="Again", url="", acting_user=manager)
    with pytest.raises(Conflict, match="Somebody removed this channel"):
        remove_channel(channel=channel, acting_user=manager)
    verbs = list(Event.objects.filter(project=project).values_list("verb", flat=True))
    assert (verbs, TeamsChannel.objects.exists()) == (["channel.removed"], False)


def test_what_is_chosen_while_a_channel_is_removed_stays_chosen(
    project: Project, manager: User
) -> None:
    gone, kept = TeamsChannelFactory.create_batch(2, project=project)
    message = MessageFactory(
        project=project,
        channel=Channel.TEAMS,
        audience_kind=CHANNELS,
        audience_params={"channels": [gone.pk]},
    )

    def remove() -> None:
        remove_channel(channel=gone, acting_user=manager)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            chosen = {"channels": [gone.pk, kept.pk]}
            Message.objects.filter(pk=message.pk).update(audience_params=chosen)
            removing = pool.submit(remove)
            with pytest.raises(TimeoutError):
                removing.result(0.5)
        removing.result(10)
    message.refresh_from_db()
    assert message.audience_params == {"channels": [kept.pk]}
