"""Makes an undefined variable in one of our own templates an error, for the whole suite.

Django calls ``string_if_invalid % variable`` where it would print nothing. Templates of Django, of
crispy-forms and of allauth rely on that, so only files under ``templates/`` and texts given by a
test are held to it.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import engines
from django.template.base import UNKNOWN_SOURCE, Node

OURS = Path(__file__).resolve().parent.parent / "templates"


class UndefinedVariableError(Exception):
    """A template printed or passed on a name that its context does not have."""


class Strict(str):
    """A ``string_if_invalid`` that raises instead of being printed."""

    __slots__ = ()

    def __mod__(self, variable: object) -> str:
        origin = _template_being_rendered()
        if origin == UNKNOWN_SOURCE or Path(origin).is_relative_to(OURS):
            raise UndefinedVariableError(f"{origin}: “{variable}” is not defined")
        return ""


def _template_being_rendered() -> str:
    """The file of the innermost node on the stack: included and extended files name themselves."""
    frame = inspect.currentframe()
    while frame is not None:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and getattr(node, "origin", None) is not None:
            return str(node.origin.name)
        frame = frame.f_back
    return ""


@pytest.fixture(autouse=True)
def _undefined_variables_raise() -> Iterator[None]:
    engine = engines["django"].engine
    before, engine.string_if_invalid = engine.string_if_invalid, Strict("%s")
    yield
    engine.string_if_invalid = before
