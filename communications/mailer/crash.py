"""Places where a test can kill this process; nothing happens outside development.

UPGRADE_TRACKER_CRASH_AT="after-mark:3" ends the process, as `kill -9` would, at the third pass.
"""

import os
from collections import Counter

from django.conf import settings

POINTS = (
    "before-claim",
    "after-claim",
    "before-begin",
    "before-mark",
    "after-mark",
    "before-dot",
    "after-dot",
    "after-answer",
    "before-result",
    "after-result",
)
_passes: Counter[str] = Counter()


def point(name: str) -> None:
    wanted, _, number = os.environ.get("UPGRADE_TRACKER_CRASH_AT", "").partition(":")
    if wanted != name or not settings.DEVELOPMENT:
        return
    _passes[name] += 1
    if _passes[name] == int(number or 1):
        os._exit(137)
