"""What a message says beside its own text: further languages, and less for who joins late."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

Late: TypeAlias = Annotated[Literal["skip", "send", "short"], "what becomes of latecomers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTemplate:
    """A message once more in ``language``, a tag such as "de" or "de-at"."""

    language: str
    subject: str
    body: str
    short_subject: str | None = None
    short_body: str | None = None
