"""What a mapping leaves out that looks like words: what somebody said may stand in no turn, and must not go without a word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.logs.values import cards, dialects
from workbench.logs.values.cards import html_text
from workbench.logs.values.json_object import JsonFields
from workbench.logs.values.messages import SAYS
from workbench.logs.values.normalise import CONVERSATION_FIELDS, MESSAGE_FIELDS
from workbench.logs.values.usual_names import plain, words_as_usual

ROWS = 200
"""How many rows are looked at."""
_DEPTH = 4
_SHOWN = 4
_SHARE = 3
"""One value in so many must look like words."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{4,}")
_HTML = re.compile(r"<(?:p|br|div|span|b|i|a|li|ul)\b[^<>]*>", re.IGNORECASE)
_ABOUT = frozenset(
    "title subject summary description name displayname useragent systemprompt instructions system label tags category "
    "error reason status metadata intent".split()
)
"""What is said of a conversation, and by nobody in it."""
_OWN = CONVERSATION_FIELDS | MESSAGE_FIELDS | {*SAYS, "messages", "reply", "turn_index", "metadata"}


def looks_like_words(value: Any) -> bool:
    """Whether a text reads as said: three words at least, or four letters of a script that has no spaces."""
    if not isinstance(value, str) or value.lstrip()[:1] in ("{", "["):
        return False
    words = html_text(value)
    return (len(_WORD.findall(words)) > 2 and " " in words.strip()) or bool(_UNSPACED.search(words))


class LeftOut:
    """Looks at rows as a mapping names them, and says what may have been said in what it does not name."""

    def __init__(self, layout: str, html: bool) -> None:
        self.layout, self.html = layout, html
        self._rows = 0
        self._met: Counter[str] = Counter()
        self._wordy: Counter[str] = Counter()
        self._roles: Counter[bool] = Counter()
        self._marked = False

    def look(self, row: JsonFields, named: Mapping[str, str]) -> None:
        """Look at a row, under our names where the mapping `named` a column."""
        self._rows += 1
        if self._rows > ROWS:
            return
        listed = row.get("messages")
        messages = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
        spoken = {word for item in messages for word in _WORD.findall(str(item.get("content") or "").lower())}
        for path, value in _leaves(row, ""):
            if path not in named and not _is_in(value, spoken):
                self._count(path, value)
        for item in [row] if self.layout == "turns" else messages:
            self._spoken(item)
        for item in messages:
            read = words_as_usual(item)
            silent = not any(read.get(name) for name in SAYS) and dialects.usual(item) is None
            if silent and not cards.words(item):
                for path, value in _leaves(item, ""):
                    self._count(f"messages.{path}", value)

    def _count(self, path: str, value: Any) -> None:
        if value not in (None, ""):
            self._met[path] += 1
            self._wordy[path] += looks_like_words(value)

    def _spoken(self, message: JsonFields) -> None:
        self._roles[looks_like_words(message.get("role"))] += 1
        content = message.get("content")
        self._marked = self._marked or (isinstance(content, str) and bool(_HTML.search(content)))

    def notes(self, mapping: str) -> Iterator[str]:
        """What a person should know of the mapping, if anything."""
        paths = [path for path, count in self._wordy.items() if count and _SHARE * count >= self._met[path]]
        if self._roles[True] and self._roles[True] >= self._roles[False]:
            yield (
                f"{mapping} takes role from what holds sentences, not who speaks. Where a row is a question with its answer, "
                'name no role, but both: content = "…", reply = "…".'
            )
        if paths:
            single = len(paths) == 1
            listed = ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
            yield (
                f"{mapping} leaves out {listed}, which {'looks' if single else 'look'} like words: {'it is' if single else 'they are'} "
                f"kept as metadata and {'stands' if single else 'stand'} in no turn. Where somebody said {'it' if single else 'them'}, "
                f"name {'it' if single else 'them'}: {self._mend(paths)}."
            )
        if self._marked and not self.html:
            yield f"{mapping} takes the content as it is, which is HTML: with html = true its words are read."

    def _mend(self, paths: list[str]) -> str:
        within = [path.removeprefix("messages.") for path in paths if path.startswith("messages.")]
        if within:
            return f'[message] content = ["…", "{within[0]}"]'
        if self.layout == "turns":
            return f'[columns] reply = "{paths[0]}" where a row is a question with its answer'
        head = paths[0].rpartition(".")[0] or paths[0]
        return f'[columns] messages = ["{head}", "…"] where it is a message beside the list'


def _is_in(value: str, spoken: set[str]) -> bool:
    """Whether most words of a text stand in the messages already: it is the same transcript once more."""
    words = _WORD.findall(value.lower())
    return bool(words) and 5 * sum(word in spoken for word in words) >= 3 * len(words)


def _leaves(value: JsonFields, above: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The texts inside an object that no column of ours names, by their paths; lists are left alone."""
    for name, item in value.items():
        if (not above and name in _OWN) or plain(str(name)) in _ABOUT or str(name).startswith("logged."):
            continue
        path = f"{above}{name}"
        if isinstance(item, Mapping) and depth < _DEPTH:
            yield from _leaves(item, f"{path}.", depth + 1)
        elif isinstance(item, str):
            yield path, item
