"""Channels in Teams: added, renamed, tried out, taken away. The address is never told again.

Posts of messages are ``pipeline/posting.py``'s.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from common.exceptions import Conflict
from communications.audience_kinds import CHANNELS
from communications.enums import DeliveryState
from communications.exceptions import ChannelRefused
from communications.mailer.backoff import hold_for
from communications.models import Delivery, Message, TeamsChannel
from communications.services.cards import trial_card
from communications.services.pipeline import clock
from communications.teams.address import refuse_bad_address
from communications.teams.line import Answer, NotReached, Unanswered, post
from projects.models import Project
from projects.services.events import record
from projects.services.guards import require_open

if TYPE_CHECKING:
    from accounts.models import User

MOST_CHANNELS = 50


@transaction.atomic
def add_channel(*, project: Project, name: str, url: str, acting_user: "User") -> TeamsChannel:
    """Raises ChannelRefused for an address that is no Workflow's, or a name that is taken."""
    require_open(project)
    refuse_bad_address(url)
    if project.teams_channels.count() >= MOST_CHANNELS:
        raise ChannelRefused(_("A project has at most 50 channels. Remove one first."))
    channel = TeamsChannel(project=project, name=name, url=url, added_by=acting_user)
    _save(channel)
    _tell(channel, "channel.added", _("Teams channel “%(name)s” was added."), acting_user)
    return channel


@transaction.atomic
def edit_channel(
    *, channel: TeamsChannel, name: str, url: str, acting_user: "User"
) -> TeamsChannel:
    """Without ``url`` the address stays, also one that nobody can read; a new one is posted to
    from the next post on. Raises Conflict where the channel is gone."""
    require_open(channel.project)
    _lock(channel)
    changed = ["name"]
    if url:
        refuse_bad_address(url)
        channel.url, channel.failures_in_a_row, channel.not_before = url, 0, None
        changed += ["url", "failures_in_a_row", "not_before"]
    channel.name = name
    _save(channel, changed)
    _tell(channel, "channel.edited", _("Teams channel “%(name)s” was changed."), acting_user)
    return channel


@transaction.atomic
def remove_channel(*, channel: TeamsChannel, acting_user: "User") -> int:
    """Forget it with its address; how many posts that waited are not made. The ledger keeps what
    was posted, and its name. Raises Conflict where somebody did that already."""
    require_open(channel.project)
    waiting = Delivery.objects.filter(
        channel=channel, state__in=(DeliveryState.QUEUED, DeliveryState.CLAIMED)
    )
    locked = waiting.order_by("pk").select_for_update(of=("self",))
    stopped = Delivery.objects.filter(
        pk__in=list(locked.values_list("pk", flat=True)),
        state__in=(DeliveryState.QUEUED, DeliveryState.CLAIMED),
    ).update(
        state=DeliveryState.SKIPPED,
        reason=_("the channel was removed"),
        lease_until=None,
        owner=None,
    )
    _lock(channel)  # after its posts, as who claims one does
    Delivery.objects.filter(channel=channel).update(address=channel.name)
    named = Message.objects.filter(project=channel.project_id, audience_kind=CHANNELS)
    for message in named.order_by("pk").select_for_update(no_key=True):
        left = [pk for pk in message.audience_params.get("channels", []) if pk != channel.pk]
        message.audience_params = {**message.audience_params, "channels": left}
        message.save(update_fields=["audience_params"])
    sentence = _("Teams channel “%(name)s” was removed.")
    _tell(channel, "channel.removed", sentence, acting_user, {"stopped": stopped})
    channel.delete()
    return stopped


def post_test_card(*, channel: TeamsChannel, acting_user: "User") -> None:
    """One card that is never counted and has no row. ChannelRefused says why it did not arrive.

    Not a transaction: there is nothing to undo, and nobody waits for a Workflow with locks held.
    """
    require_open(channel.project)
    refuse_bad_address(channel.url)
    try:
        answer = post(channel.url, trial_card(channel.project.name, channel.name))
    except NotReached as error:
        raise ChannelRefused(_("The Workflow could not be reached (%s).") % error) from error
    except Unanswered as error:
        raise ChannelRefused(
            _("The Workflow did not answer. Look into the channel whether the card is there.")
        ) from error
    if not 200 <= answer.status < 300:
        raise ChannelRefused(_said_no(answer))
    sentence = _("A test card was posted to “%(name)s”.")
    _tell(channel, "channel.tested", sentence, acting_user)


def _said_no(answer: Answer) -> str:
    if 300 <= answer.status < 400:
        return _("The address leads elsewhere. Copy the Workflow's own address once more.")
    return _("The Workflow said no (%(status)s %(word)s). Look at it in Teams, then try again.") % {
        "status": answer.status,
        "word": answer.word,
    }


def note_answer(*, channel_id: int, hold: timedelta | None, is_trouble: bool) -> None:
    """Leave a channel in trouble alone for a while, longer each time until a post gets through.

    ``hold`` of zero says that it is well; one that is longer was asked for by the Workflow.
    """
    if hold is None and not is_trouble:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE communications_teamschannel"
            " SET failures_in_a_row = CASE WHEN %s THEN failures_in_a_row + 1 ELSE 0 END"
            " WHERE id = %s RETURNING failures_in_a_row",
            [is_trouble, channel_id],
        )
        row = cursor.fetchone()
        wait = hold_for(row[0]) if row and is_trouble else hold
        if row and wait:
            cursor.execute(
                "UPDATE communications_teamschannel"
                " SET not_before = clock_timestamp() + %s::interval + %s::interval WHERE id = %s",
                [clock.ahead(), clock.seconds(wait.total_seconds()), channel_id],
            )


def _lock(channel: TeamsChannel) -> None:
    if not TeamsChannel.objects.select_for_update(no_key=True).filter(pk=channel.pk):
        raise Conflict(_("Somebody removed this channel. To post there, add it again."))


def _save(channel: TeamsChannel, changed: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            channel.save(update_fields=changed)
    except IntegrityError as error:
        raise ChannelRefused(_("Another channel of this project has that name.")) from error


def _tell(
    channel: TeamsChannel,
    verb: str,
    sentence: str,
    acting_user: "User",
    data: dict[str, int] | None = None,
) -> None:
    record(
        project=channel.project,
        verb=verb,
        sentence=sentence % {"name": channel.name},
        acting_user=acting_user,
        subject=channel,
        data=data,
    )
