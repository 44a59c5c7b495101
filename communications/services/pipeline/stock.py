"""The claimed rows of one worker, from the claim until what became of them is known.

waiting (claimed) -> unbuilt (begun) -> ready (built) -> on a connection -> concluded. It writes
nothing.
"""

import time
from collections import deque
from collections.abc import Iterable

from communications.mailer.line import Letter
from communications.services.pipeline.build import Draft

# A row over which so many workers died goes alone, so that it takes no others with it.
SUSPECT = 3


class Stock:
    """``begun`` holds every row that was begun and has no outcome yet, by its key."""

    def __init__(self) -> None:
        self.waiting: deque[Draft] = deque()
        self.unbuilt: deque[Draft] = deque()
        self.ready: deque[Letter] = deque()
        self.begun: dict[int, Draft] = {}
        self._alone: int | None = None

    @property
    def unsent(self) -> int:
        return len(self.waiting) + len(self.unbuilt) + len(self.ready)

    @property
    def is_empty(self) -> bool:
        return not self.waiting and not self.begun

    @property
    def can_begin(self) -> bool:
        if not self.waiting or self._alone in self.begun:
            return False
        return self.waiting[0].claimed.claims < SUSPECT or not self.begun

    def add(self, drafts: Iterable[Draft]) -> None:
        """Rows of a claim. One that we have already was lost for a while and is ours again: it must
        not go out on two connections.
        """
        known = self.begun.keys() | {draft.pk for draft in self.waiting}
        self.waiting.extend(draft for draft in drafts if draft.pk not in known)

    def next_ones(self, number: int) -> list[Draft]:
        """Up to ``number`` rows to begin. A suspect goes when no other is begun, and alone."""
        if self._alone in self.begun:
            return []
        self._alone = None
        chosen: list[Draft] = []
        while self.waiting and len(chosen) < number:
            if self.waiting[0].claimed.claims >= SUSPECT:
                if not chosen and not self.begun:
                    chosen = [self.waiting.popleft()]
                    self._alone = chosen[0].pk
                break
            chosen.append(self.waiting.popleft())
        return chosen

    def give_back(self, drafts: Iterable[Draft]) -> None:
        """They were not begun after all."""
        self.waiting.extendleft(reversed(list(drafts)))

    def begin(self, drafts: Iterable[Draft]) -> None:
        """It is written that they are begun: now they may be built."""
        for draft in drafts:
            self.begun[draft.pk] = draft
            self.unbuilt.append(draft)

    def take_first(self) -> Draft:
        """The one that would go next, begun if only in name; there must be one."""
        if self.ready:
            return self.begun[self.ready.popleft().key]
        draft = (self.unbuilt or self.waiting).popleft()
        self.begun[draft.pk] = draft
        return draft

    def conclude(self, pk: int) -> Draft:
        """Its outcome is known."""
        return self.begun.pop(pk)

    def take_unsent(self) -> list[int]:
        """All rows that are on no connection, waiting and begun ones: they go back."""
        begun = [draft.pk for draft in self.unbuilt] + [letter.key for letter in self.ready]
        unsent = [draft.pk for draft in self.waiting] + begun
        for pk in begun:
            del self.begun[pk]
        self.waiting.clear()
        self.unbuilt.clear()
        self.ready.clear()
        return unsent

    def take_old(self, seconds: float) -> list[int]:
        """Rows that have been waiting for so long that another worker should have them."""
        end = time.monotonic() - seconds
        old = [draft.pk for draft in self.waiting if draft.kept_at < end]
        if old:
            self.waiting = deque(draft for draft in self.waiting if draft.kept_at >= end)
        return old

    def to_keep(self, seconds: float) -> list[int]:
        """Begun rows whose lease is that old; it counts as lengthened now."""
        now = time.monotonic()
        late = [draft for draft in self.begun.values() if draft.kept_at < now - seconds]
        for draft in late:
            draft.kept_at = now
        return [draft.pk for draft in late]
