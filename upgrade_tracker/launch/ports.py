"""Free and taken ports on the loopback interface."""

import socket

from upgrade_tracker.launch.errors import LaunchError

HOST = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on now. Somebody may take it before us: callers try again."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise LaunchError(
                f"Port {port} is for the system's own services. "
                "Choose one above 1023: `python3 start.py --port 8000`."
            ) from error
        except OSError as error:
            raise LaunchError(
                f"Port {port} is taken by another program. "
                f"Stop that, or choose another port: `python3 start.py --port {port + 1}`."
            ) from error


def answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False
