"""What held the bot back, or should have: filters, refusals. Over- and under-blocking only as far as the log shows it."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.conversation import Turn
from workbench.conversation.roles import is_bot
from workbench.failures.signals.language import find_phrase, quotation, spoken
from workbench.failures.signals.registry import Hit, Observed, Utterance, first_after, signal
from workbench.failures.signals.user import phrase_hits
from workbench.text.tokens import how_many

FILTERED = frozenset(
    {
        *("content_filter", "content-filter", "safety", "refusal", "guardrail_intervened"),
        *("prohibited_content", "blocklist", "spii", "image_safety"),
    }
)
"""Finish reasons that name a filter, as the providers' models give them."""
_SAME_SHARE = 0.5
_FEWEST_WORDS = 3
_LOOKED_BACK = 50  # requests; keeps an endless conversation from costing its length squared


def blocked(turn: Turn) -> bool:
    """Whether the log says that a filter stopped this turn of the bot's."""
    if not is_bot(turn.role):
        return False
    named = turn.finish_reason is not None and turn.finish_reason.lower() in FILTERED
    return named or bool(turn.error and find_phrase(spoken(turn.error), "filter"))


@signal("filter-block", "strong", "blocked by a filter", blind_without=("bot_words",))
def filter_block(seen: Observed) -> Iterator[Hit]:
    """A reply was stopped by a content filter (finish reason content_filter, or an error that says so)."""
    for turn in seen.conversation.turns:
        if (turn.finish_reason or turn.error) and blocked(turn):
            cause = (
                f"finish reason {turn.finish_reason}" if turn.finish_reason else f"error: {quotation(turn.error or '')}"
            )
            yield Hit(turn.position, cause)


@signal("refused-and-served", "weak", "same request refused and served", blind_without=("user_words", "bot_words"))
def refused_and_served(seen: Observed) -> Iterator[Hit]:
    """The bot refused one of two requests in much the same words and served the other: one of the two was wrong."""
    earlier: list[tuple[Utterance, frozenset[str], bool]] = []
    for asked in seen.user:
        content = frozenset(asked.content)
        reply = first_after(seen.bot, asked.position)
        if how_many(content) < _FEWEST_WORDS or reply is None:
            continue
        refuses = blocked(reply.turn) or find_phrase(reply.spoken, "refusal") is not None
        if not refuses and ("?" in reply.text or find_phrase(reply.spoken, "unknown")):
            continue  # neither refused nor served
        for before, other, refused in earlier[-_LOOKED_BACK:]:
            if refused is not refuses and len(content & other) >= _SAME_SHARE * len(content | other):
                order = (
                    f"refused after turn {before.position}, served"
                    if refused
                    else f"served after turn {before.position}, refused"
                )
                yield Hit(reply.position, f"{order} here: {quotation(asked.text)}")
                break
        earlier.append((asked, content, refuses))


@signal("refusal", "shown", "bot says it can't", blind_without=("bot_words",), stated=True)
def refusal(seen: Observed) -> Iterator[Hit]:
    """The bot says that it can't or may not."""
    return phrase_hits(seen.bot, seen.bot_words, "refusal")
