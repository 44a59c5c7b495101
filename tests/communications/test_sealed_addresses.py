"""The address of a Workflow in the database: closed to whoever has a copy and no key."""

from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.models import User
from communications.enums import DeliveryState
from communications.exceptions import ChannelRefused
from communications.models import Delivery, TeamsChannel
from communications.services.outbox import retry_failed
from communications.services.teams_channels import edit_channel, post_test_card
from tests.communications.test_teams_posts import due_post, go
from tests.communications.workflow import SECRET, workflow
from tests.factories.communications import TeamsChannelFactory

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = ("communications", "0027_no_ledger_of_what_is_under_way")
CHANNELS = ("communications", "TeamsChannel")
WHY = "The address of the Workflow can no longer be read. Enter it once more."


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.TEAMS_HOSTS = ["127.0.0.1"]


def stored() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT url FROM communications_teamschannel ORDER BY id")
        return [url for (url,) in cursor.fetchall()]


def test_a_copy_of_the_database_does_not_tell_it() -> None:
    url = f"https://127.0.0.1/workflows/a1?sig={SECRET}"
    for _time in range(2):
        TeamsChannelFactory(url=url)
    first, second = stored()
    assert [part for part in (SECRET, "https", "127.0.0.1") if part in first + second] == []
    assert first != second
    assert set(TeamsChannel.objects.values_list("url", flat=True)) == {url}


def test_nobody_can_look_for_one() -> None:
    with pytest.raises(FieldError):
        TeamsChannel.objects.filter(url="https://127.0.0.1").exists()


def test_without_its_key_nothing_is_posted_until_it_is_entered_again(
    settings: Any, manager: User
) -> None:
    with workflow() as there:
        occurrence = due_post(there.url)
        settings.LINK_KEYS = ["another"]
        channel = TeamsChannel.objects.get()
        assert (channel.url, channel.masked) == ("", WHY)
        with pytest.raises(ChannelRefused, match="can no longer be read"):
            post_test_card(channel=channel, acting_user=manager)
        go()
        row = Delivery.objects.get()
        assert (row.state, row.reason, there.posts) == (DeliveryState.FAILED, WHY, [])

        edit_channel(channel=channel, name="News", url=there.url, acting_user=manager)
        retry_failed(occurrence=occurrence, acting_user=manager)
        go()
        assert (Delivery.objects.get().state, len(there.posts)) == (DeliveryState.SENT, 1)


def test_a_new_name_writes_no_other_address(settings: Any, manager: User) -> None:
    keys, channel = settings.LINK_KEYS, TeamsChannelFactory(url="https://127.0.0.1/a")
    settings.LINK_KEYS = ["another"]
    unread = TeamsChannel.objects.get()
    edit_channel(channel=unread, name="Renamed without its key", url="", acting_user=manager)
    settings.LINK_KEYS = keys
    assert TeamsChannel.objects.get().url == "https://127.0.0.1/a"

    # Somebody else gave it a new one while this page was open.
    edit_channel(channel=channel, name="News", url="https://127.0.0.1/b", acting_user=manager)
    edit_channel(channel=unread, name="Renamed late", url="", acting_user=manager)
    found = TeamsChannel.objects.get()
    assert (found.name, found.url) == ("Renamed late", "https://127.0.0.1/b")


def test_a_new_key_in_front_changes_nothing(settings: Any) -> None:
    with workflow() as there:
        due_post(there.url)
        settings.LINK_KEYS = ["new", *settings.LINK_KEYS]
        go()
        assert len(there.posts) == 1


def test_addresses_of_before_are_sealed_and_opened_again() -> None:
    plain = MigrationLoader(connection).project_state(BEFORE).apps
    urls = ["https://127.0.0.1/a", "https://127.0.0.1/b"]
    for url in urls:
        channel = TeamsChannelFactory()
        plain.get_model(*CHANNELS).objects.filter(pk=channel.pk).update(url=url)
    assert stored() == urls
    migration = import_module("communications.migrations.0028_channels_are_sealed")

    migration.seal_all(plain, None)
    assert [channel.url for channel in TeamsChannel.objects.order_by("pk")] == urls
    assert not set(stored()) & set(urls)

    migration.unseal_all(plain, None)
    assert stored() == urls
