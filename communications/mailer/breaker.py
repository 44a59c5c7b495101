"""Notices that a message goes wrong for everybody, before a million rows have failed."""

from collections import deque

IN_A_ROW = 20
WINDOW = 1000
SHARE = 0.05


class Breaker:
    """Outcomes of this process, by message. It forgets at a restart: at most 19 more failures."""

    def __init__(self) -> None:
        self._in_a_row: dict[int, int] = {}
        self._window: dict[int, deque[bool]] = {}

    def count(self, message: int, *, is_taken: bool) -> bool:
        """Note one outcome; True where the message must be paused (and is forgotten here)."""
        if message not in self._window:
            self._window[message] = deque(maxlen=WINDOW)
        window = self._window[message]
        window.append(is_taken)
        in_a_row = 0 if is_taken else self._in_a_row.get(message, 0) + 1
        self._in_a_row[message] = in_a_row
        bad = in_a_row >= IN_A_ROW or (
            not is_taken and len(window) == WINDOW and window.count(False) > SHARE * WINDOW
        )
        if bad:
            del self._window[message], self._in_a_row[message]
        return bad
