"""Where a log of conversations holds its messages, and what these say by which name, as far as its columns and first rows tell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from itertools import islice

from workbench.errors import RefusedFile
from workbench.logs.files.find import shown
from workbench.logs.files.source import MESSAGE_COLUMNS, OTHER_MESSAGE_COLUMNS, Source
from workbench.logs.values import dialects
from workbench.logs.values.message_lists import BOT_NAMES, CONTENT, USER_NAMES, messages_of
from workbench.logs.values.messages import unwrapped
from workbench.logs.values.records import BadValue
from workbench.logs.values.usual_names import USUAL, guessed, identity_column, plain, speaker_fields

_PEEKED = 5
EXCHANGE = "a question with its answer each"
"""How messages say who speaks of which each is two."""
TEXT_COLUMNS = (
    "chat",
    "chat_transcript",
    "transcript_text",
    "conversation_text",
    "full_transcript",
    "dialog_text",
    "text",
)
"""Where a dialogue may stand as one text, beside the names of lists."""
_SPEAKERS = {
    "role": "role",
    "from": "from, as ShareGPT writes",
    "type": "type, as LangChain writes",
    "message.role": "a message each",
}
_DUMPED = ("content", "data", "kwargs", "call_id")


def in_text(source: Source, column: str) -> bool:
    """Whether the first rows hold messages in this column as JSON text, as lines that name their speakers, or in pairs."""
    with suppress(BadValue, RefusedFile):
        held = [fields.get(column) for _, fields in islice(source.log.read(), _PEEKED)]
        texts = [value for value in held if (isinstance(value, str) and value.strip()) or _are_pairs(value)]
        return bool(texts) and all(unwrapped(each).get("role") for text in texts for each in messages_of(text, column))
    return False


def inside_messages(source: Source, columns: Sequence[str] | None = None) -> set[str]:
    """The fields of messages, as far as the outline tells: not where they are JSON text, or a mapping names them."""
    columns = columns or (["messages"] if "messages" in source.columns else message_columns(source))
    return {
        name.removeprefix(f"{column}.")
        for column in columns
        for name in source.outline
        if name.startswith(f"{column}.")
    }


def speakers(inside: set[str], source: Source | None = None) -> list[str]:
    """How messages with these fields say who speaks; a type does where it stands beside what LangChain dumps, and a
    sender where what is said by ShareGPT's name stands beside it."""
    beside: dict[str, Collection[str]] = {"type": _DUMPED, "from": CONTENT}
    hows = [
        how
        for name, how in _SPEAKERS.items()
        if name in inside and (name not in beside or not inside.isdisjoint(beside[name]))
    ]
    own = [how for name, (needs, how) in dialects.SPEAKERS.items() if name in inside and not inside.isdisjoint(needs)]
    people = _usual_speakers(source, inside) if source is not None and hows == [_SPEAKERS["type"]] else []
    fields = {name for name in inside if "." not in name}
    pairs = guessed(sorted(fields), ()) if "role" not in inside else {}
    exchange = {"question", "reply"} <= pairs.keys() or (fields & USER_NAMES and fields & BOT_NAMES)
    if exchange and not (hows or own or speaker_fields(fields)):
        return [EXCHANGE]
    hows = people or own or hows
    return hows or (_usual_speakers(source, inside) if source is not None else [])


def _usual_speakers(source: Source, inside: set[str]) -> list[str]:
    """The field of these messages that says who speaks by a usual name, where the messages are of one conversation each."""
    fields = [name for name in inside if "." not in name]
    if id_column(source) is None and _name_their_own(inside):
        return []
    return speaker_fields(fields)[:1]


def _name_their_own(inside: set[str]) -> bool:
    """Whether objects with these fields name a conversation each, and not the call of a tool."""
    calls = not inside.isdisjoint(("arguments", "output", "tool_calls", "toolCalls"))
    fields = [name for name in inside if "." not in name and not (calls and plain(name) == "callid")]
    return identity_column(fields) is not None


def hold_content(inside: set[str]) -> bool:
    """Whether messages with these fields hold what is said."""
    exchange = (
        bool(inside & USER_NAMES and inside & BOT_NAMES) or {"question", "reply"} <= guessed([*inside], ()).keys()
    )
    return exchange or bool(
        inside & CONTENT or {plain(name) for name in inside if "." not in name} & {*USUAL["content"]}
    )


def _hold_words(inside: set[str]) -> bool:
    """Whether objects with these fields say who speaks, and what."""
    fields = {name for name in inside if "." not in name}
    speak = bool(speakers(inside) or speaker_fields(fields))
    return speak and hold_content(inside)


def message_columns(source: Source) -> list[str]:
    """The columns that hold the messages: ours, else the first of the names that other tools have for it."""
    own = [column for column in MESSAGE_COLUMNS if column in source.columns]
    if own and (source.log.container != "json" or any(inside_messages(source, [column]) for column in own)):
        return own
    held = {name: inside_messages(source, [name]) for name in OTHER_MESSAGE_COLUMNS if name in source.columns}
    named = "id" in source.columns or identity_column([name for name in source.columns if name not in held]) is not None
    others = [name for name, inside in held.items() if _hold_words(inside) and (named or not _name_their_own(inside))]
    texts = (
        name for name in (*OTHER_MESSAGE_COLUMNS, *TEXT_COLUMNS) if name in source.columns and not _holds(source, name)
    )
    return others[:1] or own or [name for name in texts if in_text(source, name)][:1]


def _holds(source: Source, column: str) -> bool:
    return any(name.startswith(f"{column}.") for name in source.outline)


def usual_content(source: Source, inside: set[str]) -> set[str]:
    """The fields that hold what is said by a usual name, where one says so who speaks."""
    usual = {name for name in inside if plain(name) in USUAL["content"]}
    return usual if "role" in inside or _usual_speakers(source, inside) else set()


def named_by_mapping(fields: set[str], needed: Sequence[str]) -> str:
    names = ", ".join(shown(name) for name in sorted(fields)[:20] if "." not in name)
    named = ", ".join(f'{name} = "…"' for name in needed)
    return f"they have {names}; a mapping says what is meant: [message] {named}"


def id_column(source: Source) -> str | None:
    if "conversation_id" in source.columns:
        return "conversation_id"
    if source.log.container == "json" and "id" in source.columns:
        return "id"
    held = {*MESSAGE_COLUMNS, *OTHER_MESSAGE_COLUMNS, *TEXT_COLUMNS}
    usual = identity_column([name for name in source.columns if name not in held])
    return usual or ("uuid" if source.log.container == "json" and "uuid" in source.columns else None)


def _are_pairs(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, list) for item in value)
