"""Children end with their parent, come back a few times, and keep to themselves."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.processes import Child, Crew, guarded

PARENT = """
import subprocess, sys, time
from upgrade_tracker.launch.processes import guarded
child = subprocess.Popen(guarded([sys.executable, "-c", "import time; time.sleep(600)"]))
print(child.pid, flush=True)
time.sleep(600)
"""


def has_ended(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_child_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
    assert not has_ended(child, 0.2)
    parent.kill()
    parent.wait()
    assert has_ended(child)


def test_child_whose_parent_has_gone_does_not_start() -> None:
    command = guarded([sys.executable, "-c", "print('started')"])
    command[command.index(str(os.getpid()))] = "1"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
@pytest.mark.parametrize(("account", "readable"), [("nobody", False), ("nobody+", True)])
def test_other_account_reads_closed_folders_only_where_it_must(
    account: str, readable: bool, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "secret").write_text("said")
    show = ["/bin/sh", "-c", f"id -un; cat {tmp_path}/secret"]
    done = subprocess.run(
        guarded(show, account), capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.stdout == ("nobody\nsaid" if readable else "nobody\n")


def test_ended_child_is_started_again_and_given_up_after_a_few_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crew = Crew()
    log = tmp_path / "log.txt"
    crew.start(
        Child(name="Web", command=["/bin/sh", "-c", "echo gone; exit 3"], environment={}, log=log)
    )
    with pytest.raises(LaunchError) as refusal:
        crew.watch(seconds=0.1)
    assert str(refusal.value) == (
        f"Web has ended 4 times (last code 3); see {log}.\n  | gone\n  | gone\n  | gone\n  | gone"
    )
    assert capsys.readouterr().err == "Web has ended (code 3); starting it again.\n" * 3
    crew.stop()


def test_child_that_does_not_listen_is_killed_with_its_own_children(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 600 & echo $$ $!; wait; wait"
    child = Child(
        name="Deaf",
        command=["/bin/sh", "-c", script],
        environment={},
        patience=0.3,
        log=tmp_path / "log.txt",
    )
    crew = Crew()
    crew.start(child)
    while not (said := child.last_lines().split()[1:]):
        time.sleep(0.02)
    crew.stop()
    assert [has_ended(int(pid)) for pid in said] == [True, True]


def test_servers_stop_after_those_who_use_them() -> None:
    crew, stopped = Crew(), []

    class Noted(Child):
        def ask_to_stop(self) -> None:
            stopped.append(self.name)
            super().ask_to_stop()

    for name in ("PostgreSQL", "Valkey", "Mailbox", "Web"):
        crew.start(Noted(name=name, command=["/bin/sleep", "600"], environment={}))
    crew.stop()
    assert stopped == ["Mailbox", "Web", "Valkey", "PostgreSQL"]
