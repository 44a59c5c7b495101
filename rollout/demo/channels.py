"""The demo's channels in Teams, and a poster: in its past the cards go to a listener of our own.

Afterwards the channels have addresses that no Workflow has, so that nobody is ever posted to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from django.conf import settings
from django.test.utils import override_settings

from accounts.models import User
from cohorts.enums import CohortKind
from communications import timing
from communications.audience_kinds import CHANNELS, COHORT
from communications.enums import Channel, LatePolicy, MessageZone
from communications.message_rule import MessageRule
from communications.services.authoring import write_message
from communications.services.teams_channels import add_channel, edit_channel
from projects.models import Project

HERE = "127.0.0.1"
NAMES = ("Nordwind › News", "Service desk › Upgrade")
NOWHERE = "https://demo-{number}.westeurope.logic.azure.com/workflows/demo/triggers/manual/invoke"
CARD = """
**{cohort_name}** switches on **{switch_date}** at {switch_time}.

- Finish calls that are running before then.
- Whoever has questions asks {help_contact}.

[What changes for you](https://upgrade.example.org/what-changes)
"""
POSTER = """
A3, at the doors of every floor where **{cohort_name}** sits: the day, one sentence, and where help
is. The print shop needs two days.
"""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        return None


@contextmanager
def cards_stay_here() -> Iterator[str]:
    """The address of a Workflow on this machine; while it lasts, this process may post to it."""
    server = ThreadingHTTPServer((HERE, 0), _Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        with override_settings(TEAMS_HOSTS=[*settings.TEAMS_HOSTS, HERE], TEAMS_INSIDE=True):
            yield f"http://{HERE}:{server.server_address[1]}/demo"
    finally:
        server.shutdown()
        server.server_close()


def open_channels(project: Project, manager: User, url: str) -> None:
    """Two channels that every wave is announced in, and a poster a week ahead."""
    channels = [
        add_channel(project=project, name=name, url=url, acting_user=manager).pk for name in NAMES
    ]
    write_message(
        project=project,
        title="Card in the channels",
        subject="{cohort_name} switches soon",
        body=CARD.strip(),
        rule=_rule(Channel.TEAMS, -5, CHANNELS, {"channels": channels}),
        acting_user=manager,
    )
    write_message(
        project=project,
        title="Poster at the doors",
        subject="{cohort_name} switches on {switch_date}",
        body=POSTER.strip(),
        rule=_rule(Channel.POSTER, -7, COHORT, {}),
        acting_user=manager,
    )


def seal_channels(project: Project, manager: User) -> None:
    """Whatever is approved from now on is posted nowhere."""
    with override_settings(TEAMS_HOSTS=[".logic.azure.com"]):
        for number, channel in enumerate(project.teams_channels.order_by("pk"), 1):
            channel.project = project
            url = NOWHERE.format(number=number)
            edit_channel(channel=channel, name=channel.name, url=url, acting_user=manager)


def _rule(channel: Channel, days: int, kind: str, params: dict[str, list[int]]) -> MessageRule:
    return MessageRule(
        channel=channel,
        audience_kind=kind,
        audience_params=params,
        cohort_kind=CohortKind.WAVE,
        anchor=timing.COHORT_SWITCH,
        offset_days=days,
        wall_time=time(9, 30),
        zone=MessageZone.COHORT,
        is_working_day=True,
        not_after_days=4,
        is_mandatory=False,
        has_calendar=False,
        late_policy=LatePolicy.SKIP,
        sender_id=None,
    )
