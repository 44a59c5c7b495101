"""Ways from mode to mode along what a playbook allows. Pure."""

from collections.abc import Iterable, Mapping


def reachable(allowed_next: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Every mode that ``start`` leads to, itself included."""
    reached, ahead = {start}, [start]
    while ahead:
        ahead = [key for mode in ahead for key in allowed_next.get(mode, ()) if key not in reached]
        reached.update(ahead)
    return reached
