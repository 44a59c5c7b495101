"""A mail server that is the truth: it writes a mail down before it says 250.

In a test it runs as threads; with the arguments LOG PORTFILE pipelining|plain SLOW this module is
a process of its own.
A script may answer any step otherwise, keep silent, stop amid a line, or hang up.
"""

import contextlib
import json
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from email import message_from_bytes
from multiprocessing import get_context
from pathlib import Path

# (stage, text of the line) -> an answer, "" to say nothing, HANG_UP; None for the usual answer.
Script = Callable[[str, str], str | None]
HANG_UP = "hang up"
STALL = "stall"  # nothing more is said
HALF = "half a line"  # the beginning of an answer, and nothing more
USUAL = {
    "CONNECT": "220 sink",
    "EHLO": "250 sink",
    "HELO": "250 sink",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "RSET": "250 ok",
    "NOOP": "250 ok",
    "QUIT": "221 bye",
    "DOT": "250 taken",
}


@dataclass
class Mail:
    recipient: str
    message_id: str
    at: float
    raw: str = field(repr=False, default="")


class Conversation(socketserver.StreamRequestHandler):
    server: "Sink"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.connections += 1
        self.server.live.add(self.connection)
        with contextlib.suppress(OSError):
            if self.answer("CONNECT", ""):
                self.converse()
        self.server.live.discard(self.connection)

    def converse(self) -> None:
        recipient, is_taken = "", False
        while line := self.rfile.readline():
            text = line.decode("utf-8", "replace").strip()
            verb = text.split(" ")[0].split(":")[0].upper()
            if verb == "RCPT":
                recipient = text.partition("<")[2].partition(">")[0]
            if verb == "DATA" and not is_taken and self.server.is_strict:
                self.answer("", "")
                continue
            if not self.answer(verb, text):
                return
            is_taken = verb == "RCPT" and self.last == 250
            if verb == "QUIT" or (verb == "DATA" and self.last == 354 and not self.body(recipient)):
                return

    def body(self, recipient: str) -> bool:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                self.server.taken_back += 1  # hung up before the dot: nothing was handed over
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        return self.answer("DOT", recipient, b"".join(lines))

    def answer(self, stage: str, text: str, raw: bytes = b"") -> bool:
        said = self.server.script(stage, text)
        said = self.server.usual.get(stage, "503 what?") if said is None else said
        if stage == "DOT" and (said.startswith("2") or self.server.keeps_all):
            self.server.write_down(text, raw)
            self.server.hurried.wait(self.server.slow)
        if said == HANG_UP:
            return False
        if said in (STALL, HALF):
            self.wfile.write(b"25" if said == HALF else b"")
            while self.rfile.read(1):
                pass
            return False
        self.last = int(said[:3]) if said else 0
        if said:
            self.wfile.write(said.encode() + b"\r\n")
        return True


class Sink(socketserver.ThreadingTCPServer):
    """``mails`` is what it took, where there is no log.

    ``keeps_all`` writes down what it gave no clear answer to, too.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 50

    def __init__(
        self,
        log: Path | None = None,
        script: Script | None = None,
        *,
        has_pipelining: bool = False,
        slow: float = 0.0,
    ) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.usual = dict(USUAL)
        if has_pipelining:
            self.usual["EHLO"] = "250-sink\r\n250 PIPELINING"
        self.is_strict = True  # no DATA without a recipient
        self.slow = slow
        self.hurried = get_context("fork").Event()  # ends the slowness, from outside as well
        self.script: Script = script or (lambda stage, text: None)
        self.keeps_all = False
        self.mails: list[Mail] = []
        self.connections = self.taken_back = 0
        self.live: set[socket.socket] = set()
        self.port: int = self.server_address[1]
        self._log = log.open("ab", buffering=0) if log else None
        self._lock = threading.Lock()

    def write_down(self, recipient: str, raw: bytes) -> None:
        message_id = message_from_bytes(raw)["Message-ID"] or ""
        mail = Mail(recipient, message_id, time.time(), raw.decode("utf-8", "replace"))
        with self._lock:
            if not self._log:
                self.mails.append(mail)
            else:
                short = {**asdict(mail), "raw": ""}
                self._log.write(json.dumps(short).encode() + b"\n")

    def hang_up(self, word: bytes) -> None:
        """End all conversations at once, with a last word or none; who hears it may be faster."""
        for one in list(self.live):
            with contextlib.suppress(OSError):
                if word:
                    one.sendall(word)
                one.shutdown(socket.SHUT_RDWR)

    def saw(self, what: Callable[[], bool]) -> bool:
        """Whether ``what`` becomes true; its threads hear of a closed connection a little later."""
        return any(what() or time.sleep(0.02) for _try in range(250))

    def __enter__(self) -> "Sink":
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *about: object) -> None:
        self.shutdown()
        self.close()

    def close(self) -> None:
        self.server_close()
        if self._log:
            self._log.close()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    log, port_file, has_pipelining, slow = sys.argv[1:]
    sink = Sink(Path(log), has_pipelining=has_pipelining == "pipelining", slow=float(slow))
    Path(port_file).write_text(str(sink.port))
    sink.serve_forever()
