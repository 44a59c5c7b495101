"""Tags of languages, and which of several texts somebody reads. Pure.

A tag is what a roster or a form says, in lower case: "de", "de-at". Nonsense is no language.
"""

import re
from collections.abc import Collection, Iterator

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _

OWN = ""  # a message's own text
LONGEST = 35
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")
_RIGHT_TO_LEFT = {"ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"}
_SCRIPTS = {"arab": "rtl", "hebr": "rtl", "thaa": "rtl", "syrc": "rtl", "nkoo": "rtl"}
_SCRIPT = re.compile(r"-([a-z]{4})(?![a-z0-9])")
# What is written in several ways, and what names a country where the writing matters.
_SAME = {
    "no": "nb", "iw": "he", "in": "id", "zh-cn": "zh-hans", "zh-sg": "zh-hans",
    "zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant",
}  # fmt: skip


def tag(words: str) -> str:
    """``words`` as a tag: "de_AT" is "de-at"; empty for what is no tag."""
    found = words.strip().replace("_", "-").lower()
    if len(found) > LONGEST or not _TAG.fullmatch(found):
        return ""
    if found in _SAME:
        return _SAME[found]
    base, dash, rest = found.partition("-")
    return f"{_SAME.get(base, base)}{dash}{rest}"


def base(language: str) -> str:
    """The language of a tag without its country: "de" of "de-at"."""
    return language.partition("-")[0]


def choose(reader: str, offered: Collection[str], own: str) -> str:
    """Which of the tags ``offered`` somebody gets who reads ``reader``; OWN for the own text.

    The very tag, then with less of it behind (de-at, de); then any of the same language, the own
    text first. Whoever reads none of them, or of whom nothing is known, gets the own text.
    """
    wanted = tag(reader)
    for candidate in _shorter(wanted):
        if candidate == own:
            return OWN
        if candidate in offered:
            return candidate
    if not wanted or base(own) == base(wanted):
        return OWN
    return next((other for other in sorted(offered) if base(other) == base(wanted)), OWN)


def direction(language: str) -> str:
    """Which way the language of a tag is written: "rtl" or "ltr". A script in the tag decides."""
    script = _SCRIPT.search(language.lower())
    if script:
        return _SCRIPTS.get(script[1], "ltr")
    return "rtl" if base(language.lower()) in _RIGHT_TO_LEFT else "ltr"


def is_read(reader: str, language: str) -> bool:
    """Whether who reads ``reader`` reads ``language``; of whom nothing is known counts as yes."""
    wanted = tag(reader)
    return not wanted or base(wanted) == base(language)


def known(language: str) -> str:
    """As much of the tag as Django has words and formats for; empty where it has none."""
    return next((one for one in _shorter(language) if "name" in LANG_INFO.get(one, {})), "")


def name(language: str) -> str:
    """In words: "German", "German (AT)"; the tag itself where nobody knows it."""
    found = known(language)
    if not found:
        return language
    words = _(LANG_INFO[found]["name"])
    rest = language[len(found) + 1 :].upper()
    return f"{words} ({rest})" if rest else words


def choices() -> tuple[tuple[str, str], ...]:
    """Every language with words of its own, by name; for a form."""
    found = {tag(one): name(one) for one, info in LANG_INFO.items() if "name" in info}
    return tuple(sorted(found.items(), key=lambda pair: pair[1]))


def _shorter(language: str) -> Iterator[str]:
    while language:
        yield language
        language = language.rpartition("-")[0]
