#!/usr/bin/env python3
"""Starts Upgrade Tracker:  python3 start.py [COMMAND]

  run (the default)   everything on this machine: --port N, --empty, --no-workers
  setup               virtual environment, packages, front-end files
  test [-- ARGS]      linters and all tests; with ARGS only what pytest makes of them
  lint                the linters alone
  manage ...          a management command, with the services up
  benchmark NAME      one of benchmarks/, with --json for machines
  lock [--upgrade]    compile the requirement files again
  assets [--again]    fetch the front-end files

UPGRADE_TRACKER_VAR is the data folder (default var/). DATABASE_URL, REDIS_URL and EMAIL_URL
win over the built-in servers. This file needs the standard library alone; it makes the virtual
environment and becomes upgrade_tracker.launch. Old Pythons can read it, and say they are old.
"""

import hashlib
import os
import subprocess
import sys
import threading
import time
from typing import List, NoReturn

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "stamp")
COMMANDS = ("run", "setup", "test", "lint", "manage", "benchmark", "lock", "assets")
LOCKS = {"run": "requirements-local.txt", "manage": "requirements-local.txt"}
ALL = "requirements-dev.txt"
NETWORK = ("NewConnectionError", "ConnectTimeout", "ReadTimeout", "name resolution", "Max retries")
NO_NETWORK = """The packages could not be fetched: no connection to the package index. \
Check the network or pip's settings (proxy, index), then start again."""


def fail(sentence: str) -> NoReturn:
    sys.exit("start.py: " + sentence)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def require_machine() -> None:
    if sys.version_info < (3, 11):
        fail(
            "This is Python %d.%d, and 3.11 or newer is needed. Install it and call it by name, "
            "for example `python3.11 start.py`." % sys.version_info[:2]
        )
    if os.name == "nt":
        fail("Windows is not supported directly. Use WSL (Ubuntu), or `docker compose up`.")


def fingerprint(lock: str) -> str:
    with open(os.path.join(ROOT, lock), "rb") as file:
        return lock + " " + hashlib.sha256(file.read() + sys.version.encode()).hexdigest()


def is_installed(lock: str) -> bool:
    """The environment of all packages serves for fewer, too."""
    if not (os.path.exists(PYTHON) and os.path.exists(STAMP)):
        return False
    with open(STAMP, encoding="utf-8") as file:
        return file.read() in (fingerprint(lock), fingerprint(ALL))


def install(lock: str) -> None:
    import fcntl  # not on Windows, which has got its sentence by now

    with open(os.path.join(ROOT, lock), "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # a second start waits for the first one's packages
        if is_installed(lock):
            return
        if not is_usable():
            make_environment()
        say("Installing the packages of %s (once; a minute or so) ..." % lock)
        pip_install(lock)
        with open(STAMP, "w", encoding="utf-8") as file:
            file.write(fingerprint(lock))


def is_usable() -> bool:
    probe = "import pip, sys; sys.exit(sys.version != %r)" % sys.version
    try:
        return subprocess.call([PYTHON, "-c", probe], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_environment() -> None:
    say("Making the virtual environment ...")
    try:
        import ensurepip  # noqa: F401 - Debian keeps it in a package of its own
        import venv

        venv.create(VENV, clear=True, with_pip=True)
    except (ImportError, subprocess.CalledProcessError):
        package = "python%d.%d-venv" % sys.version_info[:2]
        fail("This Python cannot set up pip. Debian, Ubuntu: `apt-get install %s`." % package)


def pip_install(lock: str) -> None:
    command = [PYTHON, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
    command += ["--requirement", os.path.join(ROOT, lock)]
    pip = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    output: List[str] = []
    threading.Thread(target=show_progress, args=(pip, output), daemon=True).start()
    output.extend(pip.stdout or ())
    if pip.wait() != 0:
        said = "".join(output)
        no_network = any(word in said for word in NETWORK)
        fail(NO_NETWORK if no_network else "pip could not install the packages:\n" + said[-800:])


def show_progress(pip: "subprocess.Popen[str]", output: List[str]) -> None:
    started = time.time()
    while pip.poll() is None:
        time.sleep(3)
        news = [line for line in output if line.startswith(("Collecting", "Installing"))]
        what = news[-1].split(" (from")[0].split(":")[0].strip() if news else "Asking for packages"
        say("  %s (%d s)" % (what, time.time() - started))


def main(arguments: List[str]) -> None:
    require_machine()
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        sys.exit(print(__doc__))
    if not arguments or arguments[0].startswith("-"):
        arguments = ["run", *arguments]
    if arguments[0] not in COMMANDS:
        fail("There is no command %r. Choose one of: %s." % (arguments[0], ", ".join(COMMANDS)))
    lock = LOCKS.get(arguments[0], ALL)
    try:
        if not is_installed(lock):
            install(lock)
    except OSError as error:
        fail("%s cannot be written (%s). Clone into a folder of yours." % (ROOT, error.strerror))
    # No child of ours may pick up modules from elsewhere; output must not wait in a buffer.
    os.environ.update(PYTHONPATH=ROOT, PYTHONUNBUFFERED="1")
    os.execv(PYTHON, [PYTHON, "-m", "upgrade_tracker.launch", *arguments])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
