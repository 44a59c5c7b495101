"""A whole instance: started, found by others, killed, started again, stopped."""

import json
import signal
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.launch.conftest import Launched, processes_of, wait_until_none
from upgrade_tracker.launch.ports import free_port

Launch = Callable[..., Launched]
ADD = "from accounts.models import User; User.objects.create_user('kept@example.org', None)"
READ = "from accounts.models import User; print(User.objects.values_list('email', flat=True))"


def answer(port: int) -> tuple[int, dict[str, str]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as response:
        return response.status, json.load(response)


def test_killed_instance_leaves_no_process_and_the_next_start_keeps_the_data(
    launch: Launch, folder: Path
) -> None:
    port = free_port()
    first = launch("run", "--empty", "--port", str(port))
    text = first.wait_for("Stop with Ctrl-C")
    assert f"http://127.0.0.1:{port}/" in text
    assert "It listens on 127.0.0.1 only" in text
    assert answer(port) == (200, {"database": "ok", "redis": "ok"})

    second = launch("run", "--port", str(free_port()))
    assert second.process.wait(150) == 1
    assert f"already running at http://127.0.0.1:{port} with the data folder" in second.wait_for(
        "already running"
    )
    attached = launch("manage", "shell", "--no-imports", "--command", ADD)
    assert attached.process.wait(150) == 0
    assert len(processes_of(folder)) > 8

    first.stop(signal.SIGKILL)
    assert wait_until_none(folder) == []

    alone = launch("manage", "shell", "--no-imports", "--verbosity", "0", "--command", READ)
    assert alone.process.wait(150) == 0
    assert "<QuerySet ['kept@example.org']>" in alone.output.read_text()
    assert wait_until_none(folder) == []
    assert not (folder / "run.json").exists()


def test_instance_stops_in_order_on_sigterm(launch: Launch, folder: Path) -> None:
    port = free_port()
    instance = launch("run", "--empty", "--no-workers", "--port", str(port))
    instance.wait_for("Stop with Ctrl-C")
    assert not any("celery" in command for command in processes_of(folder))
    assert instance.stop(signal.SIGTERM) == 0
    assert processes_of(folder) == []
    assert "database system is shut down" in (folder / "log" / "postgres.log").read_text()
    assert "Stopped." in instance.output.read_text()


def test_taken_port_is_said_before_anything_is_made(launch: Launch, folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        instance = launch("run", "--port", str(port))
        assert instance.process.wait(150) == 1
    assert instance.output.read_text() == (
        f"start.py: Port {port} is taken by another program. Stop that, or choose another port: "
        f"`python3 start.py --port {port + 1}`.\n"
    )
    assert not (folder / "postgres").exists()


def test_unwritable_data_folder_is_one_sentence(launch: Launch, folder: Path) -> None:
    folder.mkdir()
    (folder / "file").touch()
    instance = launch("manage", "check", UPGRADE_TRACKER_VAR=str(folder / "file" / "below"))
    assert instance.process.wait(150) == 1
    assert instance.output.read_text() == (
        f"start.py: The data folder {folder}/file/below cannot be written (Not a directory). "
        "Set UPGRADE_TRACKER_VAR to a folder of yours.\n"
    )
