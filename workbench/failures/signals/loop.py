"""No progress: the same thing again and again, or far more turns than usual."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator

from workbench.conversation.roles import is_user
from workbench.failures.signals.language import quotation
from workbench.failures.signals.registry import Hit, Observed, Utterance, signal
from workbench.text.tokens import how_many

_ENOUGH = 3
_FEWEST_WORDS = 5


@signal("same-call-loop", "strong", "same call in a loop", blind_without=("bot_words", "tool_calls"), severity="S3")
def same_call_loop(seen: Observed) -> Iterator[Hit]:
    """The bot made the same call three or more times in a row, with no user turn between."""
    if len(seen.calls) < _ENOUGH:
        return
    users = [turn.position for turn in seen.conversation.turns if is_user(turn.role)]
    run = [seen.calls[0]]
    for call in [*seen.calls[1:], None]:
        if call and call.same_as(run[-1]) and bisect(users, run[-1].position) == bisect(users, call.position):
            run.append(call)
            continue
        if len(run) >= _ENOUGH:
            yield Hit(
                run[1].position,
                f"{run[0].name} {len(run)} times in a row, turns {run[0].position} to {run[-1].position}",
            )
        if call:
            run = [call]


@signal("same-reply", "strong", "same reply three times", blind_without=("bot_words",), severity="S3")
def same_reply(seen: Observed) -> Iterator[Hit]:
    """The bot said the same thing, word for word, three or more times (at least 5 words)."""
    if len(seen.bot) < _ENOUGH:
        return
    times: dict[str, list[Utterance]] = {}
    for utterance in seen.bot:
        times.setdefault(utterance.spoken, []).append(utterance)
    for turns in times.values():
        if len(turns) >= _ENOUGH and how_many(turns[0].words) >= _FEWEST_WORDS:
            yield Hit(turns[1].position, f"{len(turns)} times: {quotation(turns[0].text)}")


@signal("too-long", "medium", "far longer than usual")
def too_long(seen: Observed) -> Iterator[Hit]:
    """Longer than the bot's upper quartile by more than 1.5 times the quartiles' distance (Tukey's fence)."""
    length = len(seen.conversation.turns)
    if seen.norms.long_from is not None and length >= seen.norms.long_from:
        yield Hit(None, f"{length} turns; half of this bot's conversations have at most {seen.norms.usual_length}")
