"""From stored text to a complete mail. Pure: no models, no clock, no connection.

A message is rendered once into a Skeleton; each person's values are joined in, escaped for the
place where they stand.
"""

from communications.rendering.placeholders import problems
from communications.rendering.reading import RenderedMail, read_mail
from communications.rendering.skeleton import Skeleton, build_skeleton

__all__ = ["RenderedMail", "Skeleton", "build_skeleton", "problems", "read_mail"]
