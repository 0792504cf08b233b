"""The user is gone, and the last thing that happened was no answer. The log's own word is in the family `outcome`."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.conversation.roles import is_bot
from workbench.failures.signals.language import find_phrase, quotation, says_something
from workbench.failures.signals.registry import Hit, Observed, Utterance, last_before, signal
from workbench.text.tokens import how_many

_FEWEST_WORDS = 2


@signal("left-unanswered", "weak", "ends without an answer", blind_without=("user_words", "bot_words"))
def left_unanswered(seen: Observed) -> Iterator[Hit]:
    """The conversation ends with the user's words, which are no goodbye; the bot had answered before, and nobody took over."""
    if not seen.user or not seen.bot or _handed_over(seen):
        return
    last = seen.user[-1]
    after = (turn for turn in seen.conversation.turns[last.position + 1 :] if is_bot(turn.role))
    if how_many(last.words) >= _FEWEST_WORDS and not _content(last) and next(after, None) is None:
        yield Hit(last.position, quotation(last.text))


@signal("left-unserved", "weak", "left after no real answer", blind_without=("user_words", "bot_words"))
def left_unserved(seen: Observed) -> Iterator[Hit]:
    """The bot's last reply refused, knew nothing or followed an error that was not made good; the user said no more."""
    if not seen.bot or _handed_over(seen) or seen.norms.brief:
        return
    last = seen.bot[-1]
    asked = last_before(seen.user, last.position)
    if asked is None or asked is not seen.user[-1] or _content(asked):
        return
    tried = [call for call in seen.calls if call.position > asked.position]
    phrase = find_phrase(last.spoken, "refusal") or find_phrase(last.spoken, "unknown")
    if phrase:
        yield Hit(last.position, quotation(last.text, phrase))
    elif tried and tried[-1].error:
        yield Hit(last.position, f"{tried[-1].name} failed: {tried[-1].error.message}; then: {quotation(last.text)}")


def _handed_over(seen: Observed) -> bool:
    return seen.outcome.value == "escalated" or any(call.kind == "handover" and not call.error for call in seen.calls)


def _content(utterance: Utterance) -> bool:
    """Whether these words of the user's end a conversation: a goodbye, or nothing that asks for an answer."""
    return find_phrase(utterance.spoken, "farewell") is not None or not says_something(utterance.text)
