"""What reading found, in the words that people read."""

from __future__ import annotations

from workbench.estimate import LEAST, Interval
from workbench.reading import RANDOM_KINDS, Saturation
from workbench.reading_desk import Estimated
from workbench.text import formatting


def interval(of: Interval) -> str:
    """Like "24 % (19–30 %)"."""
    return f"{formatting.percent(of.value)} ({formatting.interval(of.low, of.high)})"


def sample(found: Estimated | None) -> str:
    """What an estimate rests on, or how far it is from one."""
    if found is None:
        return "Nothing was drawn at random yet. A reading list that is mixed or at random draws some."
    one = found.estimate
    said = f"{one.read:,} of {formatting.count(one.population, 'conversation')} read at random, {one.failures:,} of them failed"
    if found.unsure:
        said += f"; {found.unsure:,} that nobody could tell are left out"
    if one.rate is None:
        said += f". From {LEAST} on there is an estimate"
    if found.outdated:
        said += ". The data or the signals changed since these were drawn: a new list draws from what is there now"
    return said + "."


def missed(found: Estimated) -> str:
    """How many failures the signals miss."""
    one = found.estimate.missed
    if one is None:
        return "No unflagged conversation was read at random yet."
    return f"About {one.value:,.0f} failures are not flagged ({one.low:,.0f}–{one.high:,.0f})."


def saturation(seen: Saturation) -> str:
    """How much of what goes wrong was seen."""
    if not seen.read:
        return "Nothing was read yet."
    if not seen.failures or seen.since is None:
        return f"{formatting.count(seen.read, 'conversation')} read, and none of them failed so far."
    last = "the last one read showed a new one" if seen.since == 0 else f"the last new one {seen.since:,} ago"
    return f"{formatting.count(seen.kinds, 'kind')} of failure in {seen.read:,} read; {last}."


def unseen(seen: Saturation) -> str:
    """What share of failures is of a kind that nobody has read."""
    if seen.unseen is None:
        return (
            f"{formatting.count(seen.random, 'failure')} met at random so far; from {RANDOM_KINDS} on this says how many failures "
            "are of a kind that nobody has read yet."
        )
    return f"About {formatting.percent(seen.unseen)} of failures are of a kind not seen yet (from {seen.random:,} failures met at random)."
