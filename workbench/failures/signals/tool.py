"""How the bot's own tool calls went. A call of the user's (on their device) is never the bot's fault."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import groupby

from workbench.conversation.tool_calls import Call, repeatable
from workbench.failures.signals.language import find_phrase, quotation
from workbench.failures.signals.registry import Hit, Observed, first_after, signal

_TRANSIENT = ("timeout", "rate_limit", "server")
_EMPTY_LIST = re.compile(r'\s*\{\s*"(?:results?|items|data|matches|documents|hits|records|rows)"\s*:\s*\[\s*\]\s*\}\s*')
_EMPTY_RESULTS = frozenset(
    {"", "[]", "{}", "null", "none", "[[]]", '""', "no results", "no results found", "not found"}
)


@signal(
    "same-call-after-error",
    "strong",
    "same call again after an error",
    blind_without=("bot_words", "tool_calls", "tool_results"),
)
def same_call_after_error(seen: Observed) -> Iterator[Hit]:
    """The bot made the very call again that had just failed, and not to its gain (a retry that mends a timeout is fine)."""
    failed: dict[tuple[str, str], Call] = {}
    for call in seen.calls:
        key = (call.name, call.arguments)
        earlier = failed.get(key)
        if earlier and earlier.error and not (call.succeeded and earlier.error.kind in _TRANSIENT):
            yield Hit(call.position, f"{call.name} had failed at turn {earlier.position}: {earlier.error.message}")
        if call.error:
            failed[key] = call


@signal(
    "three-errors",
    "strong",
    "three or more tool errors",
    blind_without=("bot_words", "tool_calls", "tool_results"),
    stated=False,
)
def three_errors(seen: Observed) -> Iterator[Hit]:
    """Three or more of the bot's tool calls failed."""
    if len(seen.errors) >= 3:
        yield from _each_error(seen)


@signal("tool-error", "medium", "tool error", blind_without=("bot_words", "tool_calls", "tool_results"), stated=False)
def tool_error(seen: Observed) -> Iterator[Hit]:
    """One or two of the bot's tool calls failed, and none was repeated as it was."""
    if 0 < len(seen.errors) < 3 and len({(call.name, call.arguments) for call in seen.errors}) == len(seen.errors):
        yield from _each_error(seen)


def _each_error(seen: Observed) -> Iterator[Hit]:
    for call in seen.errors:
        if call.error:
            yield Hit(call.position, f"{call.name}: {call.error.message}")


@signal("error-claim", "medium", "tool error, then a claim", blind_without=("bot_words", "tool_calls", "tool_results"))
def error_then_claim(seen: Observed) -> Iterator[Hit]:
    """A change failed and was not made good, and the bot's next reply does not say that anything went wrong."""
    for place, call in enumerate(seen.calls):
        if not call.error or call.kind != "write":
            continue
        reply = first_after(seen.bot, call.position)
        if reply is None:
            continue
        until = [later for later in seen.calls[place + 1 :] if later.position <= reply.position]
        mended = any(later.succeeded and later.kind != "read" for later in until)
        admitted = any(find_phrase(reply.spoken, words) for words in ("trouble", "nothing", "refusal", "apology"))
        if not mended and not admitted and "?" not in reply.text:
            yield Hit(reply.position, f"{call.name} failed: {call.error.message}; then: {quotation(reply.text)}")


@signal(
    "repeated-write", "strong", "successful write repeated", blind_without=("bot_words", "tool_calls", "tool_results")
)
def repeated_write(seen: Observed) -> Iterator[Hit]:
    """The bot made a change, and made the same change again with the same arguments, both successfully."""
    done: dict[tuple[str, str], int] = {}
    for call in seen.calls:
        if call.kind != "write" or not call.succeeded or repeatable(call.name):
            continue
        key = (call.name, call.arguments)
        if key in done:
            yield Hit(call.position, f"{call.name} had succeeded with the same arguments at turn {done[key]}")
        else:
            done[key] = call.position


@signal(
    "empty-result-claim",
    "weak",
    "empty result, then a claim",
    blind_without=("bot_words", "tool_calls", "tool_results"),
)
def empty_result_then_claim(seen: Observed) -> Iterator[Hit]:
    """A tool found nothing, every call of that turn did, and the bot's next reply does not say so."""
    for position, group in groupby(seen.calls, key=lambda call: call.position):
        together = list(group)
        if not all(call.kind == "read" and found_nothing(call) for call in together):
            continue
        reply = first_after(seen.bot, position)
        later = bisect_right(seen.calls, position, key=lambda call: call.position)
        if reply is None or (later < len(seen.calls) and seen.calls[later].position <= reply.position):
            continue
        if not find_phrase(reply.spoken, "nothing"):
            yield Hit(reply.position, f"{together[-1].name} found nothing; then: {quotation(reply.text)}")


def found_nothing(call: Call) -> bool:
    """Whether a call came back with an empty result."""
    return call.result is not None and (
        call.result.strip().lower() in _EMPTY_RESULTS or _EMPTY_LIST.fullmatch(call.result) is not None
    )
