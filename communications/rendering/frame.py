"""The HTML around a message's text: our own template, its style written into the tags.

The style lives in a file of its own beside the template; mail programs read attributes only. They
drop the outermost tags as well, so each block says its language and direction itself.
"""

from dataclasses import dataclass
from functools import lru_cache

import css_inline
from django.template.loader import render_to_string

from communications.languages import direction

TEMPLATE = "communications/mail/frame.html"
STYLE = "communications/mail/frame.css"
# Stand in the template where clean HTML goes; so nothing has to be declared safe.
BODY, BELOW = "body-of-this-mail</div>", "below-the-body</div>"


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a block of HTML says of its language."""

    tag: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All that is ours around a text, in plain words. ``language`` is that of the text, ``words``
    that of ``below`` and ``footer``, ``interface`` that of ``banner``; each a tag.

    ``below`` is Markdown and may hold placeholders, as the text may.
    """

    title: str
    footer: str
    banner: str = ""
    below: str = ""
    language: str
    words: str
    interface: str


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        extra_css=render_to_string(STYLE), load_remote_stylesheets=False, keep_style_tags=False
    )


def framed(body_html: str, below_html: str, frame: Frame) -> str:
    """A whole HTML document. Both pieces of HTML must be clean; all else is escaped here."""
    html = render_to_string(
        TEMPLATE,
        {
            "title": frame.title,
            "footer": frame.footer,
            "banner": frame.banner,
            "body": BODY.removesuffix("</div>"),
            "below": BELOW.removesuffix("</div>") if below_html else "",
            "text": _tongue(frame.language),
            "words": _tongue(frame.words),
            "interface": _tongue(frame.interface),
        },
    )
    before, _mark, after = html.partition(BODY)
    after = after.replace(BELOW, f"{below_html}</div>", 1)
    return _inliner().inline(f"{before}{body_html}</div>{after}")


def _tongue(tag: str) -> Tongue:
    return Tongue(tag, direction(tag))
