"""The figures of a project as the registered metrics give them. The only caller of metrics."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from projects import metrics
from projects.metrics import Reading
from projects.models import Project

HUNDREDTH = Decimal("0.01")
Reader = Callable[[str, Mapping[str, Any]], Reading | None]


def reader_of(project: Project, at: datetime) -> Reader:
    """Reads each (metric, parameters) once; None for a metric that nobody has registered."""
    known: dict[str, Reading | None] = {}

    def read(key: str, params: Mapping[str, Any]) -> Reading | None:
        metric = metrics.get(key)
        if metric is None:
            return None
        name = key + json.dumps(params, sort_keys=True)
        if name not in known:
            known[name] = _rounded(metric.read(project, params, at))
        return known[name]

    return read


def _rounded(reading: Reading | None) -> Reading | None:
    if reading is None:
        return None
    return Reading(value=reading.value.quantize(HUNDREDTH, ROUND_HALF_UP), n=reading.n)
