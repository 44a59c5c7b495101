"""Markdown to the HTML and the plain text of a mail. Raw HTML is shown as text, images are off."""

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block"])
TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
    "strong", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto", "tel"}


def to_html(source: str, link_word: re.Pattern[str] | None = None) -> str:
    """Clean HTML. A bare word that matches ``link_word`` becomes a link to itself."""
    tokens = _MARKDOWN.parse(source)
    for token in tokens:
        if link_word is not None and token.children:
            token.children = _with_links(token.children, link_word)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return nh3.clean(
        html, tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel=None
    )


def _with_links(children: list[Token], link_word: re.Pattern[str]) -> list[Token]:
    done: list[Token] = []
    depth = 0
    for child in children:
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if child.type == "text" and depth == 0:
            done.extend(_linked(child, link_word))
        else:
            done.append(child)
    return done


def _linked(text: Token, link_word: re.Pattern[str]) -> list[Token]:
    tokens: list[Token] = []
    end = 0
    for match in link_word.finditer(text.content):
        tokens += [
            Token("text", "", 0, content=text.content[end : match.start()]),
            Token("link_open", "a", 1, attrs={"href": match[0]}),
            Token("text", "", 0, content=match[0]),
            Token("link_close", "a", -1),
        ]
        end = match.end()
    return [*tokens, Token("text", "", 0, content=text.content[end:])]


def to_text(source: str) -> str:
    """The same for readers of plain text: lists with dashes, links behind their words."""
    root = SyntaxTreeNode(_MARKDOWN.parse(source))
    return "\n\n".join(_block(node) for node in root.children) + "\n"


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "blockquote":
            inner = "\n\n".join(_block(child) for child in node.children)
            return "\n".join(f"> {line}".rstrip() for line in inner.split("\n"))
        case "fence" | "code_block":
            return node.content.rstrip("\n")
        case "hr":
            return "-" * 20
        case _:
            return "".join(_inline(child) for child in node.children)


def _list(node: SyntaxTreeNode) -> str:
    number = int(node.attrs.get("start", 1))
    items = []
    for position, item in enumerate(node.children, number):
        mark = f"{position}. " if node.type == "ordered_list" else "- "
        text = "\n".join(_block(child) for child in item.children)
        items.append(mark + text.replace("\n", "\n" + " " * len(mark)))
    return "\n".join(items)


def _inline(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "link":
            return _link(node)
        case _:
            return "".join(_inline(child) for child in node.children)


def _link(node: SyntaxTreeNode) -> str:
    words = "".join(_inline(child) for child in node.children)
    href = str(node.attrs.get("href", ""))
    if href.removeprefix("mailto:").removeprefix("tel:") == words:
        return words
    return f"{words} <{href}>"
