"""What the bot's own replies show."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from workbench.conversation.roles import is_bot, is_user
from workbench.failures.signals.guardrail import blocked
from workbench.failures.signals.language import find_phrase, key_words, quotation, sentences, spoken
from workbench.failures.signals.registry import Hit, Observed, first_after, last_before, signal
from workbench.failures.signals.user import phrase_hits

_CUT_OFF = frozenset({"length", "max_tokens", "max_output_tokens"})


@signal("empty-reply", "strong", "empty reply", blind_without=("bot_words",), severity="S3")
def empty_reply(seen: Observed) -> Iterator[Hit]:
    """The bot answered with nothing and no filter stopped it: no text, no call, then the user's turn or the end."""
    turns = seen.conversation.turns
    for place, turn in enumerate(turns):
        if not is_bot(turn.role) or turn.tool_calls or turn.content.strip() or blocked(turn):
            continue
        if place + 1 == len(turns) or is_user(turns[place + 1].role):
            yield Hit(turn.position, f"no text and no call{f'; error: {turn.error}' if turn.error else ''}")


@signal("cut-off", "strong", "output cut off", blind_without=("bot_words",))
def cut_off(seen: Observed) -> Iterator[Hit]:
    """A reply ended at the output limit (finish reason length)."""
    for turn in seen.conversation.turns:
        if turn.finish_reason and is_bot(turn.role) and turn.finish_reason.lower() in _CUT_OFF:
            yield Hit(turn.position, f"finish reason {turn.finish_reason}")


@signal(
    "promise-without-call",
    "weak",
    "promise without a call",
    blind_without=("bot_words",),
    blind_in_log_without=("tool_calls",),
)
def promise_without_call(seen: Observed) -> Iterator[Hit]:
    """A bot that has tools said that it acts now, and made no call since the user's turn nor before it spoke again."""
    if not seen.norms.calls_tools or seen.bot_words.isdisjoint(key_words("promise")):
        return
    called = [call.position for call in seen.calls]
    for utterance in seen.bot:
        sentence = promise(utterance.text)
        if not sentence:
            continue
        asked, next_reply = last_before(seen.user, utterance.position), first_after(seen.bot, utterance.position)
        since = bisect_right(called, asked.position if asked else -1)
        until = bisect_right(called, next_reply.position) if next_reply else len(called)
        if since == until:
            yield Hit(utterance.position, quotation(sentence))


def promise(text: str) -> str | None:
    """The sentence that promises an act now: none in a turn that asks, or whose sentence makes a condition ("once you …")."""
    if "?" in text:
        return None
    for sentence in sentences(text):
        sentence_words = spoken(sentence)
        if find_phrase(sentence_words, "promise") and not find_phrase(sentence_words, "condition"):
            return sentence
    return None


@signal("handover-words", "shown", "bot speaks of a hand-over", blind_without=("bot_words",))
def handover_words(seen: Observed) -> Iterator[Hit]:
    """The bot says that a person will take over."""
    return phrase_hits(seen.bot, seen.bot_words, "handover")


@signal("apology", "shown", "bot apologises", blind_without=("bot_words",))
def apology(seen: Observed) -> Iterator[Hit]:
    """The bot apologises."""
    return phrase_hits(seen.bot, seen.bot_words, "apology")
