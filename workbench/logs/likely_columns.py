"""Which fields of a log are likely what a mapping needs: by what they are called, held to what stands in them.

A usual name whose values say something else is passed over, and where no name is usual the values alone decide: who
speaks is one of few words, what is said has the most words, a time reads as one, an id comes again for each message of its
conversation. Guesses for a person to confirm, so nothing here is sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from workbench.conversation.roles import side_of
from workbench.logs.values.records import BadValue
from workbench.logs.values.times import Clock
from workbench.logs.values.usual_names import USUAL, plain

_ALSO = {"conversation_id": ("id",), "content": ("value",), "turn_index": ("index",), "timestamp": ("at",)}
"""What is no usual name by itself, but where its values fit."""
_CLOCK = Clock()
_SPEAKERS = 8
"""Different values that a role has at most."""


@dataclass
class LogField:
    """A field of a log, as far as its first rows tell."""

    path: str
    """Leads to it, dots into structs and JSON text: from a row, or from an item where it stands `within` a list."""
    within: str = ""
    """The path of the list of the row in whose items it stands; "" for none."""
    is_list: bool = False
    """Whether it holds a list in some row."""
    seen: int = 0
    """How many of the rows, or items, have a value there."""
    different: int = 0
    """How many values of its own it has in them, each counted once."""
    words: float = 0.0
    """Words of its values, on average."""
    values: list[str] = field(default_factory=list)
    """Some of its own values, each once, masked and cut."""


def likely_layout(fields: Iterable[LogField]) -> str:
    """chat where rows hold lists of objects, turns where they don't."""
    return "chat" if any(each.within for each in fields) else "turns"


def likely_messages(fields: Sequence[LogField]) -> str | None:
    """The list of a row that holds its messages: whose items have a speaker and words; else the first list."""
    lists = [each.path for each in fields if each.is_list and not each.within]
    inner = {path: [each for each in fields if each.within == path] for path in lists}
    spoken = [path for path in lists if likely("role", inner[path], "chat") and likely("content", inner[path], "chat")]
    holding = [path for path in lists if inner[path]]
    return next(iter([*spoken, *holding, *lists]), None)


def likely_rows(fields: Sequence[LogField], holding: Iterable[str]) -> str:
    """The list that likely holds the rows of a file whose own rows lie around them; "" for none.

    `holding` are the lists whose items hold lists of objects themselves: conversations with messages, or messages with
    calls, and it is no row that has a speaker and words.
    """
    for path in holding:
        inner = [each for each in fields if each.within == path]
        if not (likely("role", inner, "chat") and likely("content", inner, "chat")):
            return path
    return ""


def likely(name: str, fields: Sequence[LogField], layout: str) -> str | None:
    """The field of one row or message that is likely our column `name`; None where none is."""
    single = [each for each in fields if not each.is_list]
    fits, by_values = _TESTS[name]
    last: dict[str, LogField] = {}
    for each in single:
        last.setdefault(plain(each.path.rpartition(".")[2]), each)
    named = [last[usual] for usual in (*USUAL[name], *_ALSO.get(name, ())) if usual in last]
    chosen = next((each for each in named if fits(each, layout)), None) or by_values(single, layout)
    return chosen.path if chosen else None


# ── what the values say ──


def _is_id(each: LogField, layout: str) -> bool:
    """One to a row of *chat*; in *turns* fewer than rows, since a conversation has several."""
    if not each.different or each.words > 1.5:
        return False
    return each.different == each.seen if layout == "chat" else each.different < each.seen or each.seen == 1


def _id_by_values(fields: Sequence[LogField], layout: str) -> LogField | None:
    speaker = likely("role", fields, layout)
    several = [
        each
        for each in fields
        if _is_id(each, layout) and each.different > 1 and each.path != speaker and not _is_time(each, layout)
    ]
    return max(several, key=lambda each: (each.seen, each.different), default=None)


def _is_role(each: LogField, layout: str) -> bool:
    return 0 < each.different <= _SPEAKERS and each.words <= 3


def _role_by_values(fields: Sequence[LogField], layout: str) -> LogField | None:
    spoken = {each.path: sum(side_of(value) is not None for value in each.values) for each in fields}
    several = [each for each in fields if _is_role(each, layout) and spoken[each.path]]
    return max(several, key=lambda each: (spoken[each.path], each.seen), default=None)


def _is_text(each: LogField, layout: str) -> bool:
    return bool(each.different) and not _is_time(each, layout)


def _text_by_values(fields: Sequence[LogField], layout: str) -> LogField | None:
    worded = [each for each in fields if each.words >= 2 and _is_text(each, layout)]
    return max(worded, key=lambda each: (each.words, each.seen), default=None)


def _is_place(each: LogField, layout: str) -> bool:
    return bool(each.values) and all(value.lstrip("-").isdigit() for value in each.values)


def _is_time(each: LogField, layout: str) -> bool:
    return bool(each.values) and sum(map(_reads_as_time, each.values)) * 2 > len(each.values)


def _time_by_values(fields: Sequence[LogField], layout: str) -> LogField | None:
    times = [each for each in fields if _is_time(each, layout) and not _is_place(each, layout)]
    return max(times, key=lambda each: each.different, default=None)


def _reads_as_time(value: str) -> bool:
    try:
        return _CLOCK.utc(value, "") is not None
    except BadValue:
        return False


def _nothing(fields: Sequence[LogField], layout: str) -> LogField | None:
    return None


_Fits = Callable[[LogField, str], bool]
_ByValues = Callable[[Sequence[LogField], str], LogField | None]
_TESTS: dict[str, tuple[_Fits, _ByValues]] = {
    "conversation_id": (_is_id, _id_by_values),
    "role": (_is_role, _role_by_values),
    "content": (_is_text, _text_by_values),
    "turn_index": (_is_place, _nothing),
    "timestamp": (_is_time, _time_by_values),
}
"""Whether a field of a usual name may be it, and which one is where no name tells."""
