"""What can go wrong with a playbook, said to its author or to the person who chose it."""

from common.exceptions import DomainError


class PlaybookUnknown(DomainError):
    """No playbook has this key; the sentence lists the keys there are."""


class PlaybookError(DomainError):
    """A playbook cannot be read. Names the file, the path of the key in it and the mistake."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        self.file, self.key, self.problem = file, key, problem
        super().__init__(": ".join(part for part in (file, key, problem) if part))


class Mistake(Exception):
    """A mistake at a path of the merged playbook, before it is known which file that is.

    Does not leave this room: parsing adds the file and makes it a ``PlaybookError``.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem
