"""The commands of `start.py`, once its virtual environment stands."""

import importlib
import sys

from upgrade_tracker.launch.errors import LaunchError
from upgrade_tracker.launch.say import say
from upgrade_tracker.launch.stopping import listen

COMMANDS = {
    "run": "run:main",
    "test": "testing:main",
    "setup": "assets:main",
    "lint": "testing:lint_main",
    "lock": "lock:main",
    "assets": "assets:main",
    "benchmark": "benchmark:main",
    "manage": "manage:main",
}


def main() -> int:
    name, *arguments = sys.argv[1:]
    module, function = COMMANDS[name].split(":")
    listen()
    try:
        entry = getattr(importlib.import_module(f"upgrade_tracker.launch.{module}"), function)
        code: int = entry(arguments)
    except LaunchError as error:
        say(f"start.py: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    if name == "setup":
        say("Everything is set up. `python3 start.py` starts it, `python3 start.py test` tests it.")
    return code


if __name__ == "__main__":
    sys.exit(main())
