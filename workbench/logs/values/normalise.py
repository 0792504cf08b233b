"""Logged values and columns to conversations, whatever format they came in; `messages` gives the turns.

No column is guessed from a near name, and nothing is dropped. What has no field of its own goes to the conversation's
metadata: an unknown column under its name; an unknown field of messages under `turns.<name>` as a list with one
entry a turn; a known field whose value has no meaning there (an outcome that is none of ours, a feedback of 5, a
document with more fields than we keep) under `<name>_logged`, or `turns.<name>_logged`.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from workbench.conversation import OUTCOMES, Conversation, Document, Turn, attach_tool_results
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.records import BadValue
from workbench.logs.values.times import Clock

MESSAGE_FIELDS = frozenset(
    [
        "role",
        "content",
        "name",
        "tool_calls",
        "function_call",
        "tool_call_id",
        "timestamp",
        "latency_ms",
        "finish_reason",
        "error",
        "citations",
        "retrieved",
        "feedback",
    ]
)
CONVERSATION_TEXTS = ["channel", "model", "model_version", "prompt_version", "release", "feedback_text", "user_id"]
CONVERSATION_FIELDS = frozenset(
    [
        *CONVERSATION_TEXTS,
        *["conversation_id", "bot", "started_at", "ended_at", "outcome", "feedback_score", "reward", "retrieved"],
    ]
)
_OUR_NAMES = {name.replace("_", ""): name for name in (*CONVERSATION_TEXTS, "feedback_score") if "_" in name}
MAX_DEPTH = 100
_VOTES = ("rating", "thumb", "vote", "value", "score")
_SIGNS = re.compile(r"[\W_]+")
_THUMBS = {
    **dict.fromkeys(("up", "thumbsup", "thumbup", "like", "liked", "upvote", "positive", "helpful"), 1),
    **dict.fromkeys(
        ("down", "thumbsdown", "thumbdown", "dislike", "disliked", "downvote", "negative", "unhelpful"), -1
    ),
    **dict.fromkeys(("👍",), 1),
    **dict.fromkeys(("👎",), -1),
}
"""Words for a vote, without case and signs."""
DOCUMENT_FIELDS = {"id", "title", "text", "score", "url"}
_LARGEST_EXACT_FLOAT = 2**53
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


# --- values ---------------------------------------------------------------------------------------------------------


def identifier(value: Any, column: str) -> str:
    """An identifier as text exactly as logged; an integer becomes its decimal text. Null, blank, 1.5: BadValue."""
    if type(value) is str:
        if not value.strip():
            raise BadValue(column, "is blank", value)
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        raise BadValue(column, "is empty")
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in ("$oid", "$numberLong", "$uuid", "id"):
        return identifier(next(iter(value.values())), column)  # MongoDB's extended JSON, an object that is named alone
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, UUID, bytes)):
        raise BadValue(column, "is no identifier: text or a whole number is", value)
    if isinstance(value, bytes):
        return identifier(_decoded(value, column), column)
    if isinstance(value, (float, Decimal)):
        if value != value or value in (math.inf, -math.inf) or value != int(value):
            raise BadValue(column, "is a fraction, not an identifier: log it as text", value)
        if isinstance(value, float) and abs(value) >= _LARGEST_EXACT_FLOAT:
            raise BadValue(column, "is a float too large to be exact: log the identifier as text", value)
        return str(int(value))
    return str(value)


def _decoded(value: bytes, column: str) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as e:
        raise BadValue(column, "is binary and no UTF-8 text", value[:200]) from e


def text(value: Any) -> str | None:
    """A short text field: numbers as text, structures as JSON, null, NaN and blank as None."""
    if value is None or type(value) is str:
        return value if value and value.strip() else None
    if isinstance(value, float):
        return None if math.isnan(value) else str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, bytes):
        return text(value.decode("utf-8", "replace"))
    return json_text(value)


def is_blank(value: Any) -> bool:
    """Whether a value tells nothing, so that it replaces none that is known: null, NaN, blank text, an empty list or object."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or value in ([], {}) or bool(value != value)


def number(value: Any) -> float | None:
    """A finite number, or None where it is none. Text counts when all of it is a number."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, (bool, int, float, Decimal)):
        try:
            result = float(value)
        except OverflowError:
            return None
        return result if math.isfinite(result) else None
    return None


def jsonable(value: Any, depth: int = 0) -> Any:
    """The same value in what JSON can say: times as ISO 8601, decimals as text, bytes as base64, NaN as None."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if depth >= MAX_DEPTH:
        raise BadValue(None, f"is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {str(name): jsonable(item, depth + 1) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item, depth + 1) for item in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return "base64:" + base64.b64encode(value).decode("ascii")
    return str(value.total_seconds()) + " s" if isinstance(value, timedelta) else str(value)


def json_text(value: Any) -> str:
    """JSON text of a logged value of any type."""
    return json.dumps(value, ensure_ascii=False, default=jsonable)


def parse_json(raw: str, column: str | None) -> Any:
    """A JSON document of a log; BadValue for bad JSON, NaN, numbers beyond a double, and bottomless nesting.

    Control characters may stand in strings as they are. A lone surrogate escape, which no UTF-8 text can hold,
    becomes U+FFFD.
    """
    try:
        value = _DECODER.decode(raw)
        return _without_surrogates(value) if _SURROGATE_ESCAPE.search(raw) else value
    except RecursionError as e:
        raise BadValue(column, "is nested too deeply to be read", raw) from e
    except ValueError as e:
        reason = "a whole number has too many digits" if "int_max_str_digits" in str(e) else str(e)
        raise BadValue(column, f"is no JSON ({reason})", raw) from e


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"the number {digits[:40]} is too large")
    return value


def _keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ; RFC 8259 leaves open which of two values counts, so neither is taken."""
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {twice[:40]!r} stands twice in one object")
    return value


_DECODER = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=_finite, strict=False, object_pairs_hook=_keys_once
)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {clean(name): _without_surrogates(item) for name, item in value.items()}
    return value


def clean(value: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD, so that it can be stored as UTF-8."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# --- lists and documents --------------------------------------------------------------------------------------------


def listed(value: Any, column: str) -> Sequence[Any]:
    """The items of a list, of its JSON text, or one item; nulls are none. BadValue where it is something else."""
    if isinstance(value, str):
        value = parse_json(value, column) if value.strip() else None
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return (value,) if value else ()
    if not isinstance(value, (list, tuple)):
        raise BadValue(column, "is no list", value)
    return [item for item in value if item is not None]


def documents(value: Any, column: str) -> list[Document]:
    """Documents or citations: a list (or JSON text of one) of `{id, title, text, score, url}`, or of plain texts."""
    if isinstance(value, str) and not value.lstrip().startswith(("[", "{")):
        value = [value] if value.strip() else None
    return [_document(item, f"{column}[{place}]") for place, item in enumerate(listed(value, column))]


def _document(item: Any, column: str) -> Document:
    if isinstance(item, str):
        return Document(url=item) if item.startswith(("http://", "https://")) else Document(text=item)
    if not isinstance(item, Mapping):
        raise BadValue(column, "is no document: id, title, text are expected", item)
    return Document(
        id=text(item.get("id")),
        title=text(item.get("title")),
        text=text(item.get("text")),
        score=number(item.get("score")),
        url=text(item.get("url")),
    )


def take(
    target: Turn | Conversation, logged: JsonObject, field: str, value: Any, reading: Callable[[Any], Any]
) -> None:
    """Set a field to what its value means; a value that means nothing there is kept as `<field>_logged`."""
    if value is None or value == "" or value != value:
        return
    meaning = reading(value)
    setattr(target, field, meaning)
    if meaning is None:
        logged[f"{field}_logged"] = value


def has_more(items: Any, kept: set[str]) -> bool:
    """Whether an item has a field that is not kept."""
    if isinstance(items, (list, tuple)):
        return any(isinstance(item, Mapping) and not item.keys() <= kept for item in items)
    return isinstance(items, Mapping) and not items.keys() <= kept


def feedback(value: Any) -> int | None:
    """A vote on one message: -1, 0 or 1, True or False, or the word for a thumb; None where it is something else."""
    if isinstance(value, bool):
        return 1 if value else -1
    if isinstance(value, Mapping):
        return next((rated for name in _VOTES if (rated := feedback(value.get(name))) is not None), None)
    if isinstance(value, str) and (word := _SIGNS.sub("", value.lower()) or value) in _THUMBS:
        return _THUMBS[word]
    vote = number(value)
    return int(vote) if vote in (-1.0, 0.0, 1.0) else None


# --- conversations --------------------------------------------------------------------------------------------------


def conversation(
    fields: JsonFields,
    turns: list[Turn],
    beyond: Iterable[JsonFields],
    clock: Clock,
    default_bot: str | None,
) -> Conversation:
    """A conversation from its logged columns and its turns in order; `beyond` stands beside `turns`, one a turn.

    Joins tool results to their calls, and takes start and end from the turns where no column gives them.
    """
    fields = in_our_spelling(fields)
    bot = fields.get("bot")
    result = Conversation(
        identifier(fields.get("conversation_id"), "conversation_id"), text(bot) or default_bot or "unknown", turns
    )
    extra: JsonObject = {}
    for field in CONVERSATION_TEXTS:
        if field in fields:
            setattr(result, field, text(fields[field]))
    take(result, extra, "outcome", fields.get("outcome"), _outcome)
    take(result, extra, "feedback_score", fields.get("feedback_score"), number)
    take(result, extra, "reward", fields.get("reward"), number)
    if (retrieved := fields.get("retrieved")) is not None:
        result.retrieved = documents(retrieved, "retrieved")
        if has_more(retrieved, DOCUMENT_FIELDS):
            extra["retrieved_logged"] = retrieved
    times = [turn.timestamp for turn in turns if turn.timestamp is not None]
    result.started_at = clock.utc(fields.get("started_at"), "started_at") or min(times, default=None)
    result.ended_at = clock.utc(fields.get("ended_at"), "ended_at") or max(times, default=None)
    result.metadata = _metadata(fields, extra, list(beyond))
    attach_tool_results(turns)
    return result


def in_our_spelling(fields: JsonFields) -> JsonFields:
    """Columns of ours that are written in another spelling, like `userId`, under their names, where these are not there."""
    ours = {
        name: _OUR_NAMES[bare]
        for name in fields
        if name not in CONVERSATION_FIELDS and (bare := _bare(name)) in _OUR_NAMES
    }
    named = {name: known for name, known in ours.items() if known not in fields}
    return {named.get(name, name): value for name, value in fields.items()} if named else fields


@lru_cache(maxsize=4096)
def _bare(name: str) -> str:
    return _SIGNS.sub("", name.lower())


def _outcome(value: Any) -> str | None:
    outcome = value.strip().lower() if isinstance(value, str) else None
    return outcome if outcome in OUTCOMES else None


def _metadata(fields: JsonFields, extra: JsonFields, beyond: Sequence[JsonFields]) -> JsonObject:
    metadata = {name: value for name, value in fields.items() if name not in CONVERSATION_FIELDS and value is not None}
    logged = metadata.get("metadata")
    if isinstance(logged, str) and logged.lstrip().startswith("{"):
        try:
            logged = parse_json(logged, "metadata")
        except BadValue:
            logged = None  # kept below as the text that it is
    if isinstance(logged, Mapping) and not logged.keys() & (metadata.keys() | extra.keys()):
        del metadata["metadata"]
        metadata.update(logged)
    metadata.update(extra)
    for name in {name: None for more in beyond for name in more}:
        metadata[f"turns.{name}"] = [more.get(name) for more in beyond]
    return {name: labelled(name, value) for name, value in metadata.items()}


def labelled(name: str, value: Any, depth: int = 0) -> Any:
    """`jsonable` of a column's value that will stand so deep; the BadValue names the column."""
    try:
        return jsonable(value, depth)
    except BadValue as e:
        raise BadValue(name, e.reason, value) from e
