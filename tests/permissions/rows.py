"""What a row of the permission table is, and what most rows say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from projects.models import Project

PERSONAS = ("anonymous", "stranger", "viewer", "contributor", "manager", "admin")

# What most rows say.         anon strg view cont mana admin
PAGE_FOR_ALL_MEMBERS = "      302  404  200  200  200  200"
PAGE_FOR_EDITORS = "          302  404  403  200  200  200"
PAGE_FOR_MANAGERS = "         302  404  403  403  200  200"
FORM_OF_EDITORS = "           302  404  403  422  422  422"
FORM_OF_MANAGERS = "          302  404  403  403  422  422"
DONE_BY_EDITORS = "           302  404  403  302  302  302"
DONE_BY_MANAGERS = "          302  404  403  403  302  302"
NO_SUCH_METHOD = "            302  405  405  405  405  405"


def nothing(project: Project) -> dict[str, Any]:
    """No arguments, no data."""
    return {}


def of_project(project: Project) -> dict[str, Any]:
    return {"slug": project.slug}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    arguments: Callable[[Project], dict[str, Any]] = of_project
    GET: str = NO_SUCH_METHOD
    POST: str = NO_SUCH_METHOD
    data: Callable[[Project], dict[str, Any]] = field(default=nothing)
