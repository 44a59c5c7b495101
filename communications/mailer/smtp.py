"""A conversation with one mail server that can stop in front of the final dot.

Connecting, EHLO, STARTTLS and AUTH are smtplib's; from then on we speak ourselves, because smtplib
sends a body and its dot in one go.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial

from communications.mailer import crash
from communications.mailer.reply import Reply
from communications.mailer.wire import ConnectionTrouble, Wire

# RFC 5321 4.5.3.2.6: ten minutes, for a server that gives up late has often taken the mail.
DOT_SECONDS = 600.0
MAILS_A_CONNECTION = 100
LINE_END = re.compile(rb"\r\n|\r|\n")


class Stage(Enum):
    """Where in the conversation a server said no; the order is that of the conversation."""

    CONNECT = "connect"
    AUTH = "sign-in"
    MAIL = "sender"
    RCPT = "recipient"
    DATA = "data"
    DOT = "final dot"


class Refused(Exception):
    """The server said no, in good order."""

    def __init__(self, stage: Stage, reply: Reply) -> None:
        super().__init__(f"{stage.value}: {reply}")
        self.stage = stage
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Server:
    """An account on a mail server. ``timeout`` in seconds, for every step before the dot."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    timeout: float = 30.0
    hello_name: str = "localhost"


class Connection:
    """Serves up to MAILS_A_CONNECTION mails, one at a time. Any trouble closes it for good."""

    def __init__(self, server: Server, patience: Callable[[], None]) -> None:
        self._timeout = server.timeout
        self._left = MAILS_A_CONNECTION
        self.is_open = True
        self._wire = Wire(_sign_in(server), server.timeout, patience)

    @property
    def is_worn(self) -> bool:
        return self._left <= 0

    @property
    def is_fresh(self) -> bool:
        """Whether trouble cannot be a server's way to end a connection it used for long enough."""
        return self._left >= MAILS_A_CONNECTION - 1

    def offer(self, sender: str, recipient: str, mail: bytes) -> None:
        """Everything but the dot. Raises Refused (the connection lives on) or ConnectionTrouble."""
        self._left -= 1
        try:
            self._ask(Stage.MAIL, f"MAIL FROM:<{sender}>", 2)
            self._ask(Stage.RCPT, f"RCPT TO:<{recipient}>", 2)
            self._ask(Stage.DATA, "DATA", 3)
            self._wire.send(_stuffed(mail))
            early = self._wire.early_reply()
        except Refused as refusal:
            self._start_over(refusal.reply)
            raise
        except ConnectionTrouble:
            self.abandon()
            raise
        if early is not None:
            self.abandon()
            raise Refused(Stage.DATA, early)

    def dot(self) -> Reply:
        """Hand the offered mail over. ConnectionTrouble: nobody knows whether it was taken."""
        try:
            crash.point("before-dot")
            self._wire.send(b".\r\n")
            crash.point("after-dot")
            reply = self._wire.reply(DOT_SECONDS)
        except ConnectionTrouble:
            self.abandon()
            raise
        if reply.code == 421:
            self.abandon()
        return reply

    def abandon(self) -> None:
        """Take an offered mail back: without its dot the server drops it."""
        self.is_open = False
        self._wire.close()

    def close(self) -> None:
        """Say goodbye; nothing depends on the answer."""
        if self.is_open:
            with contextlib.suppress(ConnectionTrouble):
                self._wire.send(b"QUIT\r\n")
                self._wire.reply(2.0)
        self.abandon()

    def _ask(self, stage: Stage, line: str, hundreds: int) -> None:
        self._wire.send(line.encode("ascii") + b"\r\n")
        reply = self._wire.reply(self._timeout)
        if reply.code // 100 == hundreds:
            return
        if reply.code < 400:
            raise ConnectionTrouble(f"unexpected answer at {stage.value}: {reply}")
        raise Refused(stage, reply)

    def _start_over(self, reply: Reply) -> None:
        try:
            if reply.code == 421:
                raise ConnectionTrouble(str(reply))
            self._wire.send(b"RSET\r\n")
            if self._wire.reply(self._timeout).code != 250:
                raise ConnectionTrouble("the server would not start over")
        except ConnectionTrouble:
            self.abandon()


def _sign_in(server: Server) -> socket.socket:
    """Connect, greet, encrypt, sign in. Raises Refused or ConnectionTrouble."""
    try:
        return _greeted(server)
    except smtplib.SMTPAuthenticationError as error:
        raise Refused(Stage.AUTH, _reply(error)) from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code < 400:  # smtplib says -1 where the server said nothing
            raise ConnectionTrouble(str(_reply(error))) from error
        raise Refused(Stage.CONNECT, _reply(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise ConnectionTrouble(str(error) or type(error).__name__) from error


def _greeted(server: Server) -> socket.socket:
    if server.use_ssl:
        kind: Callable[..., smtplib.SMTP] = partial(
            smtplib.SMTP_SSL, context=ssl.create_default_context()
        )
    else:
        kind = smtplib.SMTP
    # smtplib closes by itself what it could not open.
    client = kind(
        server.host, server.port, local_hostname=server.hello_name, timeout=server.timeout
    )
    try:
        _introduce(client, server)
        return _taken_over(client)
    except (smtplib.SMTPException, OSError):
        client.close()
        raise


def _introduce(client: smtplib.SMTP, server: Server) -> None:
    client.ehlo_or_helo_if_needed()
    if server.use_tls:
        client.starttls(context=ssl.create_default_context())
        client.ehlo_or_helo_if_needed()
    if server.user:
        client.login(server.user, server.password)


def _taken_over(client: smtplib.SMTP) -> socket.socket:
    """The bare socket. smtplib's reader must go, or closing the socket would not close it."""
    sock = client.sock
    if sock is None:
        raise smtplib.SMTPServerDisconnected("the server closed the connection")
    if client.file is not None:
        client.file.close()
    client.sock = client.file = None
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _reply(error: smtplib.SMTPResponseException) -> Reply:
    text = error.smtp_error
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return Reply(error.smtp_code, "".join(c if c.isprintable() else " " for c in said)[:500])


def _stuffed(mail: bytes) -> bytes:
    """Every line ends in CRLF, none begins with a lone dot, the last one is complete."""
    lines = LINE_END.sub(b"\r\n", mail)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)
