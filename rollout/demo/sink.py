"""A mail server for the demo's history alone: invented people are never written to.

What it takes is kept where /mailbox/ reads, if there is such a place, and forgotten otherwise.
"""

import mailbox
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.test.utils import override_settings

HERE = "127.0.0.1"


class _Keeper:
    """aiosmtpd's handler: says yes to everything."""

    def __init__(self, folder: str) -> None:
        self._box = mailbox.Maildir(folder, create=True) if folder else None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self._box is not None:
            # The launcher's listener marks its copies the same way; the mailbox page reads it.
            receiver = f"X-Envelope-To: {envelope.rcpt_tos[0]}\r\n".encode()
            self._box.add(receiver + (envelope.original_content or b""))
        return "250 kept"


@contextmanager
def mails_stay_here() -> Iterator[None]:
    """While it lasts, every mail of this process goes to a listener of its own on this machine."""
    folder = settings.MAILBOX_DIR
    if folder:
        # mailbox.Maildir makes these only where the folder itself is missing.
        for part in ("cur", "new", "tmp"):
            Path(folder, part).mkdir(parents=True, exist_ok=True)
    controller = Controller(
        _Keeper(folder), hostname=HERE, port=_free_port(), enable_SMTPUTF8=False
    )
    controller.start()
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST=HERE,
            EMAIL_PORT=controller.port,
            EMAIL_HOST_USER="",
            EMAIL_HOST_PASSWORD="",
            EMAIL_USE_TLS=False,
            EMAIL_USE_SSL=False,
            MAIL_ALLOW_LIST=[],
        ):
            yield
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
        return port
