"""A card as a page of its own, about as Teams draws it: what a preview shows in its frame."""

from functools import lru_cache

import css_inline
from django.template.loader import render_to_string

from communications.teams.card import Card

TEMPLATE = "communications/mail/card.html"
STYLE = "communications/mail/card.css"


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        extra_css=render_to_string(STYLE), load_remote_stylesheets=False, keep_style_tags=False
    )


def drawn(card: Card, language: str) -> str:
    """A whole HTML document; all that people wrote is escaped."""
    return _inliner().inline(render_to_string(TEMPLATE, {"card": card, "language": language}))
