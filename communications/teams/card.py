"""From Markdown to an Adaptive Card. Pure: no models, no clock.

Text stands in runs that nobody reads as Markdown again, so a value with stars or brackets stays as
it is. A paragraph that is nothing but a link to a page becomes a button.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from communications.rendering.placeholders import Hidden, clean

# Of a whole post; Teams refuses more.
MOST_BYTES = 28 * 1024
# What a value, and the facts of a cohort, may take at most.
LONG_VALUE = 200
FACTS_BYTES = 2048
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block"])
SPACE = "\N{NO-BREAK SPACE}"
_WEB = ("https://", "http://")
_SIZES = {"h1": "large", "h2": "medium"}
_KIND = "application/vnd.microsoft.card.adaptive"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text with one look; ``link`` is a web address or empty."""

    text: str = ""
    is_bold: bool = False
    is_italic: bool = False
    is_code: bool = False
    size: str = ""
    link: str = ""

    def as_json(self) -> Json:
        look = {
            "weight": "bolder" if self.is_bold else "",
            "italic": self.is_italic,
            "fontType": "monospace" if self.is_code else "",
            "size": self.size,
            "selectAction": {"type": "Action.OpenUrl", "url": self.link} if self.link else None,
        }
        given = {name: value for name, value in look.items() if value}
        return {"type": "TextRun", "text": self.text, **given}


@dataclass(frozen=True, slots=True)
class Block:
    """A line of ``runs``, or a quotation of ``blocks``. ``is_ruled``: with a line above."""

    runs: tuple[Run, ...] = ()
    blocks: tuple["Block", ...] = ()
    is_ruled: bool = False

    def as_json(self) -> Json:
        ruled = {"separator": True} if self.is_ruled else {}
        if self.blocks:
            items = [block.as_json() for block in self.blocks]
            return {"type": "Container", "style": "emphasis", "items": items, **ruled}
        inlines = [run.as_json() for run in self.runs]
        return {"type": "RichTextBlock", "inlines": inlines, **ruled}


@dataclass(frozen=True, slots=True)
class Card:
    """``facts`` are (name, value), ``buttons`` (words, web address)."""

    title: str
    blocks: tuple[Block, ...]
    facts: tuple[tuple[str, str], ...]
    buttons: tuple[tuple[str, str], ...]

    def payload(self) -> bytes:
        """What is posted: the card in the envelope that Workflows take."""
        head = Block((Run(self.title, is_bold=True, size="large"),))
        card: Json = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "fallbackText": self.title,
            "msteams": {"width": "Full"},
            "body": [block.as_json() for block in (head, *self.blocks)],
        }
        if self.facts:
            facts = [{"title": name, "value": escaped(value)} for name, value in self.facts]
            card["body"].append({"type": "FactSet", "facts": facts, "separator": True})
        if self.buttons:
            card["actions"] = [
                {"type": "Action.OpenUrl", "title": words, "url": url}
                for words, url in self.buttons
            ]
        attachment = {"contentType": _KIND, "contentUrl": None, "content": card}
        envelope = {"type": "message", "attachments": [attachment]}
        return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def build_card(
    subject: str,
    body: str,
    values: Mapping[str, str],
    facts: Sequence[tuple[str, str]] = (),
) -> Card:
    """``values`` must have one for each {name} of subject and body (KeyError)."""
    hidden = Hidden(subject, body)
    maker = _Maker(hidden, {name: clean(values[name]) for name in hidden.names})
    root = SyntaxTreeNode(_MARKDOWN.parse(hidden.hide(body)))
    blocks = tuple(block for node in root.children for block in maker.blocks(node))
    return Card(maker.fill(hidden.hide(subject)), blocks, tuple(facts), tuple(maker.buttons))


def is_too_big(subject: str, body: str) -> bool:
    """Whether a card with this text could be more than Teams takes, its values being long."""
    names = Hidden(subject, body).names
    card = build_card(subject, body, dict.fromkeys(names, "\N{EURO SIGN}" * LONG_VALUE))
    return len(card.payload()) + FACTS_BYTES > MOST_BYTES


def escaped(text: str) -> str:
    """For the few places of a card that are read as Markdown."""
    return "".join(f"\\{one}" if one in "\\`*_{}[]()#+-!~|<>" else one for one in text)


@dataclass(slots=True)
class _Maker:
    hidden: Hidden
    values: Mapping[str, str]
    buttons: list[tuple[str, str]] = field(default_factory=list)
    is_ruled: bool = False

    def fill(self, text: str) -> str:
        return self.hidden.word.sub(lambda found: self.values[self.hidden.name_of(found)], text)

    def blocks(self, node: SyntaxTreeNode, prefix: str = "") -> Iterator[Block]:
        match node.type:
            case "bullet_list" | "ordered_list":
                yield from self._list(node, prefix)
            case "blockquote":
                inner = tuple(one for child in node.children for one in self.blocks(child))
                if inner:
                    yield Block(blocks=inner, is_ruled=self._ruled())
            case "fence" | "code_block":
                code = Run(self.fill(node.content.rstrip("\n")), is_code=True)
                yield from self._placed([code], prefix)
            case "hr":
                self.is_ruled = True
            case _:
                yield from self._paragraph(node, prefix)

    def _list(self, node: SyntaxTreeNode, prefix: str) -> Iterator[Block]:
        inset = SPACE * 4 if prefix else ""
        for number, item in enumerate(node.children, int(node.attrs.get("start", 1))):
            mark = f"{number}. " if node.type == "ordered_list" else "• "
            for position, child in enumerate(item.children):
                yield from self.blocks(child, inset + (SPACE * 2 if position else mark))

    def _paragraph(self, node: SyntaxTreeNode, prefix: str) -> Iterator[Block]:
        button = None if prefix else self._button(node)
        if button is not None:
            self.buttons.append(button)
            return
        is_head = node.type == "heading"
        look = Run(is_bold=is_head, size=_SIZES.get(node.tag, "") if is_head else "")
        runs = [run for child in node.children for run in self._inline(child, look)]
        yield from self._placed(runs, prefix)

    def _placed(self, runs: list[Run], prefix: str) -> Iterator[Block]:
        given = tuple(run for run in runs if run.text)
        if given:
            yield Block((Run(prefix), *given) if prefix else given, is_ruled=self._ruled())

    def _ruled(self) -> bool:
        is_ruled, self.is_ruled = self.is_ruled, False
        return is_ruled

    def _button(self, node: SyntaxTreeNode) -> tuple[str, str] | None:
        inner = node.children[0].children if len(node.children) == 1 else []
        given = [one for one in inner if one.type != "text" or one.content]
        if node.type != "paragraph" or len(given) != 1 or given[0].type != "link":
            return None
        url = self._href(given[0])
        words = "".join(run.text for child in given for run in self._inline(child, Run()))
        return (words, url) if url and words else None

    def _inline(self, node: SyntaxTreeNode, look: Run) -> Iterator[Run]:
        match node.type:
            case "text":
                yield replace(look, text=self.fill(node.content))
            case "code_inline":
                yield replace(look, text=self.fill(node.content), is_code=True)
            case "softbreak":
                yield replace(look, text=" ")
            case "hardbreak":
                yield replace(look, text="\n")
            case kind:
                inner = {
                    "strong": replace(look, is_bold=True),
                    "em": replace(look, is_italic=True),
                    "link": replace(look, link=self._href(node)),
                }.get(kind, look)
                for child in node.children:
                    yield from self._inline(child, inner)

    def _href(self, node: SyntaxTreeNode) -> str:
        """Where the link leads, once its values stand in it; empty where that is no web page."""
        url = self.fill(str(node.attrs.get("href", "")))
        return url if url.lower().startswith(_WEB) else ""
