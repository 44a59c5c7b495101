"""Serves files out of node_modules under vendor/, and only the files listed here.

Listing files instead of whole packages keeps collectstatic short, and keeps documentation,
sources and tests of other people's packages off our site. The source map is listed because
the manifest storage insists on every file that a stylesheet names.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Warning
from django.core.files.storage import FileSystemStorage, Storage

# address under /static/ -> file under node_modules/
FILES = {
    "vendor/bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "vendor/bootstrap/bootstrap.min.css.map": "bootstrap/dist/css/bootstrap.min.css.map",
}


class NpmStorage(FileSystemStorage):
    """Reads node_modules by the addresses of FILES; nothing else of it can be opened."""

    def __init__(self) -> None:
        super().__init__(location=settings.BASE_DIR / "node_modules")

    def path(self, name: str) -> str:
        return super().path(FILES[name])


class NpmFinder(BaseFinder):
    """Finds the files of FILES; a file that was not fetched is simply not found."""

    def __init__(self, app_names: object = None, *args: object, **kwargs: object) -> None:
        self.storage = NpmStorage()
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        missing = [name for name in FILES if not Path(self.storage.path(name)).is_file()]
        if not missing:
            return []
        hint = "Run `python3 start.py assets`."
        return [
            Warning(f"Not fetched: {', '.join(missing)}.", hint=hint, id="upgrade_tracker.W001")
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = self.storage.path(path) if path in FILES else ""
        if not found or not Path(found).is_file():
            return []
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name in FILES:
            if Path(self.storage.path(name)).is_file():
                yield name, self.storage
