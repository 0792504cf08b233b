"""How far people who labelled the same conversations agree: alpha, kappa, what is confused with what. Pure statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Votes = Sequence[Mapping[str, str]]
"""Of each conversation what each rater said: rater → code. Who said nothing is not in it."""

RESAMPLES = 2_000
FEWEST = 10
"""Conversations with two votes or more from which on an interval is told: resampling fewer would only feign one."""
FEWEST_SAID = 5
"""Conversations in which a code was said, from which on its own alpha has an interval."""
SEED = 20_111_025


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha."""

    value: float | None
    """1 is full agreement, 0 what chance would give; None where everybody said one and the same."""
    low: float | None = None
    """The lower 95 % bound; None where there are too few conversations for that."""
    high: float | None = None
    """The upper 95 % bound."""


@dataclass(frozen=True)
class CodeAlpha:
    """How far raters agree where one code ends."""

    code: str
    """A root cause, or what stands for "nothing to fix"."""
    votes: int
    """Votes that gave it."""
    conversations: int
    """Conversations in which somebody gave it."""
    alpha: Alpha
    """Krippendorff's alpha of this code against all others."""


@dataclass(frozen=True)
class Confused:
    """Two codes given to the same conversation, in how many of them."""

    first: str
    """One code, by the alphabet."""
    second: str
    """The other."""
    conversations: int
    """In how many."""


@dataclass(frozen=True)
class Agreement:
    """What the votes on a sample add up to."""

    raters: list[str]
    """By name."""
    compared: int
    """Conversations with two votes or more."""
    same: int
    """Those of them in which all agree."""
    alpha: Alpha
    """Over all codes."""
    kappa: float | None
    """Cohen's, where just two people voted."""
    by_code: list[CodeAlpha]
    """Where one code ends, the most frequent first."""
    confused: list[Confused]
    """Pairs of codes, the most frequent first."""
    codes: list[str]
    """In the order of the matrix."""
    coincidences: NDArray[np.float64]
    """(codes, codes): how often two votes on the same conversation are this pair, each conversation counting as much as it has votes (Krippendorff 2011)."""


def agreement(votes: Votes, resamples: int = RESAMPLES, seed: int = SEED) -> Agreement:
    """All that is told of a round's votes; conversations with fewer than two votes say nothing of agreement."""
    raters = sorted({rater for by_rater in votes for rater in by_rater})
    pairable = [by_rater for by_rater in votes if len(by_rater) > 1]
    totals = Counter(code for by_rater in pairable for code in by_rater.values())
    codes = sorted(totals, key=lambda code: (-totals[code], code))
    counts = code_counts(pairable, codes)
    return Agreement(
        raters,
        len(pairable),
        sum(len(set(by_rater.values())) == 1 for by_rater in pairable),
        alpha(counts, resamples, seed),
        cohen_kappa(*_of_two(pairable, raters)) if len(raters) == 2 and pairable else None,
        [_of_code(code, totals[code], counts, n, resamples, seed) for n, code in enumerate(codes)],
        _confused(pairable),
        codes,
        coincidences(counts),
    )


def code_counts(votes: Votes, codes: Sequence[str]) -> NDArray[np.float64]:
    """How many raters gave each code to each conversation, (conversations, codes)."""
    place = {code: n for n, code in enumerate(codes)}
    counts = np.zeros((len(votes), len(codes)))
    for row, by_rater in zip(counts, votes, strict=True):
        for code in by_rater.values():
            row[place[code]] += 1
    return counts


def alpha(counts: NDArray[np.float64], resamples: int = RESAMPLES, seed: int = SEED) -> Alpha:
    """Krippendorff's nominal alpha (2011) of (conversations, codes), with a 95 % interval.

    The interval is the percentile bootstrap over conversations (Zapf et al. 2016). There is none below `FEWEST`
    conversations, nor where nobody disagreed: every resample would say 1.
    """
    counts = counts[counts.sum(1) > 1]
    value = float(_alphas(counts, np.ones((1, len(counts))))[0]) if len(counts) else np.nan
    if np.isnan(value):
        return Alpha(None)
    if len(counts) < FEWEST or value == 1:
        return Alpha(value)
    weights = np.random.default_rng(seed).multinomial(len(counts), np.full(len(counts), 1 / len(counts)), resamples)
    drawn = _alphas(counts, weights.astype(np.float64))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])  # a resample in which all say the same has no alpha
    return Alpha(value, float(low), float(high))


def _alphas(counts: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Alpha with each row of `weights`, (resamples, conversations), as how often a conversation counts; NaN where undefined.

    1 - observed / expected disagreement, both as sums over the coincidence matrix's cells off its diagonal.
    """
    raters = counts.sum(1)
    disagreeing = (raters**2 - (counts**2).sum(1)) / (raters - 1)
    totals = weights @ counts
    n = totals.sum(1)
    expected = (n**2 - (totals**2).sum(1)) / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        alphas: NDArray[np.float64] = np.where(expected > 0, 1 - (weights @ disagreeing) / expected, np.nan)
    return alphas


def coincidences(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Krippendorff's coincidence matrix of (conversations, codes), (codes, codes): it sums to the number of votes."""
    pairs = counts[counts.sum(1) > 1]
    matrix: NDArray[np.float64] = sum(
        ((np.outer(row, row) - np.diag(row)) / (row.sum() - 1) for row in pairs),
        start=np.zeros((counts.shape[1], counts.shape[1])),
    )
    return matrix


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Cohen's kappa (1960) of what two raters said of the same conversations; None where both said only one and the same."""
    n = len(first)
    mine, theirs = Counter(first), Counter(second)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    expected = sum(mine[code] * theirs[code] for code in mine) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def _of_two(votes: Votes, raters: Sequence[str]) -> tuple[list[str], list[str]]:
    return [by_rater[raters[0]] for by_rater in votes], [by_rater[raters[1]] for by_rater in votes]


def _of_code(code: str, votes: int, counts: NDArray[np.float64], column: int, resamples: int, seed: int) -> CodeAlpha:
    """One code's alpha against all others; without an interval where it was hardly said."""
    against_rest = np.stack([counts[:, column], counts.sum(1) - counts[:, column]], axis=1)
    conversations = int((counts[:, column] > 0).sum())
    estimate = alpha(against_rest, resamples, seed)
    return CodeAlpha(code, votes, conversations, estimate if conversations >= FEWEST_SAID else Alpha(estimate.value))


def _confused(votes: Votes) -> list[Confused]:
    """Codes that met in one conversation, the most frequent pair first."""
    pairs = Counter(pair for by_rater in votes for pair in combinations(sorted(set(by_rater.values())), 2))
    return [Confused(*pair, times) for pair, times in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))]


def most_divided(votes: Votes) -> list[int]:
    """The places of the conversations on which not all said the same: those where the fewest pairs of raters agree first."""

    def agreeing(by_rater: Mapping[str, str]) -> float:
        pairs = list(combinations(by_rater.values(), 2))
        return sum(a == b for a, b in pairs) / len(pairs)

    divided = [n for n, by_rater in enumerate(votes) if len(set(by_rater.values())) > 1]
    return sorted(divided, key=lambda n: (agreeing(votes[n]), -len(votes[n]), n))
