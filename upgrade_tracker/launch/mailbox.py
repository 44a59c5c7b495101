"""A mail server that delivers everything into one Maildir; development only.

    python -m upgrade_tracker.launch.mailbox PORT FOLDER

Every recipient of the envelope gets a copy of its own, named in `X-Envelope-To`, so that the
mailbox page shows who a mail was for without guessing from its headers.
"""

import mailbox
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Keeper:
    """Writes on arrival; the reply is sent when the mail lies in the folder."""

    def __init__(self, folder: Path) -> None:
        self.maildir = mailbox.Maildir(folder, create=True)

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        for recipient in envelope.rcpt_tos:
            # In front of the mail, which stays as it came, byte by byte.
            self.maildir.add(f"X-Envelope-To: {recipient}\r\n".encode() + envelope.content)
        return "250 OK"


def main(port: int, folder: Path) -> None:
    controller = Controller(
        Keeper(folder), hostname="127.0.0.1", port=port, data_size_limit=50 * 1024 * 1024
    )
    controller.start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    controller.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
