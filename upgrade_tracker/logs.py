"""structlog to standard error: readable lines in development, JSON elsewhere.

Personal links are secrets: the part of an address that opens something is cut out of every line.
So is what stands behind its question mark: people search for names and addresses.
"""

import os
import re
from typing import Any

import structlog

PERSONAL_LINK = re.compile(r"/(s|me|u|first-admin|reset/key)/[^\s/?#\"'<>]+")
QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'<>]+")


def hide_personal_links(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """The last but one processor: tracebacks and messages are plain text by then."""
    return {
        name: _without_secrets(value) if isinstance(value, str) else value
        for name, value in event.items()
    }


def _without_secrets(text: str) -> str:
    return QUERY.sub("?***", PERSONAL_LINK.sub(r"/\1/***", text))


LEVEL = os.environ.get("LOG_LEVEL", "INFO").upper()
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": SHARED,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                hide_personal_links,
                structlog.processors.JSONRenderer(),
            ],
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LEVEL},
    # Django's own handlers would write addresses past the formatter above.
    "loggers": {
        # The development listener's own log names every address it sees.
        "mail.log": {"level": "ERROR"},
        # Names the address of each post, which opens it.
        "urllib3": {"level": "WARNING"},
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
