"""A playbook value as plain JSON types: the shape of the YAML, every field written out."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any


def to_snapshot(value: Any) -> dict[str, Any]:
    """A playbook (or a part of it) as dicts, lists, texts, numbers, booleans and nulls.

    Decimals become texts, so that a target of 0.1 comes back as exactly that.
    """
    return {spec.name: _plain(getattr(value, spec.name)) for spec in fields(value)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return to_snapshot(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in sorted(value.items())}
    if isinstance(value, Decimal):
        return str(value)
    return value
