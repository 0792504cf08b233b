"""Silent harm: the bot changed something wrongly, and the customer left satisfied, so that nobody will complain.

What speaks for a wrong change is counted in points, so that the worst come first; each row says what that is. None of it proves
anything: it says which conversations to read before others, and that their customers may have to be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.bench.wording import signal_title
from workbench.conversation import Conversation
from workbench.conversation.masked import masked
from workbench.conversation.roles import is_user
from workbench.conversation.tool_calls import CallKind, bot_calls
from workbench.evidence.analysis_tables import SignalRecord
from workbench.evidence.cluster_tables import BehaviourRecord
from workbench.evidence.harm import ChangeRecord
from workbench.failures.signals import REGISTRY
from workbench.failures.signals.language import find_phrase, plain, spoken
from workbench.judgement.effective_label import effective_label
from workbench.judgement.verdicts import agreed_verdict
from workbench.text.formatting import EXCERPT, excerpt, shortened
from workbench.text.masking import mask

LOOKED_AT = 1_000
"""Conversations that are looked at, the newest first: of each the last words are read from the log."""
LEAST = 2
"""Points from which a change counts as wrong: a write in a failing conversation alone has one."""
SAID, STRONG, MEDIUM, FAILED = 3, 3, 2, 1
"""Points of a person's word, of a strong signal or a cluster's own action, of a medium signal, and of a failure that the log tells."""
_UNHAPPY = ("complaint", "correction", "asks-for-person", "thumbs-down", "user-repeats")
_UNHAPPY_WORDS = ("complaint", "correction", "person")
_OF_CHANGES = frozenset({"repeated-write"})
"""Signals of changes beside those that suggest S1."""
_QUESTION = frozenset("?？؟")


@dataclass(frozen=True)
class HarmRow:
    """A conversation whose customer left satisfied though the bot probably changed something wrongly."""

    conversation_id: str
    """Its logged id."""
    bot: str
    """Its bot."""
    started_at: datetime | None
    """When it began, naive UTC."""
    week: str | None
    """The week in which it began."""
    release: str | None
    """The bot's release, masked."""
    points: int
    """How much speaks for a wrong change; the worst comes first."""
    why: list[str]
    """What speaks for it, in words, masked."""
    changed: list[str]
    """The tools by which something was changed, each once, masked."""
    turn: int
    """The turn of the first change that is in doubt."""
    last_words: str
    """What the user said last, masked."""
    request: str
    """What was asked, masked."""
    tier: str
    """failing or suspected."""
    cluster: str | None
    """Its cluster."""
    cluster_name: str | None
    """What the cluster is called, masked."""
    key: str = ""
    """The conversation's key, for pages."""


@dataclass(frozen=True)
class SilentHarm:
    """What was found, and in how much."""

    rows: list[HarmRow]
    """The worst first, of these the newest."""
    looked_at: int
    """Failing and suspected conversations with a change that were looked at."""
    total: int
    """How many there are of these."""


def silent_harm(bench: Bench, filter: Filter = Filter()) -> SilentHarm:  # noqa: B008 - frozen
    """The silent harm in the scope (bot, release, week, time) of a filter."""
    return bench.remember(("silent harm", filter), lambda: _sought(bench, filter))


def _sought(bench: Bench, filter: Filter) -> SilentHarm:
    records = bench.evidence.changes(filter, LOOKED_AT)
    keys = [record.key for record in records]
    conversations = {each.key: each for each in bench.evidence.conversations(keys)}
    signals: dict[str, list[SignalRecord]] = {}
    for hit in bench.evidence.signals_of(keys):
        signals.setdefault(hit.key, []).append(hit)
    parted = {name: bench.evidence.parted(name) for name in {record.cluster for record in records if record.cluster}}
    tools = bench.settings().get("tools", {})
    rows = [
        row
        for record in records
        if (
            row := _harm(
                bench,
                record,
                conversations[record.key],
                signals.get(record.key, []),
                parted.get(record.cluster or "", []),
                tools.get(record.bot, {}),
            )
        )
    ]
    rows.sort(key=lambda row: -row.points)  # stable: the newest of as many points stays first
    return SilentHarm(rows, len(records), records[0].total if records else 0)


@dataclass(frozen=True)
class _Reason:
    """One thing that speaks for a wrong change."""

    points: int
    """How much."""
    text: str
    """In words."""
    turn: int | None = None
    """The change that it is about; None: any."""


def _harm(
    bench: Bench,
    record: ChangeRecord,
    conversation: Conversation,
    hits: Sequence[SignalRecord],
    parted: Sequence[BehaviourRecord],
    tools: Mapping[str, CallKind],
) -> HarmRow | None:
    """The conversation as a row; None where the user did not leave satisfied or too little speaks for a wrong change."""
    first = min(record.writes)
    words = last_words(conversation, first)
    if words is None or any(hit.code in _UNHAPPY and (hit.position is None or hit.position > first) for hit in hits):
        return None
    calls = [call for call in bot_calls(conversation, tools) if call.position in record.writes and call.kind == "write"]
    changed = list(dict.fromkeys(call.name for call in calls))
    reasons = [
        *_said(bench, record),
        *of_signals(hits),
        *of_cluster(parted, {call.name: call.position for call in reversed(calls)}),
        *_of_log(record),
    ]
    points = sum(reason.points for reason in reasons)
    if points < LEAST or not changed:
        return None
    hidden = masked(conversation)
    shown = next(turn.content for turn in hidden.turns if turn.position == words)
    return HarmRow(
        record.conversation_id,
        record.bot,
        record.started_at,
        record.week,
        record.release and mask(record.release),
        points,
        [mask(reason.text) for reason in reasons],
        [mask(name) for name in changed],
        next((reason.turn for reason in reasons if reason.turn is not None), first),
        shortened(" ".join(plain(shown).split()), EXCERPT),
        excerpt(record.request),
        "failing" if record.failed else "suspected",
        record.cluster,
        record.cluster_name and mask(record.cluster_name),
        record.key,
    )


def last_words(conversation: Conversation, changed: int) -> int | None:
    """The position of the user's last words, where they came after the change at `changed` and are content; else None.

    Content is what ends a conversation in a friendly way (the word list `farewell` of each language), or a thumb up for what
    the bot did from there on; nothing in it asks, complains, corrects or wants a person.
    """
    turns = [turn for turn in conversation.turns if is_user(turn.role) and plain(turn.content)]
    if not turns or turns[-1].position <= changed:
        return None
    last = turns[-1]
    if not _QUESTION.isdisjoint(last.content):
        return None
    words = spoken(plain(last.content))
    thumbs = [turn.feedback for turn in conversation.turns if turn.feedback and turn.position >= changed]
    content = find_phrase(words, "farewell") is not None or (bool(thumbs) and min(thumbs) > 0)
    return last.position if content and not any(find_phrase(words, name) for name in _UNHAPPY_WORDS) else None


def of_signals(hits: Sequence[SignalRecord]) -> Iterator[_Reason]:
    """What the signals that are about changes say, each once; a call that failed changed nothing."""
    seen: set[str] = set()
    for hit in hits:
        of_changes = hit.code in _OF_CHANGES or (hit.code in REGISTRY and REGISTRY[hit.code].severity == "S1")
        if of_changes and hit.code not in seen and hit.strength in ("strong", "medium"):
            seen.add(hit.code)
            points = STRONG if hit.strength == "strong" else MEDIUM
            yield _Reason(points, f"{signal_title(hit.code)} ({hit.evidence})", hit.position)


def of_cluster(parted: Sequence[BehaviourRecord], called: dict[str, int]) -> Iterator[_Reason]:
    """The clearest change that parts its cluster's failures from the same requests that worked, where it was made here."""
    for row in parted:
        rarer = row.worked and row.failures and row.failing / row.failures > row.working / row.worked
        if row.name in called and rarer:
            yield _Reason(
                STRONG,
                f"{row.name} in {row.failing:,} of {row.failures:,} failures like it, in {row.working:,} of {row.worked:,} that worked",
                called[row.name],
            )
            return


def _said(bench: Bench, record: ChangeRecord) -> Iterator[_Reason]:
    """What people said: that the conversation, or its cluster, acted wrongly (S1), or that it failed."""
    overlay = bench.overlay()
    label = effective_label(overlay.labels, record.key, record.cluster)
    if label is not None and label.severity == "S1":
        of = "it" if label.target_kind == "conversation" else "its cluster"
        yield _Reason(SAID, f"{label.decided_by or label.by} said of {of}: acted wrongly (S1)")
    if agreed_verdict(overlay.verdicts.get(record.key, ())) == "failed":
        yield _Reason(MEDIUM, "who read it found that it failed")


def _of_log(record: ChangeRecord) -> Iterator[_Reason]:
    if record.failed:
        whose = "the log says that it failed" if record.logged else "it fails by its signals"
        yield _Reason(FAILED, f"{whose}, and it changed something")
