"""The one error of the launcher: a sentence for the person at the terminal."""


class LaunchError(Exception):
    """Says what is missing and what to do about it; shown without a traceback."""
