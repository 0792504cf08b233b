"""What the user said of it in so many stars."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.failures.signals.registry import Hit, Observed, signal


@signal("thumbs-down", "strong", "thumbs-down from the user", blind_without=("feedback",))
def thumbs_down(seen: Observed) -> Iterator[Hit]:
    """The user rated a turn −1, or the conversation in the lower two fifths of the bot's feedback scale."""
    for turn in seen.conversation.turns:
        if turn.feedback is not None and turn.feedback < 0:
            yield Hit(turn.position, f"feedback {turn.feedback}")
    score = seen.conversation.feedback_score
    if score is not None and seen.norms.feedback_scale and seen.norms.bad_feedback(score):
        low, high = seen.norms.feedback_scale
        yield Hit(None, f"feedback score {score:g} on a scale of {low:g} to {high:g}, as the bot's scores suggest")
