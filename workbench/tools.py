"""What the log says about tool calls: whose they were, what they changed, and how they went wrong."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from workbench.conversation import Conversation, Turn
from workbench.roles import is_bot

CallKind = Literal["read", "write", "handover"]
NOTHING_SAID: Mapping[str, CallKind] = MappingProxyType({})

_VERBS = {
    group: frozenset(text.split())
    for group, text in tomllib.loads((Path(__file__).parent / "tool_verbs.toml").read_text("utf-8")).items()
}
_NAME_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


@dataclass(frozen=True, slots=True)
class ToolError:
    """An error that a tool returned. `kind` is one of a few classes, `head` its message without ids and numbers."""

    kind: str
    head: str
    message: str

    @property
    def error_class(self) -> str:
        """What makes two errors of one tool the same: the message's head, or the kind where there is no message."""
        return self.head or self.kind.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the bot made. `position` is its turn, `arguments` its normalised arguments, `result` None if not logged."""

    position: int
    name: str
    arguments: str
    kind: CallKind
    result: str | None
    result_position: int | None
    error: ToolError | None

    @property
    def succeeded(self) -> bool:
        """A result was logged, and it is no error."""
        return self.result is not None and self.error is None

    def same_as(self, other: Call) -> bool:
        """Same tool, same arguments."""
        return self.name == other.name and self.arguments == other.arguments


def bot_calls(conversation: Conversation, said: Mapping[str, CallKind] = NOTHING_SAID) -> list[Call]:
    """The bot's own calls in order; a call of any other role (the user's own device) is not the bot's to answer for.

    What people `said` of a tool outranks the guess from its name.
    """
    turns = conversation.turns
    calls = []
    for turn in turns:
        if not turn.tool_calls or not is_bot(turn.role):
            continue
        for call in turn.tool_calls:
            answer = turns[call.result_position] if call.result_position is not None else None
            calls.append(
                Call(
                    position=turn.position,
                    name=call.name,
                    arguments=normalised_arguments(call.arguments),
                    kind=said.get(call.name) or call_kind(call.name),
                    result=None if answer is None else answer.content,
                    result_position=call.result_position,
                    error=None if answer is None else tool_error(answer),
                )
            )
    return calls


def normalised_arguments(arguments: str) -> str:
    """The arguments as one text in which key order, white space and 2 against 2.0 make no difference."""
    try:
        return json.dumps(_normalised(json.loads(arguments)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):  # not JSON, or nested beyond reason: the text itself has to do
        return " ".join(arguments.split())


def _normalised(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _normalised(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normalised(item) for item in value]
    return value


@lru_cache(maxsize=4096)
def call_kind(name: str) -> CallKind:
    """Guess from the verb in its name whether a tool reads, writes, or hands over; an unknown verb is taken as a read."""
    parts = _name_parts(name)
    handover = _VERBS["handover"].intersection(parts)
    if handover and (_VERBS["handover_targets"].intersection(parts) or parts[0] in ("escalate", "handoff", "handover")):
        return "handover"
    if parts and parts[-1] in _VERBS["read_endings"] and parts[0] not in ("set", "update", "change"):
        return "read"
    for part in parts:
        if part in _VERBS["read"]:
            return "read"
        if part in _VERBS["write"]:
            return "write"
    return "read"


@lru_cache(maxsize=4096)
def repeatable(name: str) -> bool:
    """Whether a write undoes itself or may rightly be done twice (toggle, reboot)."""
    return not _VERBS["repeatable"].isdisjoint(_name_parts(name))


def _name_parts(name: str) -> list[str]:
    return [part.lower() for part in _NAME_PART.findall(name)]


# --- errors ---------------------------------------------------------------------------------------------------------

_ERROR_TEXT = re.compile(
    r"""\W{0,3}(?:
        (?:[a-z_.]*(?:error|exception)|failure|fatal|timeout)\s*[:\])(!–—-]      # "Error: …", "ValueError: …", "[ERROR] …"
      | error\ (?:executing|calling|fetching|running|while|during|processing|invoking|retrieving|connecting|code)\b
      | an\ (?:\w+\ )?error\ (?:has\ )?occurred\b
      | traceback\ \(most\ recent\ call\ last\)
      | http(?:/\d(?:\.\d)?)?\s+(?:error\s+)?(?:status\s+)?[45]\d\d\b
      | [45]\d\d\s+(?:bad\ request|unauthorized|forbidden|not\ found|method\ not|request\ timeout|conflict|gone
            |unprocessable|too\ many|internal\ server|not\ implemented|bad\ gateway|service\ unavailable|gateway\ time)
      | (?:the\ )?(?:request|call|tool|tool\ call|api\ call|api|execution|connection|operation|query)
            \s+(?:has\ )?(?:failed|timed\ out|errored)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_MAYBE_ERROR_JSON = re.compile(  # most results are spared the parsing
    r'"(?:[eE]rrors?|is_?[eE]rror|[eE]xception)"\s*:\s*(?!null|false|""|\[\]|\{\})'
    r'|"(?:[sS]tatus|status_?[cC]ode|http_?[sS]tatus|[cC]ode)"\s*:\s*"?(?:[eE]rr|ERR|[fF]ail|FAIL|[45]\d\d)'
    r'|"(?:[sS]uccess|ok)"\s*:\s*false'
)
_HTTP_CODE = re.compile(r"\b([45]\d\d)\b")
_NOT_AN_ERROR: tuple[Any, ...] = (None, False, "", 0, "none", "None", "null", "false", "no", [], {})
_MESSAGE_KEYS = ("message", "error_message", "detail", "details", "reason", "error_description", "description", "title")

_KINDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("timeout", r"time[d\s-]*out|deadline exceeded"),
        ("rate_limit", r"rate.?limit|too many requests|quota|throttl"),
        (
            "auth",
            r"unauthori[sz]ed|forbidden|permission|access denied|not authori[sz]ed|authenticat|credential|api key|(?:expired|invalid) token|token (?:is )?(?:expired|invalid)",
        ),
        (
            "not_found",
            r"not found|no such|(?:does not|doesn.t) exist|(?:could not|couldn.t|cannot|can.t) (?:be )?f(?:i|ou)nd|unknown",
        ),
        ("insufficient", r"insufficient|not enough|exceed|too many|limit reached|sold out|no longer available"),
        ("conflict", r"conflict|already|duplicate|in use"),
        (
            "server",
            r"internal (?:server )?error|server error|unavailable|bad gateway|connection|unreachable|no route|network",
        ),
        (
            "validation",
            r"invalid|missing|required|malformed|must|bad request|validation|does not|do not|not allowed|unexpected|unsupported|out of range|schema|cannot|can.t",
        ),
    )
)
_KIND_OF_CODE = {
    400: "validation",
    401: "auth",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "conflict",
    422: "validation",
    429: "rate_limit",
    504: "timeout",
}

_PREFIX = re.compile(r"^\W*(?:[\w.]*(?:error|exception)|failure|fatal)\s*[:\])(!–—-]+\s*", re.IGNORECASE)
_STATUS_LINE = re.compile(r"^\W*(?:http(?:/\d(?:\.\d)?)?\s+)?(?:error\s+)?(?:status\s+)?[45]\d\d\b\W*", re.IGNORECASE)
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|https?://\S+""")
_CLAUSE_END = re.compile(r"[.,;:\n]\s|[\n;]|[.:]$| - ")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\S")
_HEAD_WORDS = 8
_DANGLING = frozenset(("for", "in", "of", "on", "at", "to", "with", "by", "from", "is", "the", "a", "an"))


def tool_error(turn: Turn) -> ToolError | None:
    """The error that a tool's result reports, None for any other result (also for one that only speaks of errors)."""
    if turn.error:
        return _classified(turn.error, None)
    text = turn.content
    if text.startswith("{") or text[:40].lstrip().startswith("{"):
        return _json_error(text) if _MAYBE_ERROR_JSON.search(text) else None
    if _ERROR_TEXT.match(text):
        code = _HTTP_CODE.search(text[:60]) if not _PREFIX.match(text) else None
        return _classified(text, int(code.group(1)) if code else None)
    return None


def _json_error(text: str) -> ToolError | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    fields = {str(key).lower().replace("_", ""): item for key, item in value.items()}
    code = next(
        (number for key in ("statuscode", "httpstatus", "status", "code") if (number := _http_code(fields.get(key)))),
        None,
    )
    message = _message(value, fields)
    flagged = (
        fields.get("iserror") is True
        or any(fields.get(key) not in _NOT_AN_ERROR for key in ("error", "errors", "exception"))
        or fields.get("success") is False
        or fields.get("ok") is False
    )
    status = fields.get("status")
    if not flagged and isinstance(status, str):
        # "failed" may be the state of the thing asked about (a payment), unless a message says what went wrong
        flagged = status.lower() == "error" or (status.lower() in ("failed", "failure") and bool(message))
    if not flagged and code is not None:
        flagged = bool(message) or "code" not in fields
    return _classified(message, code) if flagged else None


def _http_code(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not str(value).isdecimal():
        return None
    number = int(str(value)[:9])
    return number if 400 <= number <= 599 else None


def _message(value: dict[str, Any], fields: dict[str, Any]) -> str:
    error = fields.get("error") or fields.get("exception") or fields.get("errors")
    if isinstance(error, list):
        error = error[0] if error else None
    for source in (error, value):
        if isinstance(source, str):
            return source
        if isinstance(source, dict):
            for key in _MESSAGE_KEYS:
                if isinstance(source.get(key), str) and source[key]:
                    return str(source[key])
    content = fields.get("content")
    if isinstance(content, list) and content and isinstance(content[0], dict):
        content = content[0].get("text")
    return content if isinstance(content, str) else ""


def _classified(message: str, code: int | None) -> ToolError:
    head = error_head(message)
    kind = _KIND_OF_CODE.get(code, "server" if code >= 500 else "validation") if code else None
    if kind is None:
        lowered = message[:300].lower()
        kind = next((kind for kind, pattern in _KINDS if pattern.search(lowered)), "other")
    return ToolError(kind=kind, head=head, message=" ".join(message.split())[:300])


def error_head(message: str) -> str:
    """The first clause of an error message, lower-case, without ids, names, numbers and quoted values, ≤ 8 words."""
    text = message[:600].strip()
    if text.lower().startswith("traceback"):
        text = text.splitlines()[-1]  # the exception's own line, where the excerpt reaches it
    while (shorter := _PREFIX.sub("", text)) != text:
        text = shorter
    if (status := _STATUS_LINE.sub("", text)) != text:
        text = status.lower() if len(status.split()) <= 4 else status  # "404 Not Found": the capitals are no names
    text = _QUOTED.sub(" ", text)
    text = _CLAUSE_END.split(text, maxsplit=1)[0]
    kept = [word.lower() for place, word in enumerate(text.split()) if not _is_value(word, place)]
    words = [word.strip(".,;:!?") for word in kept]
    if "not" in words and words[words.index("not") + 1 :][:1] == ["found"]:
        words = words[: words.index("not") + 2]  # "not found on date …": what follows is the value again
    words = [word for word in words if word][:_HEAD_WORDS]
    while words and words[-1] in _DANGLING:
        words.pop()
    return " ".join(words)


def _is_value(word: str, place: int) -> bool:
    """Ids, numbers, names: anything with a digit, an underscore or a sign in it, or a capital after the first word."""
    bare = word.strip(".,;:!?")
    if not bare or any(not (character.isalpha() or character in "'’-") for character in bare):
        return True
    return place > 0 and bare[0].isupper() and bare not in ("ID", "I")
