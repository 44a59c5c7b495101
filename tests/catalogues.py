"""Where the words of a mail lie, by language."""

from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def sources() -> list[Path]:
    """Every ``.po`` of ours."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
