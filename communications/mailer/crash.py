"""Places where a test can kill this process; nothing happens outside development.

UPGRADE_TRACKER_CRASH_AT="after-mark:3" ends the process, as `kill -9` would, at the third pass.
"""

import os
from collections import Counter

from django.conf import settings

# Before and after each commit of a worker, the dot, and the answer to it.
POINTS = (
    "before-reap",
    "after-reap",
    "before-plan",
    "after-plan",
    "before-expand",
    "after-expand",
    "before-claim",
    "after-claim",
    "before-begin",
    "after-begin",
    "before-mark",
    "after-mark",
    "before-dot",
    "after-dot",
    "after-answer",
    "before-result",
    "after-result",
    "before-settle",
    "after-settle",
    "before-release",
    "after-release",
    "before-lengthen",
    "after-lengthen",
    "before-hold",
    "after-hold",
    "before-pause",
    "after-pause",
    "before-finish",
    "after-finish",
)
_passes: Counter[str] = Counter()
_wanted = _pass = ""


def arm(crash_at: str) -> None:
    """As the variable says, which is read once; for a process that is forked later."""
    global _wanted, _pass
    _wanted, _, _pass = crash_at.partition(":")


def point(name: str) -> None:
    if name != _wanted or not settings.DEVELOPMENT:
        return
    _passes[name] += 1
    if _passes[name] == int(_pass or 1):
        os._exit(137)


arm(os.environ.get("UPGRADE_TRACKER_CRASH_AT", ""))
