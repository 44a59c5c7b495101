"""A Workflow on this machine: an HTTP server in a thread that writes down what it got."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]
SECRET = "kGyxTe1lN0b0dy"


@dataclass
class Workflow:
    """``answers`` are used one by one, the last one for good."""

    port: int = 0
    answers: list[Answer] = field(default_factory=list)
    posts: list[Any] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/workflows/a1/invoke?sig={SECRET}"

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def titles(self) -> list[str]:
        """The first line of each card."""
        return [
            post["attachments"][0]["content"]["body"][0]["inlines"][0]["text"]
            for post in self.posts
        ]


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """After it has read the whole post."""
    handler.close_connection = True
    handler.connection.close()


def stalls(seconds: float) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        says(202)(handler)

    return answer


def drips(handler: BaseHTTPRequestHandler) -> None:
    """A head that never ends, a little at a time."""
    for _turn in range(200):
        try:
            handler.wfile.write(b"X")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


@contextmanager
def workflow(*answers: Answer) -> Iterator[Workflow]:
    kept = Workflow(answers=list(answers or [says(202)]))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.posts.append(json.loads(body))
            kept.paths.append(self.path)
            kept.at.append(time.monotonic())
            kept.next_answer()(self)

        def log_message(self, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
