"""Whether what the bot did and said rests on what it was told: its changes, its claims, and the user's own last check."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from workbench.conversation.roles import is_bot, is_tool, is_user
from workbench.conversation.tool_errors import tool_error
from workbench.failures.signals.changes import Source
from workbench.failures.signals.ids import is_id, leaves, parsed
from workbench.failures.signals.language import find_phrase, quotation, spoken
from workbench.failures.signals.registry import Hit, Observed, signal

_NEEDS = ("user_words", "bot_words", "tool_calls")
_MOST_RESULTS = 200
_KEYED = re.compile(r"(?:^|_)(?:id|number|code|key)$|Id$", re.IGNORECASE)


@signal("unconfirmed-write", "medium", "change without a yes", blind_without=_NEEDS, severity="S1")
def unconfirmed_write(seen: Observed) -> Iterator[Hit]:
    """A change was made though the user's last words agree to nothing, in a bot whose users agree to most changes before."""
    if not seen.norms.confirms or not seen.user:
        return
    for change in seen.changes:
        if not change.agreed:
            yield Hit(change.position, f"{change.tool} after: {quotation(change.asked) or 'nothing'}")


@signal("unnamed-entity", "medium", "acts on what nobody named", blind_without=_NEEDS, severity="S1")
def unnamed_entity(seen: Observed) -> Iterator[Hit]:
    """A change was given an id that neither user nor bot had named, where this argument is nearly always named before."""
    yield from _from_elsewhere(seen, "results", seen.norms.named_arguments)


@signal("unsourced-argument", "medium", "argument from nowhere", blind_without=_NEEDS, severity="S1")
def unsourced_argument(seen: Observed) -> Iterator[Hit]:
    """A change was given an id that no earlier turn or result holds, where this argument nearly always comes from one."""
    yield from _from_elsewhere(seen, "nowhere", seen.norms.sourced_arguments)


def _from_elsewhere(seen: Observed, source: Source, usual: frozenset[str]) -> Iterator[Hit]:
    """The changes with an id from this source, among arguments whose ids usually come from another."""
    for change in seen.changes if usual and seen.user else ():
        for argument in change.arguments:
            if argument.source == source and argument.name in usual:
                yield Hit(change.position, f"{argument.name} {argument.value}")


@signal(
    "other-entity",
    "medium",
    "acts on another than was named",
    blind_without=(*_NEEDS, "tool_results"),
    severity="S1",
)
def other_entity(seen: Observed) -> Iterator[Hit]:
    """A change was made to a record whose number or name in one field the user never said, having said that of another record."""
    writes = [call for call in seen.calls if call.kind == "write"]
    if not writes or not seen.user:
        return
    user_words = "\n".join(utterance.text.lower() for utterance in seen.user)
    values: dict[str, set[str]] = defaultdict(set)
    records: dict[str, dict[str, str]] = {}
    for call in seen.calls[:_MOST_RESULTS]:
        if call.kind == "write":
            for _, value in leaves(parsed(call.arguments)):
                record = records.get(value) if isinstance(value, str) and value.lower() not in user_words else None
                if record and (clash := _clash(record, value, values, user_words)):
                    field, own, other = clash
                    yield Hit(call.position, f"{call.name} {value}: its {field} is {own}; the user named {other}")
                    break
        for name, value in leaves(parsed(call.arguments)):
            if is_id(value):
                values[name].add(value)
        for record in _records(parsed(call.result)) if call.result else ():
            for name, value in record.items():
                values[name].add(value)
                if _KEYED.search(name):
                    records.setdefault(value, record)


def _clash(record: dict[str, str], key: str, values: dict[str, set[str]], said: str) -> tuple[str, str, str] | None:
    """A field of a record whose value the user never said, having said another one of that field."""
    for field, own in record.items():
        if own == key or own.lower() in said:
            continue
        if other := next((value for value in sorted(values[field]) if value != own and value.lower() in said), None):
            return field, own, other
    return None


def _records(value: Any) -> Iterator[dict[str, str]]:
    """The objects inside a result, each with those of its own fields that hold ids."""
    if isinstance(value, dict):
        if fields := {str(name): part for name, part in value.items() if is_id(part)}:
            yield fields
        for part in value.values():
            yield from _records(part)
    elif isinstance(value, list):
        for part in value:
            yield from _records(part)


@signal(
    "claim-without-call",
    "medium",
    "claims an act without a call",
    blind_without=("bot_words", "tool_calls"),
    severity="S2",
)
def claim_without_call(seen: Observed) -> Iterator[Hit]:
    """A bot that changes things says that it has done so, and no change or hand-over of its succeeded before (English)."""
    if not seen.norms.writes:
        return
    first = min((call.position for call in seen.calls if call.kind != "read" and call.succeeded), default=None)
    for utterance in seen.bot:
        if first is not None and utterance.position >= first:
            return
        for claimed in _CLAIM.finditer(utterance.text):
            if not _CONDITION.search(utterance.text[: claimed.start()]):
                yield Hit(utterance.position, quotation(utterance.text[claimed.start() :]))
                return


_DONE = (
    "cancell?ed|booked|rebooked|updated|changed|modified|refunded|sent|issued|enabled|disabled|reset|added|removed|processed"
    "|submitted|upgraded|downgraded|resumed|suspended|transferred|scheduled|rescheduled|created|deleted|applied|paid|ordered"
    "|returned|exchanged|replaced|activated|deactivated|unlocked|renewed|extended|waived|credited|reserved"
)
_CLAIM = re.compile(
    rf"\b(?:i|we)(?: have|['’]ve)(?: now| just| also| successfully| already| gone ahead and){{0,3}} (?:{_DONE})\b"
    rf"|\b(?:has|have) been (?:now |successfully ){{0,2}}(?:{_DONE}) (?:for you|as (?:you )?requested)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:once|when|after|if|until|unless|before)\s+$", re.IGNORECASE)


@signal(
    "last-check-failed",
    "medium",
    "the user's last check failed",
    blind_without=("tool_results",),
    severity="S3",
)
def last_check_failed(seen: Observed) -> Iterator[Hit]:
    """The last thing that the user's own device or tool reported is trouble, after the bot had answered: it ends unsolved."""
    last = next(
        (turn for turn in reversed(seen.conversation.turns) if is_tool(turn.role) and is_user(turn.caller)), None
    )
    if last is None or not seen.bot or seen.bot[0].position > last.position:
        return
    if tool_error(last, changes=True) or find_phrase(spoken(last.content), "trouble"):
        yield Hit(last.position, f"{last.name or 'the check'}: {quotation(last.content)}")


@signal("failed-run", "medium", "code that failed", blind_without=("bot_words",), severity="S3")
def failed_run(seen: Observed) -> Iterator[Hit]:
    """What the bot wrote was run, without a call that the log knows, and the output says that the run failed."""
    author: int | None = None
    for turn in seen.conversation.turns:
        if is_bot(turn.role):
            author = turn.position
        elif author is not None and is_tool(turn.role) and turn.call_position is None and (error := tool_error(turn)):
            yield Hit(author, f"{turn.name or 'the run'}: {error.message}")
