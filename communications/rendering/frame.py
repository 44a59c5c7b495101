"""The HTML around a message's text: our own template, its style written into the tags.

The style lives in a file of its own beside the template; mail programs read attributes only.
"""

from functools import lru_cache

import css_inline
from django.template.loader import render_to_string

TEMPLATE = "communications/mail/frame.html"
STYLE = "communications/mail/frame.css"
# Stands in the template where the cleaned HTML goes; so nothing has to be declared safe.
BODY = "body-of-this-mail"


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        extra_css=render_to_string(STYLE), load_remote_stylesheets=False, keep_style_tags=False
    )


def framed(body_html: str, *, title: str, footer: str, banner: str, language: str) -> str:
    """A whole HTML document. ``body_html`` must be clean; all else is escaped here."""
    html = render_to_string(
        TEMPLATE,
        {"body": BODY, "title": title, "footer": footer, "banner": banner, "language": language},
    )
    return _inliner().inline(html.replace(BODY, body_html, 1))
