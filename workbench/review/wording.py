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


def sample(estimated: Estimated | None) -> str:
    """What an estimate rests on, or how far it is from one."""
    if estimated is None:
        return "Nothing was drawn at random yet. A reading list that is mixed or at random draws some."
    estimate = estimated.estimate
    sentence = f"{estimate.read:,} of {formatting.count(estimate.population, 'conversation')} read at random, {estimate.failures:,} of them failed"
    if estimated.unsure:
        sentence += f"; {estimated.unsure:,} that nobody could tell are left out"
    if estimate.rate is None:
        sentence += f". From {LEAST} on there is an estimate"
    if estimated.outdated:
        sentence += ". The data or the signals changed since these were drawn: a new list draws from what is there now"
    return sentence + "."


def missed(estimated: Estimated) -> str:
    """How many failures the signals miss."""
    missed_share = estimated.estimate.missed
    if missed_share is None:
        return "No unflagged conversation was read at random yet."
    return (
        f"About {missed_share.value:,.0f} failures are not flagged ({missed_share.low:,.0f}–{missed_share.high:,.0f})."
    )


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


def same(agreement: Agreement) -> str:
    """How many conversations got the same code from all."""
    if not agreement.compared:
        who = agreement.raters[0] if agreement.raters else "Nobody"
        return f"{who} voted alone: no conversation has two votes, so there is nothing to compare."
    low, high = wilson(agreement.same, agreement.compared)
    sentence = f"{len(agreement.raters)} people, {formatting.count(agreement.compared, 'conversation')} with two votes or more. "
    if agreement.same == agreement.compared:
        return sentence + f"Nobody disagreed (95 % interval of such agreement: {formatting.interval(low, high)})."
    return (
        sentence
        + f"All said the same on {agreement.same} ({formatting.percent(agreement.same / agreement.compared)}, 95 % interval {formatting.interval(low, high)})."
    )


def alpha_so_far(alpha: Alpha) -> str:
    """How far readers agree before all is read, in a sentence."""
    if alpha.value is None:
        return "Too little was read by two or more to tell how far they agree."
    return f"Krippendorff's alpha so far: {figure(alpha)}, over what two or more were sure of."


def figure(alpha: Alpha) -> str:
    """Alpha with its interval: "0.62 (0.41 to 0.80)"."""
    if alpha.value is None:
        return "–"
    return f"{alpha.value:.2f}" + (
        "" if alpha.low is None or alpha.high is None else f" ({alpha.low:.2f} to {alpha.high:.2f})"
    )


def reliable(agreement: Agreement) -> str:
    """What alpha means here, and what stands against trusting it."""
    alpha = agreement.alpha
    if not agreement.compared:
        return ""
    if alpha.value is None:
        return "Everybody gave the same answer: alpha can't tell agreement from a code that is always said."
    if agreement.same == agreement.compared:
        return f"Alpha is 1. There is no interval: resampling can't doubt what nobody disputed{_few(agreement)}."
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


def _few(agreement: Agreement) -> str:
    return (
        ""
        if agreement.compared >= FEWEST
        else f", and {formatting.count(agreement.compared, 'conversation')} say little"
    )
