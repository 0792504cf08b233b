"""A conversation with everything that people or tools wrote masked, whose names it holds among it, and any value as it was logged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, overload

from workbench.conversation.model import Conversation, Document, ToolCall, Turn
from workbench.conversation.people import people
from workbench.conversation.roles import is_user
from workbench.text.masking import Numbered, mask, shown_id


def replayable(conversation: Conversation) -> Conversation:
    """A copy that is masked so that it can be replayed: the same address is the same placeholder in all of it."""
    numbered = Numbered()
    masked(conversation, numbered.mask)  # the second time it knows every number of the conversation
    return masked(conversation, numbered.mask)


class MaskedTurns(Sequence[Turn]):
    """The turns of a conversation, each masked when it is first looked at: of 100,000 a page draws sixty."""

    def __init__(self, logged: Sequence[Turn], mask_turn: Callable[[Turn], Turn]) -> None:
        self._logged, self._mask_turn = logged, mask_turn
        self._masked: dict[int, Turn] = {}

    def __len__(self) -> int:
        return len(self._logged)

    @overload
    def __getitem__(self, place: int) -> Turn: ...
    @overload
    def __getitem__(self, place: slice) -> list[Turn]: ...
    def __getitem__(self, place: int | slice) -> Turn | list[Turn]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        at = range(len(self._logged))[place]
        if at not in self._masked:
            self._masked[at] = self._mask_turn(self._logged[at])
        return self._masked[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # like a list


def masked_when_read(conversation: Conversation) -> Conversation:
    """Like `masked`, but of its turns only those that somebody looks at are masked, and then kept."""
    return _masked(conversation, mask, MaskedTurns)


def masked(conversation: Conversation, mask_text: Callable[[str], str] = mask) -> Conversation:
    """A copy with every text that people or tools wrote masked, and the names of people whom it tells of; ids that hold none stay.

    It is known by the key of the conversation as it was logged.
    """
    return _masked(conversation, mask_text, lambda turns, mask_turn: [mask_turn(turn) for turn in turns])


def _masked(
    conversation: Conversation,
    mask_text: Callable[[str], str],
    masked_turns: Callable[[Sequence[Turn], Callable[[Turn], Turn]], Sequence[Turn]],
) -> Conversation:
    hide = hiding(conversation)

    def mask(text: str) -> str:
        return hide(mask_text(text))

    def shown(text: str | None) -> str | None:
        return None if text is None else shown_id(text)

    def maybe(text: str | None) -> str | None:
        return None if text is None else mask(text)

    def documents(rows: list[Document]) -> list[Document]:
        return [
            replace(row, id=shown(row.id), title=maybe(row.title), text=maybe(row.text), url=maybe(row.url))
            for row in rows
        ]

    def turn(row: Turn) -> Turn:
        return replace(
            row,
            role=mask(row.role),
            name=shown(row.name) if not is_user(row.role) else maybe(row.name),
            tool_call_id=shown(row.tool_call_id),
            finish_reason=maybe(row.finish_reason),
            content=mask(row.content),
            error=maybe(row.error),
            tool_calls=[
                ToolCall(shown_id(c.name), mask(c.arguments), shown(c.id), c.result_position) for c in row.tool_calls
            ],
            citations=documents(row.citations),
            retrieved=documents(row.retrieved),
        )

    copy = replace(
        conversation,
        conversation_id=shown_id(conversation.conversation_id),
        turns=masked_turns(conversation.turns, turn),
        retrieved=documents(conversation.retrieved),
        feedback_text=maybe(conversation.feedback_text),
        user_id=maybe(conversation.user_id),
        channel=maybe(conversation.channel),
        model=maybe(conversation.model),
        model_version=maybe(conversation.model_version),
        prompt_version=maybe(conversation.prompt_version),
        release=maybe(conversation.release),
        metadata=masked_value(conversation.metadata, mask),
        evaluations=[
            replace(row, label=maybe(row.label), explanation=maybe(row.explanation)) for row in conversation.evaluations
        ],
    )
    vars(copy)["key"] = conversation.key
    return copy


CODE = 3
"""Letters of a word written large that is a code as often as a name."""


def hiding(conversation: Conversation) -> Callable[[str], str]:
    """What replaces the names of people whom a conversation tells of, wherever they stand in it, by [name].

    A word that its bot's side also writes small names something else, too: it counts where it is written large.
    """
    words = people(conversation)
    if not words:
        return lambda text: text
    prose = (turn.content for turn in conversation.turns if not is_user(turn.role))
    written = {word for text in prose for word in _WRITTEN.findall(text)}
    return name_hiding([word for word in words if word not in written], [word for word in words if word in written])


_WRITTEN = re.compile(r"(?<![\w@.\"'-])\w++(?![\w@\"']|[._-]\w)")
"""A word that is no part of an address, an id or a quoted value."""


def name_hiding(names: Sequence[str], only_large: Sequence[str] = ()) -> Callable[[str], str]:
    """What replaces these words of names, in lower case, by [name]; those of `only_large` only where they are written large and
    beside another name. It takes a time that grows with the text, however many names there are."""
    if not names:
        return lambda text: text
    return partial(_without_names, frozenset(names), frozenset(word.capitalize() for word in only_large))


_WORD = re.compile(r"\w+")
_TO_THE_NEXT = re.compile("[ \u00a0\u202f]{1,2}")
_POSSESSIVE = re.compile(r"['’]s(?!\w)")
_FEW = 50
"""Names that are looked for one by one, to spare a text that has none of them."""


def _without_names(names: frozenset[str], large: frozenset[str], text: str) -> str:
    """The text without runs of names; a word of `large` belongs to a run where it follows one, or stands one blank before it."""
    lowered = text.lower()
    if len(names) <= _FEW and lowered.isascii() and not any(map(lowered.__contains__, names)):
        return text
    runs: list[list[int]] = []
    before = None  # where a word of `large` begins and ends that belongs to no run
    for word in _WORD.finditer(text):
        start, end = word.span()
        is_name = word[0].lower() in names or word[0].casefold() in names
        is_large = word[0] in large
        begins = not start or text[start - 1] not in "[@"
        if (is_name or is_large) and runs and _TO_THE_NEXT.fullmatch(text, runs[-1][1], start):
            runs[-1][1] = end
            is_large = False
        elif is_name and before is not None and text[before[1] : start] == " ":
            runs.append([before[0], end])
        elif is_name and begins:
            runs.append([start, end])
        before = (start, end) if is_large and begins else None
    parts, done = [], 0
    for start, end in runs:
        if start < done:  # the s of a possessive, where that is a name
            continue
        if possessive := _POSSESSIVE.match(text, end):
            end = possessive.end()
        parts += [text[done:start], _hidden(text[start:end])]
        done = end
    return "".join([*parts, text[done:]])


def _hidden(name: str) -> str:
    code = len(name) <= CODE and name.isupper()  # MIA is an airport, too
    return name if code else "[name]"


def masked_value(value: Any, mask: Callable[[str], str] = mask) -> Any:
    """A value that JSON holds, with its texts and those of its numbers masked that are personal data.

    It is masked as JSON, so that a number is judged with its key ("phone": 5551232002). A mask knows shapes, not JSON:
    where it leaves something else, the value is masked leaf by leaf, so that one odd number keeps no conversation away.
    """
    try:
        return json.loads(mask(json.dumps(value, ensure_ascii=False)))
    except (TypeError, ValueError):
        return _leaves("", value, mask)


def _leaves(name: str, value: Any, mask: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {mask(str(key)): _leaves(str(key), part, mask) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_leaves(name, part, mask) for part in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return mask(value)
    before = f"{mask(name)}: "
    masked_line, plain = mask(f"{name}: {value}"), f"{before}{value}"
    return value if masked_line == plain and isinstance(value, int | float) else masked_line.removeprefix(before)
