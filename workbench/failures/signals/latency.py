"""How long the user had to wait."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.failures.signals.observation import waits
from workbench.failures.signals.registry import Hit, Observed, signal


@signal("slow-reply", "shown", "far slower than usual", blind_without=("bot_words",))
def slow_reply(seen: Observed) -> Iterator[Hit]:
    """A reply or call took longer than nearly all of the bot's (Tukey's fence over logarithms, at least 10 s)."""
    if seen.norms.slow_from is None or seen.norms.usual_wait is None:
        return
    slowest = max(waits(seen.conversation), key=lambda wait: wait.seconds, default=None)
    if slowest is not None and slowest.seconds >= seen.norms.slow_from:
        yield Hit(slowest.position, f"{slowest.seconds:.0f} s; this bot usually takes {seen.norms.usual_wait:.1f} s")
