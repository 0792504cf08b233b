"""Which conversations fail, and all that is derived from one: where to look first, its texts, its signature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.conversation import Conversation
from workbench.conversation.outcome import DEFAULT_RULES, FailRule, Outcome, derive
from workbench.conversation.tool_calls import bot_calls
from workbench.failures.candidate import Candidate
from workbench.failures.deviation import Deviation
from workbench.failures.failing_turn import HumanVerdict, failing_turns
from workbench.failures.mechanical_faults import mechanical_fault
from workbench.failures.signals import REGISTRY, WEIGHTS, BotNorms, Observed, Signal, find_signals, score
from workbench.failures.signals.registry import Severity
from workbench.failures.signals.retrieval import unsupported
from workbench.failures.signature import facts, signature, signature_tokens
from workbench.failures.tiers import LOGS_WORD, SUSPECTED_FROM, Tier, tier_of_signals
from workbench.failures.topic_texts import passage, request, topic_end
from workbench.failures.transition import Transition, tipping_turn, transition


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the workbench says of one conversation."""

    failed: bool
    """Whether it counts as failing."""
    score: float
    """The weights of its signals added up, each code once."""
    verdict: str
    """Why it counts as failing or not, in one sentence."""
    outcome: Outcome
    """How it ended, and from where that is known."""
    signals: list[Signal]
    """Those that fired and are switched on, in order of turns."""
    failing_turn: int | None
    """The position of the first candidate."""
    candidates: list[Candidate]
    """Up to three turns to look at first, the likeliest first; none where it is fine."""
    signature: str
    """How it went without the topic, for people."""
    signature_tokens: list[str]
    """The same for TF-IDF; empty for a bot without tools."""
    mechanical_key: str | None
    """Equal for failures that one fix mends whatever their topics; None where there is no such fault."""
    request: str
    """What was asked, as it is embedded; at most about 1,000 characters."""
    passage: str
    """The text that tells the topic of what is listed, as it is embedded; empty where it is fine."""
    facts: list[str]
    """Observed statements, worded equally in every conversation."""
    severity: Severity | None
    """The suggested severity of what is listed."""
    writes: list[int]
    """The positions of executed writes."""
    suppressed: list[Signal] = field(default_factory=list)
    """The signals that fired and are switched off: they count nowhere."""
    turns: int = 0
    """The number of its turns."""
    transition: Transition | None = None
    """Between which states it failed; None where it is fine."""
    traits: dict[str, float] = field(default_factory=dict)
    """What else the learned score looks at; see `traits`."""
    suspected: bool = False
    """Whether medium evidence speaks for a failure that neither the log nor people settled."""
    signs: Tier | None = None
    """What its signals alone make of it, whatever the log and people say."""

    @property
    def listed(self) -> bool:
        """Whether it is clustered, listed and read: failing or suspected."""
        return self.failed or self.suspected

    @property
    def tier(self) -> Tier | None:
        """Where it is counted; None where it is fine."""
        return "failing" if self.failed else "suspected" if self.suspected else None


def analyse(
    conversation: Conversation,
    norms: BotNorms,
    rules: tuple[FailRule, ...] = DEFAULT_RULES,
    new_from: int = 0,
    *,
    human: HumanVerdict | None = None,
    came_back: str = "",
    deviations: tuple[Deviation, ...] = (),
    off: frozenset[str] = frozenset(),
) -> Analysis:
    """Judge one conversation by its own log and its bot's norms; `rules` are the parsed `fails_when`.

    Turns before `new_from` stand in another row of the log too (see `repeated_turns`): signals fire on new turns only.
    What people agree on, `human`, outranks everything; `came_back` says that the user did, `deviations`
    where it went otherwise than others; signals in `off` are switched off.
    """
    calls = bot_calls(conversation, norms.tools)
    outcome = derive(conversation, rules, calls)
    seen = Observed(conversation, norms, outcome, calls, came_back, deviations)
    fired = [signal for signal in find_signals(seen) if signal.position is None or signal.position >= new_from]
    signals = [signal for signal in fired if signal.code not in off]
    total = score(signals)
    signs = tier_of_signals(signals)
    settled = human.failed if human is not None else outcome.failed
    failed = settled if settled is not None else signs == "failing"
    suspected = settled is None and signs == "suspected"
    listed = failed or suspected
    fault = mechanical_fault(seen, signals) if listed else None
    candidates = failing_turns(seen, signals, fault, human) if listed else []
    ends = topic_end(seen, signals, fault, human.failing_turn if human else None) if listed else None
    writes = [call for call in calls if call.kind == "write" and call.succeeded]
    return Analysis(
        failed=failed,
        score=total,
        verdict=verdict(outcome, signals, failed, human),
        outcome=outcome,
        signals=signals,
        failing_turn=candidates[0].position if candidates else None,
        candidates=candidates,
        signature=signature(seen, signals),
        signature_tokens=signature_tokens(seen, signals),
        mechanical_key=fault.key if fault else None,
        request=request(seen, ends),
        passage=passage(seen, ends) if listed else "",
        facts=facts(seen, signals),
        severity=severity(signals, bool(writes)) if listed else None,
        writes=[call.position for call in writes],
        suppressed=[signal for signal in fired if signal.code in off],
        turns=len(conversation.turns),
        transition=transition(conversation, calls, tipping_turn(signals, fault, candidates, calls)) if failed else None,
        traits=traits(seen),
        suspected=suspected,
        signs=signs,
    )


def traits(seen: Observed) -> dict[str, float]:
    """Lengths and counts by their names in words, as logarithms, so that a few endless conversations don't rule."""
    asked, answered = sum(len(text.words) for text in seen.user), sum(len(text.words) for text in seen.bot)
    counts = {
        "number of turns": len(seen.conversation.turns),
        "turns of the user": len(seen.user),
        "words of the user": asked,
        "words of the bot": answered,
        "words a reply": answered / max(1, len(seen.bot)),
        "tool calls": len(seen.calls),
        "tool errors": len(seen.errors),
        "changes made": sum(call.kind == "write" and call.succeeded for call in seen.calls),
    }
    logarithms = {name: math.log1p(count) for name, count in counts.items()}
    if (share := unsupported(seen)) is not None:
        logarithms["share of the answer that is in no document"] = share
    return logarithms


def verdict(outcome: Outcome, signals: Sequence[Signal], failed: bool, human: HumanVerdict | None = None) -> str:
    """Why it counts as failing or not, in one sentence."""
    if human is not None:
        log = f", which outranks the log's {outcome.reason}" if outcome.failed not in (None, failed) else ""
        return f"{'Failing' if failed else 'Not failing'}: {human.by} found so{log}."
    counted = list(
        dict.fromkeys(signal.code for signal in signals if WEIGHTS[signal.strength] and signal.code != LOGS_WORD)
    )
    many = f"{len(counted)} signal{'s' if len(counted) != 1 else ''}"
    if outcome.failed:
        return f"Failing: the log gives {outcome.reason}."
    if outcome.failed is False:
        return f"Not failing: the log gives {outcome.reason}" + (
            f", which outranks the {many} below." if counted else "."
        )
    total = score(list(signals))
    names = ", ".join(REGISTRY[code].title for code in counted)
    if failed:
        strong = next((signal for signal in signals if signal.strength == "strong"), None)
        if strong:
            where = "" if strong.position is None else f" (turn {strong.position})"
            return f"Failing: {REGISTRY[strong.code].title}{where}."
        return f"Failing: {many} add up to {total:g}: {names}."
    if total >= SUSPECTED_FROM:
        return f"Suspected: {names}. That proves nothing, and neither the log nor a person says how it went."
    if counted:
        return f"Not failing: {names}, too little to suspect anything; the log itself does not say."
    return "Not failing: no signal fired; the log itself does not say."


def severity(signals: Sequence[Signal], wrote: bool) -> Severity:
    """A suggestion: S1 where a write was made, else the gravest that the signals' registration says, S4 without any."""
    return "S1" if wrote else min((REGISTRY[signal.code].severity for signal in signals), default="S4")
