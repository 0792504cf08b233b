"""How a tool's result says that the call failed: in JSON or Python's own writing, in words, in several languages."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.conversation.failed_runs import failed_run
from workbench.conversation.model import Turn
from workbench.text.tokens import MARKS, how_many, is_piece, words
from workbench.text.word_lists import lines


@dataclass(frozen=True, slots=True)
class ToolError:
    """An error that a tool returned."""

    kind: str
    """What sort of error, one of a few codes such as not_found or timeout."""
    head: str
    """How its message begins, without ids and numbers; empty where there is no message."""
    message: str
    """The message on one line, at most 300 characters of it."""

    @property
    def error_class(self) -> str:
        """What makes two errors of one tool the same: the message's head, or the kind where there is no message."""
        return self.head or self.kind.replace("_", " ")


def tool_error(turn: Turn, changes: bool = False) -> ToolError | None:
    """The error that a tool's result reports, None for any other result (also for one that only speaks of errors).

    "failed" alone may be the state of the thing asked about (a payment); where the call itself `changes` something, it is
    how the call went.
    """
    if turn.error:
        return _classified(turn.error, None)
    text = turn.content
    if _STRUCTURED.match(text):
        return _structured_error(text, changes) if _MAYBE_ERROR.search(text) else None
    return _text_error(text, changes)


# --- words ----------------------------------------------------------------------------------------------------------


def _any_of(phrases: Iterable[str], after: bool = True) -> str:
    """A pattern of any of these phrases as whole words, whatever stands between; what comes `after` them, or else before."""
    patterns: list[str] = []
    for phrase in sorted(phrases, key=len, reverse=True):
        pattern = r"[\W_]+".join(map(re.escape, phrase.split()))
        if not is_piece(phrase[-1] if after else phrase[0]):  # there words have no end to be seen
            pattern = rf"{pattern}(?!\w)" if after else rf"(?<!\w){pattern}"
        patterns.append(pattern)
    return "|".join(patterns)


_LISTED = lines("error")
_BEGINS = _any_of(line.removesuffix("…") for line in _LISTED if line.endswith("…"))
_LEADS = rf"[a-z_.]*(?:error|exception)|{_any_of(line for line in _LISTED if '…' not in line)}"  # requests.HTTPError
_COLON = r"\s*[:：\])(!–—-]"
_ERROR_TEXT = re.compile(
    rf"""\W{{0,3}}(?:
        (?:{_LEADS}) (?: {_COLON} | \W*\Z | \s+[45]\d\d\s*(?:\Z|[:：,.(–—-]))  # "Error: …", "[ERROR] …", "Error", "HTTPError 500"
      | (?:{_BEGINS})
      | error\ (?:executing|calling|fetching|running|while|during|processing|invoking|retrieving|connecting|code)\b
      | an\ (?:\w+\ )?error\ (?:has\ )?occurred\b
      | traceback\ \(most\ recent\ call\ last\):?\s*(?:\n|\Z)
      | http(?:/\d(?:\.\d)?)?\s+(?:error\s+)?(?:status\s+)?[45]\d\d\b
      | [45]\d\d\s+(?:bad\ request|unauthorized|forbidden|not\ found|method\ not|request\ timeout|conflict|gone
            |unprocessable|too\ many|internal\ server|not\ implemented|bad\ gateway|service\ unavailable|gateway\ time)
      | (?:the\ )?(?:request|call|tool|tool\ call|api\ call|api|execution|connection|operation|query)
            \s+(?:has\ )?(?:failed|timed\ out|errored)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDS = _any_of((line.removeprefix("…") for line in _LISTED if line.startswith("…")), after=False)
_ENDS_IN_ERROR = re.compile(rf"(?:{_ENDS})\W*\Z", re.IGNORECASE)
_ENDS_IN_FAILURE = re.compile(rf"(?:{_any_of(lines('failed'), after=False)})\W*\Z", re.IGNORECASE)
_SHORT, _SHORT_WORDS = 80, 6
_DENIED = frozenset(
    "no not 0 zero none never without kein keine keinen ohne pas sans aucune aucun sin ningún ningun nessun senza sem nenhum geen"
    .split()
)  # fmt: skip


def _text_error(text: str, changes: bool) -> ToolError | None:
    if message := failed_run(text):
        code = _STATUS_CODE.search(message)
        return _classified(message, int(code.group(1)) if code else None)
    if not _ERROR_TEXT.match(text) and not _ends_in_error(text, changes):
        return None
    code = _HTTP_CODE.search(text[:60]) if not _PREFIX.match(text[:_HEAD_READ]) else None
    return _classified(text, int(code.group(1)) if code else None)


def _ends_in_error(text: str, changes: bool) -> bool:
    """Whether a short result ends in words of failure that nothing in it denies: "Tool execution failed", not "No error"."""
    if len(text) > _SHORT or not (_ENDS_IN_ERROR.search(text) or (changes and _ENDS_IN_FAILURE.search(text))):
        return False
    listed = words(text)
    return how_many(listed) <= _SHORT_WORDS and _DENIED.isdisjoint(listed)


# --- structured results ---------------------------------------------------------------------------------------------

_STRUCTURED = re.compile(r"\s{0,40}(?:\[\s*)?\{")
_PYTHON = re.compile(r"\s*(?:\[\s*)?\{\s*'")
_LONGEST_PYTHON = 20_000
_MAYBE_ERROR = re.compile(  # most results are spared the parsing; a backslash stands in JSON text inside JSON
    r"""["'](?:errors?|is_?error|exception|error_?message|error_?type)\\*["']\s*:\s*
            (?!null|none|false|""|''|\[\s*\]|\{\s*\}|["']?0["']?\s*[,}])
      | ["'](?:exit|return)_?code\\*["']\s*:\s*\\*["']?-?[1-9]
      | ["'](?:status|status_?code|http_?status|code)\\*["']\s*:\s*\\*["']?(?:err|fail|[45]\d\d)
      | ["'](?:success|ok)\\*["']\s*:\s*false
      | ["'](?:result|data|response)\\*["']\s*:\s*["']\W{0,3}[a-z_.]*(?:error|exception)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_INSIDE = ("result", "data", "response")
_NOT_AN_ERROR: tuple[Any, ...] = (None, False, 0, [], {})
_NO_ERROR = frozenset(("", "0", "none", "null", "false", "no", "ok", "success"))
_MESSAGE_KEYS = (
    *("message", "error_message", "errorMessage", "detail", "details", "reason", "error_description", "description"),
    *("title", "stderr", "errorType", "error_type"),
)


def _structured_error(text: str, changes: bool) -> ToolError | None:
    """The error in an object, in its result, or in every item of a list."""
    value = _parsed(text)
    error = _object_error(value, changes) if isinstance(value, dict) else _reported(value)
    if error is None and isinstance(value, dict) and True not in (value.get("success"), value.get("ok")):
        error = next((error for key in _INSIDE if (error := _reported(value.get(key)))), None)
    return error


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if len(text) > _LONGEST_PYTHON or not _PYTHON.match(text):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a backslash in a text, which is the log's
            return ast.literal_eval(text.strip())  # str() of a dictionary: {'error': None}
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _reported(value: Any) -> ToolError | None:
    """The error that something inside a result reports in so many words, also in its JSON text; a state or a number there may
    be the thing's own.
    """
    if isinstance(value, str):
        return _reported(_parsed(value)) if _STRUCTURED.match(value) else _text_error(value, False)
    if isinstance(value, list):
        errors = [_object_error(item, False, inside=True) if isinstance(item, dict) else None for item in value]
        return errors[0] if errors and all(errors) else None
    return _object_error(value, False, inside=True) if isinstance(value, dict) else None


def _object_error(value: Mapping[str, Any], changes: bool, inside: bool = False) -> ToolError | None:
    fields = {str(key).lower().replace("_", ""): item for key, item in value.items()}
    code = next(
        (number for key in ("statuscode", "httpstatus", "status", "code") if (number := _http_code(fields.get(key)))),
        None,
    )
    message = _message(value, fields)
    flagged = (
        fields.get("iserror") is True
        or any(_says_error(fields.get(key)) for key in ("error", "errors", "exception", "errormessage", "errortype"))
        or any(_says_error(fields.get(key)) for key in ("exitcode", "returncode"))
        or fields.get("success") is False
        or fields.get("ok") is False
    )
    status = fields.get("status")
    if not flagged and isinstance(status, str):
        # "failed" may be the state of the thing asked about (a payment), unless a message says what went wrong
        failed = status.lower() in ("failed", "failure") and not inside and (changes or bool(message))
        flagged = status.lower() == "error" or failed
    if not flagged and code is not None and not inside:
        flagged = bool(message) or "code" not in fields
    return _classified(message, code) if flagged else None


def _says_error(value: Any) -> bool:
    return value.strip().lower() not in _NO_ERROR if isinstance(value, str) else value not in _NOT_AN_ERROR


def _http_code(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not str(value).isdecimal():
        return None
    number = int(str(value)[:9])
    return number if 400 <= number <= 599 else None


def _message(value: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
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


# --- classes and heads ----------------------------------------------------------------------------------------------

_HTTP_CODE = re.compile(r"\b([45]\d\d)\b")
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

_STATUS_CODE = re.compile(
    r"^\W{0,3}(?:response|(?:http )?status|http/)[^\d\n]*(?:\d(?:\.\d)?\s+)?([45]\d\d)\b", re.IGNORECASE
)
_PREFIX = re.compile(rf"^\W*(?:[\w.]*(?:error|exception)|{_LEADS})\s*[:：\])(!–—-]+\s*", re.IGNORECASE)
_STATUS_LINE = re.compile(r"^\W*(?:http(?:/\d(?:\.\d)?)?\s+)?(?:error\s+)?(?:status\s+)?[45]\d\d\b\W*", re.IGNORECASE)
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|https?://\S+""")
_CLAUSE_END = re.compile(r"[.,;:\n]\s|[\n;。！？；，]|[.:]$| - ")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\S")
_HEAD_WORDS, _TITLE_WORDS = 8, 4
_HEAD_READ = 600
"""Characters of a message in which its first clause is looked for."""
_LETTERS = re.compile(rf"(?:[^\W\d_]|[{MARKS}'’-])+")
_DANGLING = frozenset(("for", "in", "of", "on", "at", "to", "with", "by", "from", "is", "the", "a", "an"))


def _classified(message: str, code: int | None) -> ToolError:
    head = error_head(message)
    kind = _KIND_OF_CODE.get(code, "server" if code >= 500 else "validation") if code else None
    if kind is None:
        lowered = message[:300].lower()
        kind = next((kind for kind, pattern in _KINDS if pattern.search(lowered)), "other")
    return ToolError(kind=kind, head=head, message=" ".join(message.split())[:300])


def error_head(message: str) -> str:
    """The first clause of an error message, lower-case, without ids, names, numbers and quoted values, ≤ 8 words."""
    text = message[:_HEAD_READ].strip()
    if text.lower().startswith("traceback"):
        text = text.splitlines()[-1]  # the exception's own line, where the excerpt reaches it
    if text.istitle() and len(text.split()) <= _TITLE_WORDS:
        text = text.lower()  # "Internal Server Error": the capitals are no names
    while (shorter := _PREFIX.sub("", text)) != text:
        text = shorter
    if (status := _STATUS_LINE.sub("", text)) != text:
        text = status.lower() if len(status.split()) <= _TITLE_WORDS else status  # "404 Not Found"
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
    if not bare or not _LETTERS.fullmatch(bare):
        return True
    return place > 0 and bare[0].isupper() and bare not in ("ID", "I")
