"""What a card, a menu or another rich reply says: the words that a person reads on it, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from workbench.logs.values.json_object import JsonFields
from workbench.logs.values.message_parts import kind_of
from workbench.logs.values.normalise import parse_json
from workbench.logs.values.records import BadValue

CARDS = (
    *("attachments", "cards", "card", "custom", "data", "payload", "blocks", "elements", "buttons", "quick_replies"),
    *("suggestedActions", "attachment", "template", "rich_content", "richContent", "components", "interactive"),
)
"""Where a message holds a card beside its words."""
_READ = frozenset(
    "text title subtitle body label caption altText alt fallbackText fallback_text summary header footer description "
    "message value displayText card speak plain_text content name".split()
)
_NOT_READ = frozenset(
    "type id url contentUrl contentType mime_type mimeType $schema version style color size kind".split()
)
_DEPTH = 12


def words(fields: JsonFields) -> str:
    """The words of the cards of a message, a line each; "" where it holds none."""
    lines: dict[str, None] = {}
    for name in CARDS:
        if (value := fields.get(name)) not in (None, "", [], {}):
            lines |= dict.fromkeys(_words(value, 0))
    return "\n".join(lines)


def words_of(card: Any) -> str:
    """The words of one card; what it is called in brackets where it has none."""
    lines = "\n".join(dict.fromkeys(_words(card, 0)))
    if lines:
        return lines
    return f"[{card['type']}]" if isinstance(card, Mapping) and kind_of(card) else ""


def _words(value: Any, depth: int, under: str = "text") -> Iterator[str]:
    if depth > _DEPTH:
        return
    if isinstance(value, str):
        opened = _opened(value)
        if opened is not None:
            yield from _words(opened, depth + 1)
        elif value.strip() and under in _READ and not value.startswith(("http://", "https://", "data:")):
            yield value.strip()
    elif isinstance(value, list):
        for item in value:
            yield from _words(item, depth + 1, under)
    elif isinstance(value, Mapping):
        shown = "title" in value or "text" in value
        for name, item in value.items():
            if name in _NOT_READ or (name in ("value", "payload", "name", "data") and shown and isinstance(item, str)):
                continue
            yield from _words(item, depth + 1, str(name))


def _opened(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return parse_json(text, None)
    except BadValue:
        return None


# --- HTML -----------------------------------------------------------------------------------------------------------


_TAG = re.compile(
    r"""<(?: (?P<comment>!--) | [!?][^<>]*+>
          | (?P<close>/?)(?P<name>[A-Za-z][\w:-]*+)(?P<attributes>(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)> )""",
    re.VERBOSE,
)
"""A tag, a declaration, or where a comment begins. What closes nowhere is text, as in "a <b and c"; each sign is looked at once."""
_ALT = re.compile(r"""(?<![\w-])alt\s{0,9}=\s{0,9}(?:"([^"]*+)"|'([^']*+)')""", re.IGNORECASE)
_ENDS = frozenset("p div br li tr h1 h2 h3 h4 h5 h6 ul ol table blockquote".split())
_UNSEEN = ("script", "style")


def html_text(text: str) -> str:
    """The words of HTML, a paragraph a line; what is no HTML as it is.

    Written here, as the standard library's parser stops at declarations that it doesn't know, and takes the square of the length
    for comments that nothing closes.
    """
    if "<" not in text and "&" not in text:
        return text
    lines = [" ".join(line.split()) for line in "".join(_pieces(text)).split("\n")]
    return "\n".join(line for line in lines if line)


def _pieces(text: str) -> Iterator[str]:
    """What stands between the tags, and what some tags say."""
    place, last_comment = 0, text.rfind("-->")
    unseen = ""  # the tag whose content nobody reads, while it is open
    while match := _TAG.search(text, place):
        if not unseen:
            yield unescape(text[place : match.start()])
        place = match.end()
        if match["comment"] and place <= last_comment:
            place = text.index("-->", place) + 3
        elif match["comment"] and not unseen:
            yield match[0]
        name = (match["name"] or "").lower()
        if unseen:
            unseen = "" if match["close"] and name == unseen else unseen
        elif name in _UNSEEN:
            unseen = "" if match["close"] else name
        elif name == "br" or (match["close"] and name in _ENDS):
            yield "\n"
        elif name == "img":
            alt = _ALT.search(match["attributes"])
            yield unescape(alt[1] or alt[2] or "") if alt and any(alt.groups()) else "[image]"
    if not unseen:
        yield unescape(text[place:])
