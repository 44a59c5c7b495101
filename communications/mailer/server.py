"""A mail server as we see it: its account, where it can say no, the no itself. No socket here."""

from dataclasses import dataclass
from enum import Enum

from communications.mailer.reply import Reply


class Stage(Enum):
    """Where in the conversation a server said no; the order is that of the conversation."""

    CONNECT = "connect"
    AUTH = "sign-in"
    MAIL = "sender"
    RCPT = "recipient"
    DATA = "data"
    DOT = "final dot"
    RESET = "start over"


class Refused(Exception):
    """The server said no, in good order."""

    def __init__(self, stage: Stage, reply: Reply) -> None:
        super().__init__(f"{stage.value}: {reply}")
        self.stage = stage
        self.reply = reply


class ConnectionTrouble(Exception):
    """The conversation broke off: no network, no answer in time, or no SMTP."""


@dataclass(frozen=True, slots=True)
class Server:
    """An account on a mail server. ``timeout`` in seconds, for every step before the dot.

    ``may_pipeline`` False speaks one command at a time, whatever the server announces.
    """

    host: str
    port: int
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    timeout: float = 30.0
    hello_name: str = "localhost"
    may_pipeline: bool = True
