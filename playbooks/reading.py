"""Reads plain YAML or JSON data into the schema's types and refuses whatever does not fit.

Knows types, not meaning: references between the parts are looked at in ``playbooks.rules``.
"""

import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from playbooks.exceptions import Mistake

T = TypeVar("T")


def read(kind: type[T], value: object, path: str = "") -> T:
    """``value`` as an instance of the dataclass ``kind``; raises ``Mistake`` with its path."""
    return cast(T, _read(kind, value, path))


def suggest(name: str, allowed: Iterable[str]) -> str:
    """The end of a refusal: the nearest allowed name, then all of them."""
    names = list(allowed)
    near = get_close_matches(name, names, n=1, cutoff=0.7)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return f"{hint}use one of {', '.join(names)}" if names else "there are none"


def _read(kind: Any, value: object, path: str) -> Any:
    noun = ""
    if get_origin(kind) is Annotated:
        kind, noun = get_args(kind)
    origin = get_origin(kind)
    if origin is Literal:
        return _choice(get_args(kind), noun, value, path)
    if origin in (Union, types.UnionType):
        inner = next(option for option in get_args(kind) if option is not type(None))
        return None if value is None else _read(inner, value, path)
    if origin is tuple:
        return _sequence(get_args(kind)[0], value, path)
    if is_dataclass(kind):
        return _object(cast(type, kind), value, path)
    if origin is not None:  # the only other generic in the schema: parameters of a metric
        return _params(value, path)
    return _SCALARS[kind](value, path)


def _object(kind: type, value: object, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise Mistake(path, f"must be a mapping of keys, not {_shown(value)}")
    specs = {spec.name: spec for spec in fields(kind)}
    for key in value:
        if key not in specs:
            raise Mistake(_join(path, str(key)), f"unknown key; {suggest(str(key), specs)}")
    hints, found = _hints(kind), {}
    for name, spec in specs.items():
        if name in value:
            found[name] = _read(hints[name], value[name], _join(path, name))
        elif spec.default is MISSING and spec.default_factory is MISSING:
            raise Mistake(_join(path, name), "is missing")
    return kind(**found)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _sequence(kind: Any, value: object, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise Mistake(path, f"must be a list, not {_shown(value)}")
    return tuple(_read(kind, item, f"{path}[{index}]") for index, item in enumerate(value))


def _choice(allowed: tuple[str, ...], noun: str, value: object, path: str) -> str:
    if isinstance(value, str) and value in allowed:
        return value
    raise Mistake(path, f"{_shown(value)} is not {noun}; {suggest(str(value), allowed)}")


def _params(value: object, path: str) -> dict[str, str | tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise Mistake(path, f"must be a mapping of keys, not {_shown(value)}")
    found: dict[str, str | tuple[str, ...]] = {}
    for key, item in value.items():
        if isinstance(item, list | tuple):
            found[_text(key, path)] = _sequence(str, item, _join(path, str(key)))
        else:
            found[_text(key, path)] = _text(item, _join(path, str(key)))
    return found


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise Mistake(path, f"must be a text, not {_shown(value)}")
    if "\0" in value:
        raise Mistake(path, "must not hold a NUL character")
    if not value.strip():
        raise Mistake(path, "must not be empty; leave the key out or write a text")
    return value.strip()


def _whole_number(value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Mistake(path, f"must be a whole number, not {_shown(value)}")
    return value


def _number(value: object, path: str) -> Decimal:
    try:
        number = None if isinstance(value, bool | float) else Decimal(str(value))
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise Mistake(path, f"must be a number, not {_shown(value)}")
    return number


def _truth(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise Mistake(path, f"must be true or false, not {_shown(value)}")
    return value


_SCALARS: Mapping[Any, Any] = {str: _text, int: _whole_number, Decimal: _number, bool: _truth}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else f"'{value}'"
