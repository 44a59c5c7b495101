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
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block"])
SPACE = "\N{NO-BREAK SPACE}"
_WEB = ("https://", "http://")
_SIZES = {"h1": "large", "h2": "medium"}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """``blocks`` and ``buttons`` are what the card shows; a page can draw them as well."""

    title: str
    blocks: tuple[Json, ...]
    facts: tuple[tuple[str, str], ...]
    buttons: tuple[tuple[str, str], ...]

    def payload(self) -> bytes:
        """What is posted: the card in the envelope that Workflows take."""
        card = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "fallbackText": self.title,
            "msteams": {"width": "Full"},
            "body": [_block([_run(self.title, size="large", weight="bolder")]), *self.blocks],
        }
        if self.facts:
            facts = [{"title": name, "value": escaped(value)} for name, value in self.facts]
            card["body"].append({"type": "FactSet", "facts": facts, "separator": True})
        if self.buttons:
            card["actions"] = [
                {"type": "Action.OpenUrl", "title": words, "url": url}
                for words, url in self.buttons
            ]
        kind = "application/vnd.microsoft.card.adaptive"
        attachment = {"contentType": kind, "contentUrl": None, "content": card}
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


def escaped(text: str) -> str:
    """For the few places of a card that are read as Markdown."""
    return "".join(f"\\{one}" if one in "\\`*_{}[]()#+-!~|<>" else one for one in text)


@dataclass(frozen=True, slots=True)
class _Style:
    """How a run looks; ``prefix`` goes before the first run of the next block."""

    is_bold: bool = False
    is_italic: bool = False
    is_code: bool = False
    size: str = ""
    link: str = ""

    def run(self, text: str) -> Json:
        return _run(
            text,
            weight="bolder" if self.is_bold else "",
            italic=self.is_italic,
            fontType="monospace" if self.is_code else "",
            size=self.size,
            selectAction={"type": "Action.OpenUrl", "url": self.link} if self.link else None,
        )


@dataclass(slots=True)
class _Maker:
    hidden: Hidden
    values: Mapping[str, str]
    buttons: list[tuple[str, str]] = field(default_factory=list)
    is_separated: bool = False

    def fill(self, text: str) -> str:
        return self.hidden.word.sub(lambda found: self.values[self.hidden.name_of(found)], text)

    def blocks(self, node: SyntaxTreeNode, prefix: str = "") -> Iterator[Json]:
        match node.type:
            case "bullet_list" | "ordered_list":
                yield from self._list(node, prefix)
            case "blockquote":
                items = [one for child in node.children for one in self.blocks(child)]
                yield {"type": "Container", "style": "emphasis", "items": items}
            case "fence" | "code_block":
                code = self.fill(node.content.rstrip("\n"))
                yield self._placed([_Style(is_code=True).run(code)], prefix)
            case "hr":
                self.is_separated = True
            case _:
                yield from self._paragraph(node, prefix)

    def _list(self, node: SyntaxTreeNode, prefix: str) -> Iterator[Json]:
        inset = SPACE * (4 if prefix else 0)
        for number, item in enumerate(node.children, int(node.attrs.get("start", 1))):
            mark = f"{number}. " if node.type == "ordered_list" else "• "
            for position, child in enumerate(item.children):
                yield from self.blocks(child, inset + (mark if position == 0 else SPACE * 2))

    def _paragraph(self, node: SyntaxTreeNode, prefix: str) -> Iterator[Json]:
        button = self._button(node) if not prefix else None
        if button is not None:
            self.buttons.append(button)
            return
        style = _Style(is_bold=True, size=_SIZES.get(node.tag, "")) if _is_head(node) else _Style()
        runs = [run for child in node.children for run in self._inline(child, style)]
        if runs := [run for run in runs if run["text"]]:
            yield self._placed(runs, prefix)

    def _placed(self, runs: list[Json], prefix: str) -> Json:
        block = _block([_run(prefix), *runs] if prefix else runs)
        if self.is_separated:
            block["separator"], self.is_separated = True, False
        return block

    def _button(self, node: SyntaxTreeNode) -> tuple[str, str] | None:
        inner = node.children[0].children if len(node.children) == 1 else []
        if node.type != "paragraph" or len(inner) != 1 or inner[0].type != "link":
            return None
        url = self._href(inner[0])
        words = "".join(run["text"] for one in inner for run in self._inline(one, _Style()))
        return (words, url) if url and words else None

    def _inline(self, node: SyntaxTreeNode, style: _Style) -> Iterator[Json]:
        match node.type:
            case "text":
                yield style.run(self.fill(node.content))
            case "code_inline":
                yield replace(style, is_code=True).run(self.fill(node.content))
            case "softbreak":
                yield style.run(" ")
            case "hardbreak":
                yield style.run("\n")
            case kind:
                inner = {
                    "strong": replace(style, is_bold=True),
                    "em": replace(style, is_italic=True),
                    "link": replace(style, link=self._href(node)),
                }.get(kind, style)
                for child in node.children:
                    yield from self._inline(child, inner)

    def _href(self, node: SyntaxTreeNode) -> str:
        """Where the link leads, once its values stand in it; empty where that is no web page."""
        url = self.fill(str(node.attrs.get("href", "")))
        return url if url.lower().startswith(_WEB) else ""


def _is_head(node: SyntaxTreeNode) -> bool:
    return node.type == "heading"


def _block(runs: list[Json]) -> Json:
    return {"type": "RichTextBlock", "inlines": runs}


def _run(text: str, **look: Any) -> Json:
    return {
        "type": "TextRun",
        "text": text,
        **{name: value for name, value in look.items() if value},
    }
