"""A score from ten verdicts of either sort on: what carries over from bot to bot, and what this bot's labels add to it.

Features are the same for every bot: lengths and counts beside what is usual for the bot, signals, their sum. Their weights start at
those learned from other bots' outcomes (`few_labels_prior.toml`) and move as far as the labels ask. How conversations went here, by
their calls, is put into a few directions of all that was logged, labelled or not; those start at nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.failures.facets import SIGNAL, STEP, TRAIT, Contributions, Facets, strongest, table
from workbench.failures.logistic_regression import Flags, Floats, Prior, cross_fitted, fitted
from workbench.failures.signals import REGISTRY

FEW = 10
"""Labels of either sort from which a score is learned."""
DIRECTIONS = 10
"""Directions that the calls of a bot's conversations are put into."""
STRENGTH, STRENGTH_HERE = 5.0, 10.0
"""Precision of the prior of what carries over, and of the directions."""
SUM = "signals added up"
_LEAST_SPREAD = 1e-9
_FEWEST_SEEN, _MOST_STEPS = 3, 1000
"""Conversations that have a step that counts; and how many steps count, the most frequent: their products grow with the square."""


class FromLabels(NamedTuple):
    """What labels teach of the conversations of one bot."""

    held_out: Floats
    """Log odds of the labelled rows, by a regression that saw none of their fold."""
    decision: Floats
    """Log odds of all, (n,)."""
    weights: dict[str, float]
    """Changes in log odds by feature."""
    features: list[str]
    """The names of what may speak for or against a score."""
    contributions: Contributions
    """What did."""


def learned_from_few(
    facets: Facets,
    count: int,
    rows: NDArray[np.intp],
    labels: Flags,
    folds: NDArray[np.int64],
    known: Mapping[str, float] | None = None,
) -> FromLabels:
    """What the `labels` of these `rows`, which rise, teach of a bot's `count` conversations; `known` are the weights to start at, else
    the shipped ones."""
    carried = Carried.of(facets, count)
    directions = call_directions(facets, count)
    width = len(carried.names)
    start = shipped_prior() if known is None else known
    prior = Prior(
        np.append([start.get(name, 0.0) for name in carried.names], np.zeros(directions.shape[1])),
        np.append(np.full(width, STRENGTH), np.full(directions.shape[1], STRENGTH_HERE)),
    )
    values = np.hstack([carried.values(facets.of_rows(rows, count), len(rows)), directions[rows]])
    model, held_out = cross_fitted(values, labels, folds, prior)
    decision = directions @ model.weights[width:] + model.constant
    spoke = []
    for here, part in facets.parts(count):
        size = here.stop - here.start
        weights = carried.values(part, size) * model.weights[:width]
        decision[here] += weights.sum(1)
        spoke.append(strongest(np.where(table(part, size, carried.names), weights, 0), here.start))
    return FromLabels(
        held_out,
        decision,
        dict(zip(carried.names, model.weights.tolist(), strict=False)),
        carried.names,
        Contributions.of(spoke),
    )


@dataclass(frozen=True)
class Carried:
    """What carries over from bot to bot, beside what is usual for one bot: traits, signals and the sum of these' weights."""

    names: list[str]
    """What carries over."""
    mean: Floats
    """The bot's mean of each."""
    spread: Floats
    """The bot's standard deviation of each trait and of the sum; 1 of a signal, which fires or doesn't."""

    @classmethod
    def of(cls, facets: Facets, count: int) -> Carried:
        """What of it `count` conversations of one bot have."""
        traits = sorted(name for name in {*facets.names, *shipped_prior()} if name.startswith(TRAIT))
        signals = [f"{SIGNAL}{code}" for code, kind in REGISTRY.items() if kind.family not in ("outcome", "feedback")]
        whole = cls([*traits, *signals, SUM], np.zeros(len(traits) + len(signals) + 1), np.ones(1))
        parts = [(part, here.stop - here.start) for here, part in facets.parts(count)]
        mean = sum((whole.values(part, size).sum(0) for part, size in parts), np.zeros(len(whole.names))) / count
        beside = ((whole.values(part, size) - mean) ** 2 for part, size in parts)
        spread = np.sqrt(sum((part.sum(0) for part in beside), np.zeros(len(whole.names))) / count)
        spread[len(traits) : -1] = 1
        return cls(whole.names, mean, np.where(spread > _LEAST_SPREAD, spread, 1))

    def values(self, facets: Facets, count: int) -> Floats:
        """Centred and scaled, (count, names)."""
        names = self.names[:-1]
        raw = table(facets, count, names)
        return (np.hstack([raw, (raw @ _strengths(names))[:, None]]) - self.mean) / self.spread


def _strengths(names: Sequence[str]) -> Floats:
    """What each adds to the sum of the signals."""
    codes = [name.removeprefix(SIGNAL) if name.startswith(SIGNAL) else "" for name in names]
    return np.array([REGISTRY[code].weight if code else 0.0 for code in codes])


def call_directions(facets: Facets, count: int) -> Floats:
    """The calls of each conversation in at most `DIRECTIONS` directions, each of unit spread, (count, directions): latent semantic
    analysis (Deerwester et al. 1990) of the steps of its signature. None for a bot without tools."""
    from scipy.sparse import csr_array

    size = max(1, len(facets.names))
    is_step = np.array([name.startswith(STEP) for name in facets.names], bool)
    cells = np.unique((facets.rows * size + facets.numbers)[is_step[facets.numbers]])
    rows, numbers = cells // size, cells % size
    seen = np.bincount(numbers, minlength=size)
    used = np.flatnonzero((seen >= _FEWEST_SEEN) & (seen <= count - _FEWEST_SEEN))
    used = used[np.lexsort((np.array(facets.names)[used], -seen[used]))][:_MOST_STEPS]
    if len(used) < DIRECTIONS:
        return np.zeros((count, 0))
    place = np.full(size, -1)
    place[used] = np.arange(len(used))
    kept = place[numbers] >= 0
    rows, columns = rows[kept], place[numbers[kept]]
    weights = np.log(count / seen[used])[columns]
    lengths = np.sqrt(np.bincount(rows, weights**2, count))
    steps = csr_array((weights / lengths[rows], (rows, columns)), (count, len(used)))
    mean = np.asarray(steps.mean(0)).ravel()
    _, directions = np.linalg.eigh((steps.T @ steps).toarray() - count * np.outer(mean, mean))
    chosen = directions[:, ::-1][:, :DIRECTIONS]
    # A library may turn any of them round.
    chosen = chosen * np.sign(chosen[np.abs(chosen).argmax(0), np.arange(chosen.shape[1])])
    places = steps @ chosen - mean @ chosen
    spread = places.std(0)
    return np.asarray(places / np.where(spread > _LEAST_SPREAD, spread, 1), np.float64)


@cache
def shipped_prior() -> dict[str, float]:
    """The weights of what carries over, as learned from the outcomes of public logs."""
    weights = tomllib.loads((Path(__file__).parent / "few_labels_prior.toml").read_text("utf-8"))
    return {name: float(weight) for name, weight in weights.items()}


def pooled(bots: Sequence[tuple[Facets, Flags]], strength: float = STRENGTH) -> dict[str, float]:
    """Weights of what carries over, from the facets and outcomes of several bots, each with a constant of its own."""
    carried = [Carried.of(facets, len(labels)) for facets, labels in bots]
    names = sorted({name for of_bot in carried for name in of_bot.names})
    blocks = []
    for place, (of_bot, (facets, labels)) in enumerate(zip(carried, bots, strict=True)):
        block = np.zeros((len(labels), len(names) + len(bots)))
        block[:, [names.index(name) for name in of_bot.names]] = of_bot.values(facets, len(labels))
        block[:, len(names) + place] = 1
        blocks.append(block)
    precision = np.append(np.full(len(names), strength), np.full(len(bots), 1e-3))
    everyone = np.concatenate([labels for _, labels in bots])
    model = fitted(np.vstack(blocks), everyone, Prior(np.zeros(len(precision)), precision))
    return dict(zip(names, model.weights.tolist(), strict=False))
