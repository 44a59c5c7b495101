"""The mail server of `start.py` as a process of its own, and what it has taken."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

from upgrade_tracker.launch.ports import HOST, answers, free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


@dataclass(frozen=True)
class Mail:
    """``to`` is the envelope's recipient; ``plain`` and ``html`` are the decoded texts."""

    to: str
    subject: str
    message_id: str
    content_type: str
    plain: str
    html: str


class Listener:
    """``url`` is what EMAIL_URL would say. Every recipient has a copy of its own."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.url = f"smtp://{HOST}:{port}"
        self._seen: set[str] = set()

    def new(self) -> list[Mail]:
        """What has arrived since the last look, in no order."""
        paths = [path for path in (self.folder / "new").glob("*") if path.name not in self._seen]
        self._seen |= {path.name for path in paths}
        return [read(path.read_bytes()) for path in paths]


def read(raw: bytes) -> Mail:
    # Not the modern policy: it is twenty times slower, and these are thousands of mails.
    message = message_from_bytes(raw)
    texts = {
        part.get_content_type(): part.get_payload(decode=True).decode("utf-8")
        for part in message.walk()
        if part.get_content_maintype() == "text"
    }
    return Mail(
        to=message["X-Envelope-To"],
        subject=str(make_header(decode_header(message["Subject"]))),
        message_id=message["Message-ID"],
        content_type=message.get_content_type(),
        plain=texts.get("text/plain", ""),
        html=texts.get("text/html", ""),
    )


@contextmanager
def mail_listener(folder: Path) -> Iterator[Listener]:
    """Listens while it lasts; ends only the process it started."""
    listener = Listener(free_port(), folder)
    command = [sys.executable, "-m", "upgrade_tracker.launch.mailbox"]
    process = subprocess.Popen(
        [*command, str(listener.port), str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(listener.port):
            assert process.poll() is None, "the mail listener has ended"
            assert time.monotonic() < deadline, "the mail listener does not answer"
            time.sleep(0.02)
        yield listener
    finally:
        process.terminate()
        process.wait(10)
