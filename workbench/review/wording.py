"""What reading found, in the words that people read."""

from __future__ import annotations

from workbench.review.agreement import FEWEST, RESAMPLES, Agreement, Alpha
from workbench.review.estimate import LEAST, Interval
from workbench.review.reading_lists import Estimated
from workbench.review.sampling import RANDOM_KINDS, Saturation
from workbench.stats import wilson
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


USABLE, GOOD = 0.667, 0.8
"""Krippendorff's own cuts (Content Analysis, 2004, p. 241): below the first not to be used, from the second reliable."""


def same(found: Agreement) -> str:
    """How many conversations got the same code from all."""
    if not found.compared:
        who = found.raters[0] if found.raters else "Nobody"
        return f"{who} voted alone: no conversation has two votes, so there is nothing to compare."
    low, high = wilson(found.same, found.compared)
    told = f"{len(found.raters)} people, {formatting.count(found.compared, 'conversation')} with two votes or more. "
    if found.same == found.compared:
        return told + f"Nobody disagreed (95 % interval of such agreement: {formatting.interval(low, high)})."
    return (
        told
        + f"All said the same on {found.same} ({formatting.percent(found.same / found.compared)}, 95 % interval {formatting.interval(low, high)})."
    )


def figure(alpha: Alpha) -> str:
    """Alpha with its interval: "0.62 (0.41 to 0.80)"."""
    if alpha.value is None:
        return "–"
    return f"{alpha.value:.2f}" + (
        "" if alpha.low is None or alpha.high is None else f" ({alpha.low:.2f} to {alpha.high:.2f})"
    )


def reliable(found: Agreement) -> str:
    """What alpha means here, and what stands against trusting it."""
    alpha = found.alpha
    if not found.compared:
        return ""
    if alpha.value is None:
        return "Everybody said one and the same: alpha can't tell agreement from a code that is always said."
    if found.same == found.compared:
        return f"Alpha is 1. There is no interval: resampling can't doubt what nobody disputed{_few(found)}."
    if alpha.low is None or alpha.high is None:
        return f"Alpha is {alpha.value:.2f}; too few conversations for an interval (it takes {FEWEST}), so read the disagreements instead."
    verdict = (
        "reliable (0.80 and more) even at the lower end of the interval"
        if alpha.low >= GOOD
        else "too low to count with (below 0.67), even at the upper end of the interval: define the codes anew"
        if alpha.high < USABLE
        else "undecided: the interval holds both what is usable (0.67 and more) and what is not; label more together"
        if alpha.low < USABLE
        else "good enough for tentative conclusions (0.67 and more)"
    )
    return f"Alpha is {verdict}. The interval is of {RESAMPLES:,} resamples of the conversations."


def _few(found: Agreement) -> str:
    return "" if found.compared >= FEWEST else f", and {formatting.count(found.compared, 'conversation')} say little"
