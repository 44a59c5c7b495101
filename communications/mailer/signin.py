"""Connecting, EHLO, STARTTLS and AUTH: smtplib's work. Afterwards the bare socket is ours."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from communications.mailer.reply import Reply
from communications.mailer.server import ConnectionTrouble, Refused, Server, Stage


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A socket in front of the first MAIL, and whether commands may be sent in one go."""

    sock: socket.socket
    has_pipelining: bool


def sign_in(server: Server) -> SignedIn:
    """Connect, greet, encrypt, sign in. Blocks. Raises Refused or ConnectionTrouble."""
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


def _greeted(server: Server) -> SignedIn:
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
        return SignedIn(_taken_over(client), server.may_pipeline and client.has_extn("pipelining"))
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
