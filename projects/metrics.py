"""Port: what can be measured in a project. Rooms to the right register here from AppConfig.ready().

A goal is a metric against a target; a step's "done when" is a metric, an operator and a threshold.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from playbooks import measures
from projects.enums import Operator

if TYPE_CHECKING:
    from projects.models import Project

Params = Mapping[str, Any]
MANUAL = measures.MANUAL  # typed in by a person: nobody registers it


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure and the number of cases it rests on (answers, people, steps)."""

    value: Decimal
    n: int


@dataclass(frozen=True, slots=True)
class Metric:
    """``read(project, params, at)`` returns a Reading, or None while nothing can be measured.

    A growing figure (people switched, steps done) fills up as the plan goes on: short of its
    target it is under way until the project's target date, not off track.
    """

    key: str
    unit: str
    formula: str | Promise
    read: Callable[["Project", Params, datetime], Reading | None]
    is_growing: bool


_registry: dict[str, Metric] = {}


def register(
    key: str,
    unit: str,
    formula: str | Promise,
    read: Callable[["Project", Params, datetime], Reading | None],
    *,
    is_growing: bool = False,
) -> None:
    """Add a metric. ``formula`` says in one translated sentence how the figure comes about."""
    if key in _registry:
        raise ValueError(f"metric {key!r} is registered twice")
    _registry[key] = Metric(key=key, unit=unit, formula=formula, read=read, is_growing=is_growing)


def get(key: str) -> Metric | None:
    return _registry.get(key)


def registered() -> Mapping[str, Metric]:
    return dict(_registry)


def holds(value: Decimal, operator: str, threshold: Decimal) -> bool:
    """Whether ``value`` meets the threshold."""
    return {
        Operator.AT_LEAST: value >= threshold,
        Operator.MORE: value > threshold,
        Operator.AT_MOST: value <= threshold,
        Operator.LESS: value < threshold,
        Operator.EQUAL: value == threshold,
    }[Operator(operator)]
