"""*pairs*: one row a request to a model with its reply, as gateways and providers log them.

LiteLLM's logging payload, Helicone's request and response bodies, Bedrock's model invocation log, OpenAI's stored completions, and any
row of `messages` with `response`, `output`, `choices` or `completion`. Each request repeats what was said before, so the rows of
one session are told like model calls of a trace: each message once, with the times of its request.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.errors import RefusedFile
from workbench.logs.files.source import Source
from workbench.logs.formats import chat
from workbench.logs.spans import traces
from workbench.logs.spans.spans import Score, Span
from workbench.logs.values import messages, normalise, replies
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_lists import message
from workbench.logs.values.message_parts import first
from workbench.logs.values.messages import Line
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.times import Clock

NAME = "pairs"
WHAT = "one row a request with its reply: messages and response, request and response, request_body and response_body"
REQUIRED = ("request", "response")
TIMES = (
    *("startTime", "endTime", "start_time", "end_time", "request_created_at", "response_created_at", "created_at"),
    *("completed_at", "timestamp", "created", "request_timestamp", "response_timestamp"),
)
_BODIES = (
    ("request_body", "response_body"),
    ("requestBody", "responseBody"),
    ("request", "response"),
    ("input", "output"),
    ("inputs", "outputs"),
)
_ASKED = ("messages", "contents", "input", "prompt", "inputBodyJson", "body")
_ANSWERED = (
    *("choices", "content", "output", "candidates", "outputBodyJson", "body", "message", "completion", "generation"),
    *("delta", "error"),
)
_STARTS = (
    *("startTime", "start_time", "request_created_at", "requestCreatedAt", "created_at", "createdAt", "timestamp"),
    *("created", "request_time", "time", "started_at", "request_timestamp"),
)
_ENDS = (
    "endTime",
    "end_time",
    "response_created_at",
    "responseCreatedAt",
    "completed_at",
    "ended_at",
    "response_timestamp",
)
_IDS = ("request_id", "requestId", "id", "call_id", "litellm_call_id", "custom_id")
_SESSIONS = (
    *("conversationid", "sessionid", "threadid", "chatid", "heliconesessionid", "dialogid", "session", "conversation"),
    *("thread", "traceid", "litellmsessionid", "litellmtraceid"),
)
"""The names of a session, the surest first, without case and signs."""
_ABOUT = (
    *("metadata", "requester_metadata", "request_properties", "properties", "requestMetadata", "request_metadata"),
    *("user_properties", "custom_metadata", "tags", "headers", "request_headers", "extra", "trace"),
    *("request", "request_body", "requestBody", "response", "context"),
)
"""Where gateways keep what the caller said of a request."""
_USERS = ("user_id", "end_user", "request_user_id", "user", "userId")
_MODELS = ("model", "modelId", "model_id", "request_model")
_ALIASES = ("user_api_key_alias", "app_name", "application", "assistant_name", "botName", "bot_name")
_PEEKED = 5
_SIGNS = re.compile(r"[\W_]+")


def missing(source: Source) -> list[str]:
    """What is not there: a request with messages, and its reply."""
    lacking = []
    if _request_column(source) is None:
        lacking.append("a request (messages, or request, request_body or input around them)")
    if replies.REPLIES.isdisjoint(source.columns):
        lacking.append("its reply (response, response_body, output, choices or completion)")
    return lacking


def recognises(source: Source) -> str | None:
    """Why these are requests with their replies, or None."""
    columns, outline = set(source.columns), source.outline
    if "messages" in columns and ({"messages.role"} & outline or _in_text(source)):
        for name in source.columns:
            if name in replies.REPLIES:
                return f"its rows have messages with {name} beside them"
    for asked, answered in _BODIES:
        if {asked, answered} <= columns and _holds(outline, asked, _ASKED) and _holds(outline, answered, _ANSWERED):
            return f"its rows have {asked} with {answered}"
    return None


def _in_text(source: Source) -> bool:
    """Whether the messages stand as JSON text, with a reply beside them, as in a table of LiteLLM's."""
    if any(name.startswith("messages.") for name in source.outline) or replies.REPLIES.isdisjoint(source.columns):
        return False
    with suppress(BadValue, RefusedFile):
        rows = [fields for _, fields in islice(source.log.read(), _PEEKED)]
        asked = [row["messages"] for row in rows if isinstance(row.get("messages"), str) and row["messages"][:1] == "["]
        return bool(asked) and all(replies.request(value) is not None for value in asked)
    return False


def _holds(outline: frozenset[str], column: str, inside: Sequence[str]) -> bool:
    """Whether a column holds one of these, as far as the outline tells; a body may be JSON text, which it does not."""
    under = {name for name in outline if name.startswith(f"{column}.")}
    return any(f"{column}.{name}" in under for name in inside) or (not under and column.lower().endswith("body"))


def _request_column(source: Source) -> str | None:
    columns = set(source.columns)
    return next((name for name in ("messages", *(asked for asked, _ in _BODIES)) if name in columns), None)


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all rows together: by their session, else each row is one."""
    names = chat.names_of(sources)

    def record(file: int, row: int, fields: JsonObject, clock: Clock) -> Span | Score:
        return _record(file, row, fields, clock, f"{names[file]}:{row}")

    yield from traces.read(sources, options, scratch, traces.Layout(_COLUMNS, _place, record, lambda fields: False))


_COLUMNS = [
    *_IDS,
    *_ABOUT,
    "session_id",
    "sessionId",
    "conversation_id",
    "conversationId",
    "thread_id",
    "chat_id",
    "trace_id",
]


# --- who, when ------------------------------------------------------------------------------------------------------


def session(fields: JsonFields) -> str | None:
    """The session that a row names: in a column of its own, else in what the caller said of the request."""
    places = list(_places(fields, 0))
    for wanted in _SESSIONS:
        for place in places:
            for name, value in place.items():
                if _SIGNS.sub("", name.lower()) == wanted and isinstance(value, (str, int)) and str(value).strip():
                    return str(value)
    return None


def _places(fields: JsonFields, depth: int) -> Iterator[JsonFields]:
    yield {str(name): value for name, value in fields.items()}
    for name in _ABOUT if depth < 3 else ():
        inner = replies.decoded(fields.get(name))
        if isinstance(inner, Mapping):
            yield from _places(inner, depth + 1)


def _identity(fields: JsonFields) -> str | None:
    return normalise.text(first(fields, *_IDS))


def _place(fields: JsonObject) -> traces.Place:
    return traces.Place(_identity(fields), session(fields))


# --- one row --------------------------------------------------------------------------------------------------------


def _record(file: int, row: int, fields: JsonObject, clock: Clock, name: str) -> Span:
    asked, answer, rest = _exchange(fields)
    trace = _identity(fields) or name
    digest = normalise.json_text([trace, asked, answer]).encode("utf-8", "surrogatepass")
    span = Span(file, row, trace, hashlib.blake2b(digest, digest_size=16).hexdigest(), kind="llm", name="request")
    span.session = session(fields)
    span.start = _time(rest, clock, _STARTS)
    span.end = _time(rest, clock, _ENDS)
    span.input = _lines(asked, clock, "messages")
    span.output = _lines(answer, clock, "response")
    span.model = normalise.text(first(rest, *_MODELS)) or _model(fields)
    span.error = _error(rest, answer)
    span.application = next(
        (alias for place in _places(fields, 0) if (alias := normalise.text(first(place, *_ALIASES)))), None
    )
    span.documents = list(normalise.documents(rest.pop("retrieved", None), "retrieved"))
    user = first(rest, *_USERS)
    span.fields = {**rest, "user_id": user if isinstance(user, (str, int)) else None}
    span.fields.pop("conversation_id", None)
    return span


def _lines(items: Sequence[JsonFields], clock: Clock, column: str) -> list[Line]:
    spoken = [message(item, f"{column}[{place}]") for place, item in enumerate(items)]
    return messages.read_all(
        [{"role": "assistant", **item} if _silent_role(item) else item for item in spoken], clock, column
    )


def _silent_role(item: JsonFields) -> bool:
    """Whether a message of a reply names no role: only the model can speak there."""
    return "role" not in item and "type" not in item and "content" in item


def _exchange(fields: JsonFields) -> tuple[list[JsonFields], list[JsonFields], JsonObject]:
    """What was asked, what was answered, and the rest of the row; BadValue where nothing was asked."""
    rest = dict(fields)
    for asked, answered in _BODIES:
        if asked not in fields or asked == "messages" or "messages" in fields:
            continue
        answer = replies.reply(fields[answered]) if answered in fields else None
        if (request := replies.request(fields[asked])) is None and answer is None:
            continue
        _take(rest, asked)
        if answer is not None:
            _take(rest, answered)
        return request or [], answer or [], rest
    request = replies.request(fields)
    if request is None:
        raise BadValue(None, _why_silent(fields), {name: fields[name] for name in [*fields][:20]})
    for name in ("messages", "prompt", "system", "instructions"):
        rest.pop(name, None)
    beside = replies.beside(fields, request)
    if beside is None:
        return request, [], rest
    _take(rest, beside[0])
    return request, beside[1], rest


def _why_silent(fields: JsonFields) -> str:
    text = normalise.json_text(fields)
    if "S3Path" in text:
        return "its body lies in S3 (inputBodyS3Path): put the body into its row as inputBodyJson, or import a log with small bodies"
    return "holds no request with messages, contents, input or prompt"


def _take(rest: JsonObject, column: str) -> None:
    """Leave of a request or a reply what is no message: parameters, usage, ids."""
    value = replies.decoded(rest.pop(column, None))
    if not isinstance(value, Mapping):
        return
    more = {
        name: item
        for name, item in value.items()
        if name not in (*_ASKED, *_ANSWERED, "system", "role", "object", "tools") and item not in (None, "", [], {})
    }
    if more:
        rest[f"{column}_more"] = more


def _time(rest: JsonObject, clock: Clock, names: Sequence[str]) -> Any:
    for name in names:
        if (value := rest.get(name)) is not None and not isinstance(value, (Mapping, list, bool)):
            time = clock.utc(value, name)
            if time is not None:
                del rest[name]
                return time
    return None


def _model(fields: JsonFields) -> str | None:
    """The model as the request or the reply names it."""
    for asked, answered in _BODIES:
        for column in (answered, asked):
            body = replies.decoded(fields.get(column))
            if isinstance(body, Mapping) and (model := normalise.text(first(body, *_MODELS))):
                return model
    return None


def _error(rest: JsonFields, answer: Sequence[JsonFields]) -> str | None:
    """Why a request failed: its own words, else its status."""
    own = next((text for item in answer if (text := normalise.text(item.get("error")))), None)
    if own is not None or (problem := normalise.text(first(rest, "error_str", "error", "error_message"))) is None:
        status = normalise.number(first(rest, "response_status", "status_code"))
        return own or (f"HTTP {status:.0f}" if status is not None and status >= 400 else None)
    return problem
