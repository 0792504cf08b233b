"""A dialogue that was written as one text: a line a speaker, `Agent: …`, as call centres export it, or ChatML, as models are given it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.conversation.roles import side_of
from workbench.logs.values.json_object import JsonObject

_LINE = re.compile(
    r"^[ \t]*(?:[\[(]?[\d:.,/\-T ]{4,30}Z?(?: ?[AP]M)?[\])]?[ \t]*[-–|]?[ \t]*)?(?P<who>[^\W\d][\w .'\-]{0,38}?)[ \t]*(?:\([^)\n]{0,30}\))?:(?=\s)[ \t]*",
    re.MULTILINE,
)
_CHATML = re.compile(r"<\|im_start\|>\s*(\w+)\s*\n(.*?)(?=<\|im_end\|>|<\|im_start\|>|\Z)", re.DOTALL)
_MOST_SPEAKERS = 6
PEOPLE = frozenset({"agent", "operator", "advisor", "representative", "support", "system"})
"""Speakers that a transcript of a call has beside those whose side is known."""


def messages(text: str) -> list[JsonObject] | None:
    """The messages of a text, each with its role; None where it is none that names its speakers, at least two turns of them."""
    if "<|im_start|>" in text:
        return [{"role": role, "content": words.strip()} for role, words in _CHATML.findall(text)] or None
    turns = [*_turns(text)]
    speakers = {role.lower() for role, _ in turns}
    familiar = {role for role in speakers if side_of(role) is not None or role in PEOPLE}
    if len(turns) < 2 or len(speakers) > _MOST_SPEAKERS or not familiar or 2 * len(familiar) < len(speakers):
        return None
    return [{"role": role, "content": words} for role, words in turns]


def _turns(text: str) -> Iterator[tuple[str, str]]:
    marks = [*_LINE.finditer(text)]
    if not marks or text[: marks[0].start()].strip():
        return
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    role, words = "", ""
    for mark, end in zip(marks, ends, strict=True):
        who = mark["who"].strip()
        if side_of(who) is None and who.lower() not in PEOPLE and role:
            words = f"{words}\n{text[mark.start() : end].strip()}"  # a line of its own words that has a colon
            continue
        if role:
            yield role, words
        role, words = who, text[mark.end() : end].strip()
    if role:
        yield role, words
