"""How a conversation ended, and whether the log itself says that it failed."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

from workbench.conversation.model import OUTCOMES, Conversation
from workbench.conversation.tool_calls import Call, bot_calls
from workbench.errors import UserError

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_RULE = re.compile(r"\s*(<=|>=|==|!=|<|>)\s*(.+?)\s*$")
_OWN = frozenset(field.name for field in fields(Conversation)) - {"turns", "retrieved", "metadata"}
_FAILED_ENDINGS = frozenset({"max_steps", "too_many_errors", "agent_error", "error", "max_turns", "step_limit"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a conversation ended, and whether the log says that it failed."""

    value: str
    """One of `OUTCOMES`."""
    source: str
    """Where that comes from, in words."""
    failed: bool | None = None
    """Whether it failed; None where the log does not say, as contained, escalated and abandoned only say how it ended."""
    reason: str = ""
    """The words behind `failed`; empty where that is None."""

    @property
    def says(self) -> bool:
        """Whether the log says if it failed."""
        return self.failed is not None


@dataclass(frozen=True, slots=True)
class FailRule:
    """A column that tells failures: a conversation fails where its value, the sign and the cut make a true statement."""

    column: str
    """A column of the log, or a dotted path into one."""
    sign: str
    """<, <=, >, >=, == or !=."""
    cut: float | str
    """What the value is compared with; a word only with == and !=."""

    @classmethod
    def parse(cls, column: str, text: str) -> FailRule:
        """Read a rule like `< 0.5` or `== no`; UserError where it is no rule."""
        match = _RULE.match(text)
        if match is None:
            raise UserError(
                f"fails_when for column {column!r}: {text!r} is no rule. Write a sign and a value, like `< 0.5` or `== no`."
            )
        cut = _number(match[2])
        if cut is None and match[1] not in ("==", "!="):
            raise UserError(
                f"fails_when for column {column!r}: {text!r} compares with a word. Use == or !=, or give a number."
            )
        return cls(column, match[1], match[2].strip("\"'") if cut is None else cut)

    @property
    def condition(self) -> str:
        """Sign and cut as they are written in `fails_when`."""
        return f"{self.sign} {self.cut:g}" if isinstance(self.cut, float) else f"{self.sign} {self.cut}"

    def value(self, conversation: Conversation) -> Any:
        """What it looks at: a column of ours, else what was logged there without a meaning for us, else metadata, by
        its name or by dots into objects."""
        name, metadata = self.column, conversation.metadata
        own = getattr(conversation, name) if name in _OWN else None
        if own is None:
            own = metadata.get(f"{name}_logged")
        return _inside(metadata, name) if own is None else own

    def fails(self, value: Any) -> bool | None:
        """Whether this value means failed; None where the value is missing or of another kind."""
        if value is None:
            return None
        if isinstance(self.cut, str):
            return _OPERATORS[self.sign](str(value).casefold(), self.cut.casefold())
        number = _number(value)
        return None if number is None else _OPERATORS[self.sign](number, self.cut)

    def say(self, value: Any, failed: bool) -> str:
        """The value against its cut, in words: `reward 0.0 (below 0.5)`."""
        comparisons = {
            "<": ("below", "at least"),
            "<=": ("at most", "above"),
            ">": ("above", "at most"),
            ">=": ("at least", "below"),
            "==": ("is", "is not"),
            "!=": ("is not", "is"),
        }
        shown = round(value, 6) if isinstance(value, float) else value  # a float32 of a log prints 0.22 as 0.2199999988
        if isinstance(self.cut, float):
            return f"{self.column} {shown} ({comparisons[self.sign][0 if failed else 1]} {self.cut:g})"
        return f"{self.column} {shown}"


def parse_rules(rules: Mapping[str, str]) -> tuple[FailRule, ...]:
    """Read `fails_when`: column → rule; UserError names the column whose rule is none."""
    return tuple(FailRule.parse(column, text) for column, text in rules.items())


DEFAULT_RULES = (FailRule("reward", "<", 0.5),)


def derive(
    conversation: Conversation, rules: tuple[FailRule, ...] = DEFAULT_RULES, calls: Iterable[Call] | None = None
) -> Outcome:
    """Derive the outcome in the stated order: outcome column, score columns, termination reason, handover, else unknown.

    `calls` are the bot's calls where the caller has them already. A score that says "not failed" says nothing about a
    hand-over, so the value is then escalated or contained by the calls.
    """
    logged = conversation.outcome if conversation.outcome in OUTCOMES and conversation.outcome != "unknown" else None
    failed, reason = _what_the_log_says(conversation, rules)
    if logged:
        return Outcome(logged, f"logged outcome {logged}", failed, reason)
    if failed:
        return Outcome("failed", f"derived from {reason}", True, reason)
    handover = next(
        (
            call
            for call in (bot_calls(conversation) if calls is None else calls)
            if call.kind == "handover" and not call.error
        ),
        None,
    )
    if handover:
        return Outcome("escalated", f"derived from the call {handover.name}", failed, reason)
    if failed is False:
        return Outcome("contained", f"derived from {reason} and no hand-over", False, reason)
    return Outcome("unknown", "the log does not say")


def _what_the_log_says(conversation: Conversation, rules: tuple[FailRule, ...]) -> tuple[bool | None, str]:
    if conversation.outcome == "failed":
        return True, "outcome failed"
    passed = ""
    for rule in rules:
        value = rule.value(conversation)
        failed = rule.fails(value)
        if failed:
            return True, rule.say(value, True)
        if failed is False and not passed:
            passed = rule.say(value, False)
    if passed:
        return False, passed
    ending = conversation.metadata.get("termination_reason")
    if isinstance(ending, str) and ending.lower() in _FAILED_ENDINGS:
        return True, f"termination reason {ending}"
    return None, ""


def _inside(holder: Any, path: str) -> Any:
    """What a dotted path leads to in objects, also such as are JSON text; a name may hold dots itself."""
    if isinstance(holder, str) and holder.lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):
            holder = json.loads(holder)
    if not isinstance(holder, Mapping):
        return None
    if path in holder:
        return holder[path]
    heads = (path[:at] for at in range(len(path) - 1, 0, -1) if path[at] == ".")
    values = (_inside(holder[head], path[len(head) + 1 :]) for head in heads if head in holder)
    return next((value for value in values if value is not None), None)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number == number else None  # NaN is no value
