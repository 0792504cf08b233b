"""Which conversations fail, where to look first, and the texts and signatures that clusters are made of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from workbench.conversation import Conversation
from workbench.conversation.outcome import DEFAULT_RULES, FailRule, Outcome, derive
from workbench.conversation.tool_calls import Call, bot_calls
from workbench.failures.signals import REGISTRY, WEIGHTS, BotNorms, Observed, Signal, find_signals, score
from workbench.failures.signals.language import (
    content_words,
    find_phrase,
    plain,
    says_something,
    sentence_key,
    sentences,
)
from workbench.failures.signals.retrieval import unsupported
from workbench.text.tokens import how_many

FAILS_FROM = 1.0

_UNSUPPORTED = frozenset({"no-documents", "low-coverage", "unsupported-numbers"})
_UNSERVED = frozenset({"escalated", "abandoned", "empty-reply", "same-call-loop", "same-reply"})
_SHOWN_FACTS = frozenset({"refusal", "asks-for-person"})
_TOLD_OTHERWISE = frozenset({"log-says-failed", "tool-error", "three-errors"})  # facts say these in better words

SIGNAL_TOKEN = "signal:"
"""How a token of a signature begins that names a signal; the others name what was called, and what came back."""
_AFTERWARDS = frozenset({"outcome", "feedback", "abandonment", "returns"})
"""Families that tell how it ended and how people took it, not how it went."""
_CANDIDATES = 3
_REQUEST_WORDS = 8
_TEXT_LIMIT = 1000
_TEXT_HEAD = 650
_LONGEST_WORD = 60
_RESULT_LIMIT = 300


class Candidate(NamedTuple):
    """A turn to look at first, and why."""

    position: int
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What people found in a conversation: whether it failed, who says so in words, and its failing turn, where they said."""

    failed: bool
    by: str
    failing_turn: int | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the workbench says of one conversation.

    `score` adds the signals' weights; `verdict` is one sentence on why it counts as failing or not. `candidates` are up
    to three turns, likeliest first (none where it is fine); `failing_turn` is the first. `signature` says how it went
    without the topic, `signature_tokens` the same for TF-IDF; `mechanical_key` is equal for failures that one fix mends
    whatever their topics. `request` and `passage` are the two texts that are embedded. `facts` are observed statements,
    worded equally in every conversation. `writes` are the turns of executed writes. `silenced` are the signals that
    fired and are switched off: they count nowhere. `turns` is the length, `traits` what else the learned score looks at.
    """

    failed: bool
    score: float
    verdict: str
    outcome: Outcome
    signals: list[Signal]
    failing_turn: int | None
    candidates: list[Candidate]
    signature: str
    signature_tokens: list[str]
    mechanical_key: str | None
    request: str
    passage: str
    facts: list[str]
    severity: str | None
    writes: list[int]
    silenced: list[Signal] = field(default_factory=list)
    turns: int = 0
    traits: dict[str, float] = field(default_factory=dict)


def analyse(
    conversation: Conversation,
    norms: BotNorms,
    rules: tuple[FailRule, ...] = DEFAULT_RULES,
    new_from: int = 0,
    *,
    found: Found | None = None,
    came_back: str = "",
    off: frozenset[str] = frozenset(),
) -> Analysis:
    """Judge one conversation by its own log and its bot's norms; `rules` are the parsed `fails_when`.

    Turns before `new_from` stand in another row of the log too (see `repeats`): signals fire on new turns only. What
    people `found` outranks everything; `came_back` says that the user did; signals in `off` are switched off.
    """
    calls = bot_calls(conversation, norms.tools)
    outcome = derive(conversation, rules, calls)
    seen = Observed(conversation, norms, outcome, calls, came_back)
    fired = [one for one in find_signals(seen) if one.position is None or one.position >= new_from]
    signals = [one for one in fired if one.code not in off]
    total = score(signals)
    failed = outcome.failed if outcome.failed is not None else total >= FAILS_FROM
    if found is not None:
        failed = found.failed
    fault = mechanical_fault(seen, signals) if failed else None
    candidates = failing_turns(seen, signals, fault, found) if failed else []
    failing_turn = candidates[0].position if candidates else None
    writes = [call for call in calls if call.kind == "write" and call.succeeded]
    return Analysis(
        failed=failed,
        score=total,
        verdict=verdict(outcome, signals, failed, found),
        outcome=outcome,
        signals=signals,
        failing_turn=failing_turn,
        candidates=candidates,
        signature=signature(seen, signals),
        signature_tokens=signature_tokens(seen, signals),
        mechanical_key=fault.key if fault else None,
        request=request(seen, failing_turn),
        passage=passage(seen, failing_turn) if failed else "",
        facts=facts(seen, signals),
        severity=severity(signals, bool(writes)) if failed else None,
        writes=[call.position for call in writes],
        silenced=[one for one in fired if one.code in off],
        turns=len(conversation.turns),
        traits=traits(seen),
    )


def traits(seen: Observed) -> dict[str, float]:
    """Lengths and counts by their names in words, as logarithms, so that a few endless conversations don't rule."""
    said, answered = sum(len(one.words) for one in seen.user), sum(len(one.words) for one in seen.bot)
    counts = {
        "number of turns": len(seen.conversation.turns),
        "turns of the user": len(seen.user),
        "words of the user": said,
        "words of the bot": answered,
        "words a reply": answered / max(1, len(seen.bot)),
        "tool calls": len(seen.calls),
        "tool errors": len(seen.errors),
        "changes made": sum(call.kind == "write" and call.succeeded for call in seen.calls),
    }
    found = {name: math.log1p(count) for name, count in counts.items()}
    if (share := unsupported(seen)) is not None:
        found["share of the answer that is in no document"] = share
    return found


def verdict(outcome: Outcome, signals: Sequence[Signal], failed: bool, found: Found | None = None) -> str:
    """Why it counts as failing or not, in one sentence."""
    if found is not None:
        log = f", which outranks the log's {outcome.reason}" if outcome.failed not in (None, failed) else ""
        return f"{'Failing' if failed else 'Not failing'}: {found.by} found so{log}."
    counted = list(
        dict.fromkeys(one.code for one in signals if WEIGHTS[one.strength] and one.code != "log-says-failed")
    )
    many = f"{len(counted)} signal{'s' if len(counted) != 1 else ''}"
    if outcome.failed:
        return f"Failing: the log gives {outcome.reason}."
    if outcome.failed is False:
        return f"Not failing: the log gives {outcome.reason}" + (
            f", which outranks the {many} below." if counted else "."
        )
    total = score(list(signals))
    if failed:
        strong = next((one for one in signals if one.strength == "strong"), None)
        if strong:
            where = "" if strong.position is None else f" (turn {strong.position})"
            return f"Failing: {REGISTRY[strong.code].title}{where}."
        return f"Failing: {many} add up to {total:g}: {', '.join(REGISTRY[code].title for code in counted)}."
    if counted:
        return f"Not failing: {many} of weight {total:g}, below {FAILS_FROM:g}; the log itself does not say."
    return "Not failing: no signal fired; the log itself does not say."


# --- where to look first --------------------------------------------------------------------------------------------


def failing_turns(
    seen: Observed, signals: Sequence[Signal], fault: Fault | None, said: Found | None = None
) -> list[Candidate]:
    """Up to three turns to look at first.

    What people said comes before all else. A mechanical fault comes first, else a strong signal that points at a turn. Then the default: the last executed write,
    else the transfer, and the bot's last reply; against people's choice, that beats the last message by far (FACTS.md).
    """
    found = []
    if said is not None and said.failing_turn is not None:
        found.append(Candidate(said.failing_turn, f"{said.by} found it here"))
    if fault:
        found.append(Candidate(fault.position, mechanical_fact(fault.key)))
    elif pointed := _first_strong(signals):
        found.append(pointed)
    told = any(one.strength in ("strong", "medium") and one.code != "log-says-failed" for one in signals)
    note = "" if told or said is not None else "; only the outcome says that it failed"
    write = next((call for call in reversed(seen.calls) if call.kind == "write" and call.succeeded), None)
    handover = next((call for call in seen.calls if call.kind == "handover" and not call.error), None)
    if write:
        found.append(Candidate(write.position, f"last change made: {write.name}{note}"))
    elif handover:
        found.append(Candidate(handover.position, f"handed over: {handover.name}{note}"))
    reply = _last_reply(seen)
    if reply is not None:
        found.append(Candidate(reply, f"last reply of the bot{note}"))
    distinct: dict[int, Candidate] = {}
    for candidate in found:
        distinct.setdefault(candidate.position, candidate)
    return list(distinct.values())[:_CANDIDATES]


def _first_strong(signals: Sequence[Signal]) -> Candidate | None:
    """The first strong signal with a turn; three errors only count from the third on, as the first may be nobody's fault."""
    places: dict[str, list[int]] = {}
    for one in signals:
        if one.strength == "strong" and one.position is not None:
            places.setdefault(one.code, []).append(one.position)
    firsts = [
        Candidate(turns[2] if code == "three-errors" else turns[0], REGISTRY[code].title)
        for code, turns in places.items()
    ]
    return min(firsts, default=None)


def _last_reply(seen: Observed) -> int | None:
    """The bot's last reply that is more than a goodbye, else its last turn of any kind."""
    for said in reversed(seen.bot):
        if says_something(said.text) and not find_phrase(said.spoken, "closing"):
            return said.position
    return seen.bot[-1].position if seen.bot else (seen.calls[-1].position if seen.calls else None)


# --- the two texts --------------------------------------------------------------------------------------------------


def request(seen: Observed, failing_turn: int | None = None) -> str:
    """What was asked: the user's turns from the first on, until they hold 8 content words, greetings left out.

    The same rule for failing and successful conversations, so that the two can be compared; it never reaches beyond the
    failing turn. With no user text, the first tool results.
    """
    kept: list[str] = []
    count = 0.0
    for text in _user_texts(seen, failing_turn):
        kept.append(text)
        count += how_many(content_words(text))
        if count >= _REQUEST_WORDS:
            break
    if not seen.user:
        results = [" ".join(call.result.split())[:_RESULT_LIMIT] for call in seen.calls if call.result]
        return bounded(" ".join(results[:3]))
    return bounded(" ".join(kept) or " ".join(said.text for said in seen.user[:2]))


def passage(seen: Observed, failing_turn: int | None) -> str:
    """The text that tells this failure's topic: the user's turns up to the failing turn, greetings and what recurs in the bot left out.

    At most about 1,000 characters, beginning and end kept, since the model reads 256 word pieces; empty without user text.
    """
    kept = list(dict.fromkeys(_user_texts(seen, failing_turn)))
    return bounded(" ".join(kept) or " ".join(said.text for said in seen.user))


def _user_texts(seen: Observed, until: int | None) -> Iterator[str]:
    """Each user turn up to a position, without the sentences that carry nothing; turns that carry nothing at all are skipped.

    The first turn that tells anything keeps what recurs (many people ask for the same thing in the same words, and with
    buttons whole requests recur) unless it recurs everywhere; later turns lose it.
    """
    left_out = seen.norms.everywhere
    for said in seen.user:
        if until is not None and said.position > until:
            return
        telling = [sentence for sentence in sentences(said.text) if says_something(sentence)]
        own = [sentence for sentence in telling if sentence_key(sentence) not in left_out]
        if own:
            yield " ".join(own)
            left_out = seen.norms.recurring


def bounded(text: str) -> str:
    """The text on one line, cut in the middle to about 1,000 characters at word ends."""
    line = " ".join(plain(text).split())
    if len(line) <= _TEXT_LIMIT:
        return line
    head, tail = line[:_TEXT_HEAD], line[len(line) - (_TEXT_LIMIT - _TEXT_HEAD - 3) :]
    if (end := head.rfind(" ", -_LONGEST_WORD)) >= 0:  # Japanese may have no space for hundreds of letters
        head = head[:end]
    if (start := tail.find(" ", 0, _LONGEST_WORD)) >= 0:
        tail = tail[start + 1 :]
    return f"{head} … {tail}"


# --- how it went ----------------------------------------------------------------------------------------------------


def signature_tokens(seen: Observed, signals: Sequence[Signal]) -> list[str]:
    """How it went, as tokens for TF-IDF: tools, pairs of tools in a row, errors, executed writes, signals.

    How it ended and how people took it stay out: the same fault is borne by one user, rated down by a second, and left
    by a third. Empty for a bot that was never seen to call a tool: there the passage alone decides.
    """
    if not seen.norms.has_tools:
        return []
    steps = _without_repeats([call.name for call in seen.calls])
    return [
        *steps,
        *(f"{first}>{second}" for first, second in pairwise(steps)),
        *(f"{call.name}!{call.error.error_class}" for call in seen.errors if call.error),
        *(f"{call.name}=executed" for call in seen.calls if call.kind == "write" and call.succeeded),
        *(
            f"{SIGNAL_TOKEN}{code}"
            for code in dict.fromkeys(one.code for one in signals if WEIGHTS[one.strength])
            if REGISTRY[code].family not in _AFTERWARDS
        ),
    ]


def signature(seen: Observed, signals: Sequence[Signal]) -> str:
    """How it went, for people: executed writes and hand-overs in order, then errors, then strong and medium signals."""
    steps = _without_repeats(
        [
            f"{call.name} ✓" if call.kind == "write" else call.name
            for call in seen.calls
            if (call.kind == "write" and call.succeeded) or (call.kind == "handover" and not call.error)
        ]
    )
    errors = dict.fromkeys(f"{call.name} ✗ {call.error.error_class}" for call in seen.errors if call.error)
    titles = dict.fromkeys(
        REGISTRY[one.code].title
        for one in signals
        if one.strength in ("strong", "medium") and one.code not in _TOLD_OTHERWISE
    )
    if not seen.calls and seen.norms.calls_tools:
        steps = ["no tool called"]
    elif not steps and seen.calls:
        steps = ["looked up only"]
    return "; ".join([" → ".join(steps)] * bool(steps) + [*errors, *titles]) or "answered in words"


def _without_repeats(names: Sequence[str]) -> list[str]:
    return [name for place, name in enumerate(names) if place == 0 or name != names[place - 1]]


def facts(seen: Observed, signals: Sequence[Signal]) -> list[str]:
    """What was observed, as short statements without ids or counts, so that conversations can share them."""
    found = [f"{call.name} executed" for call in seen.calls if call.kind == "write" and call.succeeded]
    if any(one.code == "escalated" for one in signals):
        found.append(REGISTRY["escalated"].title)
    if seen.norms.calls_tools and not seen.calls:
        found.append("no tool called")
    elif seen.norms.writes and not found and not any(call.kind == "write" and call.succeeded for call in seen.calls):
        found.append("nothing changed")
    found += [f"{call.name} failed: {call.error.error_class}" for call in seen.errors if call.error]
    found += [
        REGISTRY[one.code].title
        for one in signals
        if (one.strength != "shown" or one.code in _SHOWN_FACTS) and one.code not in _TOLD_OTHERWISE
    ]
    return list(dict.fromkeys(found))


def ways(observed: Sequence[str]) -> list[str]:
    """Those of the `facts` that tell how it went, without how it ended and how people took it; a hand-over is a way too."""
    return [fact for fact in observed if fact not in _endings()]


@cache
def _endings() -> frozenset[str]:
    return frozenset(
        kind.title for kind in REGISTRY.values() if kind.family in _AFTERWARDS and kind.code != "escalated"
    )


class Fault(NamedTuple):
    """A mechanical fault: its key, equal over all topics, and the turn where it shows."""

    key: str
    position: int


_KEYS = {
    "empty-reply": "empty-reply",
    "same-call-loop": "repeated-call",
    "repeated-write": "repeated-write",
    "cut-off": "cut-off",
    "filter-block": "filter-block",
}


def mechanical_fault(seen: Observed, signals: Sequence[Signal]) -> Fault | None:
    """The strong mechanical sign of a failure; None where it has none.

    A tool error counts when it was repeated, or when the bot neither got that tool to work nor changed anything after it.
    A call repeated because it keeps failing is the tool's error, not a loop.
    """
    first = {one.code: one.position for one in reversed(signals) if one.position is not None}
    failing = {call.position for call in seen.calls if call.error}
    for code in ("empty-reply", "same-call-loop", "repeated-write"):
        if code in first and not (code == "same-call-loop" and first[code] in failing):
            return Fault(_KEYS[code], first[code])
    error = _lasting_error(seen.calls)
    if error:
        return error
    return next((Fault(_KEYS[code], first[code]) for code in ("cut-off", "filter-block") if code in first), None)


def _lasting_error(calls: Sequence[Call]) -> Fault | None:
    """The tool error that the conversation could not get past, at its last place; the commonest, then the latest."""
    errors = [(place, call, call.error.error_class) for place, call in enumerate(calls) if call.error]
    times = Counter((call.name, error_class) for _, call, error_class in errors)
    lasting = [
        (times[call.name, error_class], place, Fault(f"tool-error:{call.name}:{error_class}", call.position))
        for place, call, error_class in errors
        if times[call.name, error_class] >= 2
        or not any(
            later.succeeded and (later.name == call.name or later.kind == "write") for later in calls[place + 1 :]
        )
    ]
    return max(lasting)[2] if lasting else None


def mechanical_fact(key: str) -> str:
    """The fact that all members of a mechanical cluster share, worded as in `facts`."""
    kind, _, rest = key.partition(":")
    if kind == "tool-error":
        tool, _, error_class = rest.partition(":")
        return f"{tool} failed: {error_class}"
    return next(REGISTRY[code].title for code, name in _KEYS.items() if name == key)


def severity(signals: Sequence[Signal], wrote: bool) -> str:
    """A suggestion from what was done: S1 a write was made, S2 unsupported answer, S3 left unserved, S4 otherwise."""
    codes = {one.code for one in signals}
    if wrote:
        return "S1"
    if codes & _UNSUPPORTED:
        return "S2"
    return "S3" if codes & _UNSERVED else "S4"
