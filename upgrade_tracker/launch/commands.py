"""The product's processes as plain commands: the one list that `start.py` and compose share."""

PYTHON = "python"
DEFAULT_PORT = 8000


def web(bind: str) -> list[str]:
    """No access log: addresses carry personal links, and structlog tells what happened. No control
    socket: it would lie in the home folder, one for all instances of this user."""
    return [
        *[PYTHON, "-m", "gunicorn", "upgrade_tracker.wsgi:application"],
        *["--bind", bind, "--worker-class", "gthread", "--workers", "2", "--threads", "4"],
        *["--preload", "--timeout", "60", "--graceful-timeout", "8"],
        "--no-control-socket",
    ]


def worker() -> list[str]:
    return [
        *[PYTHON, "-m", "celery", "--app", "upgrade_tracker", "worker"],
        *["--concurrency", "2", "--loglevel", "INFO"],
        *["--without-gossip", "--without-mingle", "--without-heartbeat"],
    ]


def beat() -> list[str]:
    """Beat keeps its clock in the data folder; two beats at once do no harm, only noise."""
    return [
        *[PYTHON, "-m", "celery", "--app", "upgrade_tracker", "beat"],
        *["--loglevel", "INFO", "--pidfile", ""],
    ]


def prepare() -> list[str]:
    """Migrations and the cache table, before the others start."""
    return [PYTHON, "-m", "upgrade_tracker.launch.prepare"]


def healthy(process: str) -> list[str]:
    return [PYTHON, "-m", "upgrade_tracker.launch.healthy", process]


def with_python(command: list[str], python: str) -> list[str]:
    """The same command under a certain interpreter."""
    return [python, *command[1:]]
