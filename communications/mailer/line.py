"""One conversation with a mail server that never waits and can stop in front of the final dot.

idle -> envelope -> body -> at the dot -> dot sent -> idle. Where the server announced PIPELINING
the envelope of the next mail leaves in the same segment as the dot. Nothing here writes a row.
"""

import contextlib
from collections import deque
from typing import NamedTuple

from communications.mailer import crash
from communications.mailer.reply import Garbled, Reply, ReplyReader
from communications.mailer.server import ConnectionTrouble, Refused, Stage
from communications.mailer.signin import SignedIn
from communications.mailer.stream import Stream

# RFC 5321 4.5.3.2.6: ten minutes, for a server that gives up late has often taken the mail.
DOT_SECONDS = 600.0
MAILS_A_CONNECTION = 100
NEVER = float("inf")


class Command(NamedTuple):
    """What we say, and the first digit of the answer that lets us go on."""

    stage: Stage
    wanted: int


RESET = Command(Stage.RESET, 2)
MAIL = Command(Stage.MAIL, 2)
RCPT = Command(Stage.RCPT, 2)
DATA = Command(Stage.DATA, 3)
DOT = Command(Stage.DOT, 2)


class Letter(NamedTuple):
    """A mail ready to go. ``key`` is the caller's; addresses are ASCII; ``body`` has CRLF."""

    key: int
    sender: str
    recipient: str
    body: bytes


class Answered(NamedTuple):
    """The server answered a dot."""

    letter: Letter
    reply: Reply


class Declined(NamedTuple):
    """The server said no before the dot, so nothing was handed over."""

    letter: Letter
    refusal: Refused


class Broken(NamedTuple):
    """The conversation broke off. Of ``handed`` nobody knows; ``offered`` was not handed over."""

    why: str
    handed: Letter | None
    offered: Letter | None
    is_fresh: bool  # it had not served a mail yet, so the offered one may be what broke it


Event = Answered | Declined | Broken


class Line:
    """Serves up to MAILS_A_CONNECTION letters. Any trouble closes it for good; Broken says so."""

    def __init__(self, signed_in: SignedIn, timeout: float) -> None:
        self._stream = Stream(signed_in.sock)
        self._reader = ReplyReader()
        self._pipelines = signed_in.has_pipelining
        self._timeout = timeout
        self._left = MAILS_A_CONNECTION
        self._unsaid: list[tuple[Command, str]] = []
        self._expected: deque[Command] = deque()
        self._is_refused = self._must_reset = False
        self.offered: Letter | None = None
        self.handed: Letter | None = None
        self.is_open = True
        self.is_at_dot = False
        self.deadline = NEVER

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def is_idle(self) -> bool:
        return self.is_open and self.offered is None and not self._expected and not self._unsaid

    @property
    def can_take_more(self) -> bool:
        return self.is_open and self._left > 0

    @property
    def wants_to_write(self) -> bool:
        return self.is_open and not self._stream.is_flushed

    def start(self, letter: Letter, now: float) -> list[Event]:
        """Offer a letter on an idle line."""
        try:
            self._offer(letter)
            self._speak(now)
        except ConnectionTrouble as trouble:
            return [self._broken(trouble)]
        return []

    def dot(self, then: Letter | None, now: float) -> list[Event]:
        """Hand over the letter at the dot, and offer the next one."""
        letter, self.offered = self.offered, None
        if letter is None or not self.is_at_dot:
            raise ValueError("this line is not at a dot")
        self.is_at_dot, self.handed = False, letter
        self._unsaid.append((DOT, ".\r\n"))
        if then is not None:
            self._offer(then)
        crash.point("before-dot")
        try:
            self._speak(now)
        except ConnectionTrouble as trouble:
            return [self._broken(trouble)]
        crash.point("after-dot")
        return []

    def on_ready(self, now: float) -> list[Event]:
        """Read what came and write what waits; what it means, in order."""
        events: list[Event] = []
        try:
            if not self._stream.is_flushed and self._stream.flush():
                self._wait_anew(now)
            data = self._stream.take()
            if data:
                self._listen(data, events, now)
            self._settle()
        except ConnectionTrouble as trouble:
            events.append(self._broken(trouble))
        except Garbled as error:
            events.append(self._broken(self._stream.trouble(error)))
        return events

    def expire(self) -> list[Event]:
        """The deadline passed without a whole reply, or without a byte leaving."""
        return [self._broken(ConnectionTrouble("no answer in time"))]

    def abandon(self) -> None:
        """Take an offered letter back: without its dot the server drops it."""
        self.is_open = self.is_at_dot = False
        self.deadline = NEVER
        self._stream.close()

    def say_goodbye(self) -> None:
        """Nothing depends on the answer, so nobody waits for it."""
        if self.is_open:
            with contextlib.suppress(ConnectionTrouble):
                self._stream.put(b"QUIT\r\n")
        self.abandon()

    def _offer(self, letter: Letter) -> None:
        self._left -= 1
        self.offered, self._is_refused = letter, False
        if self._must_reset:
            self._unsaid.append((RESET, "RSET\r\n"))
            self._must_reset = False
        self._unsaid += (
            (MAIL, f"MAIL FROM:<{letter.sender}>\r\n"),
            (RCPT, f"RCPT TO:<{letter.recipient}>\r\n"),
            (DATA, "DATA\r\n"),
        )

    def _speak(self, now: float) -> None:
        """Send what may be sent: everything, or one command whenever none is unanswered."""
        if not self._unsaid or (self._expected and not self._pipelines):
            return
        number = len(self._unsaid) if self._pipelines else 1
        said, self._unsaid = self._unsaid[:number], self._unsaid[number:]
        self._expected += [command for command, _words in said]
        self._stream.put("".join([words for _command, words in said]).encode("ascii"))
        self._wait_anew(now)

    def _listen(self, data: bytes, events: list[Event], now: float) -> None:
        """Whole replies only: a server that says a byte a second is late all the same."""
        self._reader.feed(data)
        is_any = False
        while self.is_open and (reply := self._reader.next()) is not None:
            is_any = True
            self._hear(reply, events)
        if is_any and self.is_open:
            self._wait_anew(now)
            self._speak(now)

    def _hear(self, reply: Reply, events: list[Event]) -> None:
        command = self._expected.popleft() if self._expected else None
        if command is DOT:
            self._on_dot(reply, events)
        elif command is None:
            self._on_early_word(reply, events)
        elif self._is_refused:
            if reply.code < 400 and command is DATA:
                self.abandon()  # it waits for a body that nobody may get
        elif reply.code // 100 == command.wanted:
            if command is DATA and self.offered is not None:
                self._stream.put(stuffed(self.offered.body))
        elif reply.code < 400 or command is RESET:
            raise self._stream.trouble(
                ConnectionError(f"unexpected answer at {command.stage.value}: {reply}")
            )
        else:
            self._on_no(command.stage, reply, events)

    def _on_dot(self, reply: Reply, events: list[Event]) -> None:
        if self.handed is not None:
            crash.point("after-answer")
            events.append(Answered(self.handed, reply))
        self.handed = None
        if reply.code == 421 or reply.code // 100 not in (2, 4, 5):
            raise self._stream.trouble(ConnectionError(str(reply)))

    def _on_early_word(self, reply: Reply, events: list[Event]) -> None:
        """It must not be taken for the answer to the next line."""
        letter, self.offered = self.offered, None
        if letter is None:
            raise self._stream.trouble(ConnectionError(str(reply)))
        events.append(Declined(letter, Refused(Stage.DATA, reply)))
        self.abandon()

    def _on_no(self, stage: Stage, reply: Reply, events: list[Event]) -> None:
        letter, self.offered = self.offered, None
        if letter is not None:
            events.append(Declined(letter, Refused(stage, reply)))
        self._is_refused = self._must_reset = True
        self._unsaid.clear()
        if reply.code == 421:
            self.abandon()

    def _settle(self) -> None:
        """At the dot: everything is said and answered, and the whole body has left."""
        if not self.is_open or self._expected:
            return
        if not self._reader.is_empty:
            raise self._stream.trouble(Garbled("half a reply nobody asked for"))
        self.is_at_dot = self.offered is not None and self._stream.is_flushed
        if self.is_at_dot or self.is_idle:
            self.deadline = NEVER

    def _wait_anew(self, now: float) -> None:
        if not self._stream.is_flushed:
            self.deadline = now + self._timeout
        elif not self._expected:
            self.deadline = NEVER
        else:
            is_at_dot = self._expected[0] is DOT
            self.deadline = now + (DOT_SECONDS if is_at_dot else self._timeout)

    def _broken(self, trouble: ConnectionTrouble) -> Broken:
        is_fresh = self._left >= MAILS_A_CONNECTION - 1
        broken = Broken(str(trouble), self.handed, self.offered, is_fresh)
        self.handed = self.offered = None
        self.abandon()
        return broken


def stuffed(mail: bytes) -> bytes:
    """Every line ends in CRLF, none begins with a lone dot, the last one is complete."""
    mail = b"\r\n".join([*mail.splitlines(), b""]) or b"\r\n"
    mail = mail.replace(b"\r\n.", b"\r\n..")
    return b"." + mail if mail.startswith(b".") else mail
