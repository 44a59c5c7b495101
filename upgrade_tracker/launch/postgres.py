"""A PostgreSQL of our own from the wheel: made once per folder, started, recovered.

Durable under the data folder for the application; with `throw_away` everything that costs time
for durability is off, for tests. No Unix socket, so no limit on the length of a folder's name;
the loopback interface with a random password instead.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql

from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.places import postgres_program
from upgrade_tracker.launch.ports import HOST, free_port
from upgrade_tracker.launch.processes import Child, Crew, guarded

ROLE = DATABASE = "upgrade_tracker"
SUPERUSER = "postgres"
UNPRIVILEGED = "nobody"
START_SECONDS = 60
COMMON = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "io_method": "sync",
    "max_connections": "100",
}
THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "256MB",
}


@dataclass(frozen=True, kw_only=True)
class Postgres:
    folder: Path
    password: str
    environment: Mapping[str, str]
    log: Path
    throw_away: bool = False

    def start(self, crew: Crew) -> str:
        """Starts within `crew` and returns the DATABASE_URL of an existing database."""
        account = self._account()
        self._make(account)
        wait_for_earlier(self.folder)
        for _ in range(3):
            port = free_port()
            child = crew.start(self._child(port, account))
            if self._wait_until_up(child, port):
                self._make_database(port)
                return f"postgres://{ROLE}:{self.password}@{HOST}:{port}/{DATABASE}"
            crew.children.remove(child)
        raise LaunchError(f"PostgreSQL does not start; see {self.log}.\n{child.last_lines()}")

    def _account(self) -> str:
        """PostgreSQL refuses root: become `nobody`, keeping file access only where needed."""
        if os.geteuid() != 0:
            return "-"
        needed = (postgres_program("postgres"), self.folder.parent)
        return UNPRIVILEGED if all(open_to_others(path) for path in needed) else UNPRIVILEGED + "+"

    def _make(self, account: str) -> None:
        """initdb into a folder beside the final one, so that a killed start leaves no half."""
        if (self.folder / "PG_VERSION").is_file():
            return
        half = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        password_file = half.with_suffix(".password")
        password_file.write_text(self.password)
        if account != "-":
            shutil.chown(half, UNPRIVILEGED)
            shutil.chown(password_file, UNPRIVILEGED)
        password_file.chmod(0o400)
        try:
            self._initdb(half, password_file, account)
        finally:
            password_file.unlink()
        half.rename(self.folder)

    def _initdb(self, folder: Path, password_file: Path, account: str) -> None:
        command = [
            str(postgres_program("initdb")),
            *["--pgdata", str(folder), "--username", SUPERUSER, "--pwfile", str(password_file)],
            *["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"],
            *["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
            *(["--no-sync"] if self.throw_away else []),
        ]
        done = subprocess.run(
            guarded(command, account),
            env=dict(self.environment),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise LaunchError(explain(done.stderr or done.stdout, folder))

    def _child(self, port: int, account: str) -> Child:
        settings = {**COMMON, **(THROW_AWAY if self.throw_away else {}), "port": str(port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Child(
            name="PostgreSQL",
            command=[str(postgres_program("postgres")), "-D", str(self.folder), *options],
            environment=self.environment,
            log=self.log,
            account=account,
            stop_signal=signal.SIGINT,  # fast shutdown: ends sessions, writes a checkpoint
            orphan_signal=signal.SIGQUIT,  # immediate: gone at once, recovers at the next start
            patience=30,
        )

    def _wait_until_up(self, child: Child, port: int) -> bool:
        """False when the port was taken under our feet."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not child.is_running():
                if "Address already in use" in child.last_lines():
                    return False
                raise LaunchError(explain(child.last_lines(), self.folder))
            try:
                psycopg2.connect(self._url(port)).close()
            except psycopg2.OperationalError:
                time.sleep(0.03)
            else:
                return True
        raise LaunchError(f"PostgreSQL did not come up in {START_SECONDS} s; see {self.log}.")

    def _url(self, port: int) -> str:
        return f"postgres://{SUPERUSER}:{self.password}@{HOST}:{port}/postgres"

    def _make_database(self, port: int) -> None:
        """A role that may make databases (tests do) but is no superuser, and its database."""
        connection = psycopg2.connect(self._url(port))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
                if cursor.fetchone() is None:
                    role = sql.Identifier(ROLE)
                    create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD %s").format(role)
                    cursor.execute(create, [self.password])
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    names = (sql.Identifier(DATABASE), sql.Identifier(ROLE))
                    cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
        finally:
            connection.close()


def open_to_others(path: Path) -> bool:
    """May any account enter every folder on the way and read what is there?"""
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents))


def wait_for_earlier(folder: Path, seconds: float = 15.0) -> None:
    """A killed launcher's PostgreSQL may still be on its way out; then its pid file is stale.

    Called under the lock of the data folder, so whoever runs here is no longer wanted.
    """
    pid_file = folder / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while (pid := earlier_pid(pid_file)) is not None and is_postgres_of(pid, folder):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGQUIT)
            deadline += seconds
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def earlier_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_postgres_of(pid: int, folder: Path) -> bool:
    """The number may belong to somebody else by now: look at the command line."""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - wherever the system has it
        capture_output=True,
        text=True,
        check=False,
    )
    return "postgres" in shown.stdout and str(folder) in shown.stdout


def explain(output: str, folder: Path) -> str:
    if "No space left" in output:
        return f"The disk of {folder} is full. Make room, then start again."
    if "incompatible with server" in output:
        return (
            f"The data in {folder} was made by another version of PostgreSQL. "
            "Set UPGRADE_TRACKER_VAR to a new folder, or restore a backup (docs/operations.md)."
        )
    return f"PostgreSQL could not be started in {folder}:\n{output.strip()}"
