"""Drift: how unlike the weeks before a week's requests are. Pure: vectors in, counts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.clusters.knn_graph import snapped
from workbench.dates import weeks_before
from workbench.embedding.vectors import Vectors
from workbench.stats import wilson

EXPECTED = 0.05
"""The share of a week's requests that is unlike where nothing drifts."""
FLAGGED_ABOVE = 0.10
FEWEST, FEWEST_BEFORE = 20, 50
"""Requests in a week, and in the weeks before it, below which nothing is said."""
SAME = 0.99
"""The cosine from which two requests are the same one: beyond it only rounding tells them apart."""
GROUPS = 3


@dataclass(frozen=True)
class Unlike:
    """A group of unlike requests of one week."""

    key: str
    """The conversation in its middle."""
    count: int
    """How many there are."""
    closeness: float
    """The cosine of the middle one to its nearest request of the weeks before."""


@dataclass(frozen=True)
class WeekDrift:
    """How many of a week's requests are unlike those of the four weeks before.

    A request is unlike when its nearest one in these weeks is farther than the nearest of 95 % of these weeks' own requests,
    leaving each out. `share` and its 95 % bounds (Wilson) are None where too few are there to tell.
    """

    week: str
    """An ISO week, like 2025-W31."""
    compared: int
    """Requests of the week."""
    before: int
    """Requests of the four weeks before."""
    unlike: int
    """Requests of the week that are unlike."""
    groups: list[Unlike]
    """What they are about, the largest first."""

    @property
    def comparable(self) -> bool:
        """Whether there are enough requests to compare."""
        return self.compared >= FEWEST and self.before >= FEWEST_BEFORE

    @property
    def share(self) -> float | None:
        """The share that is unlike, 0 to 1; None where there is too little to compare."""
        return self.unlike / self.compared if self.comparable else None

    @property
    def bounds(self) -> tuple[float, float] | tuple[None, None]:
        """The 95 % bounds of that (Wilson)."""
        return wilson(self.unlike, self.compared) if self.comparable else (None, None)

    @property
    def flagged(self) -> bool:
        """Whether clearly more than twice what is to be expected is unlike: the lower bound lies above 10 %."""
        low, _ = self.bounds
        return low is not None and low > FLAGGED_ABOVE


def drift(keys: Sequence[str], weeks: Sequence[str], vectors: Vectors) -> list[WeekDrift]:
    """Each week after the first against the four before it; `vectors` are unit rows, (n, d), zero rows hold no request.

    The cut is the one of conformal prediction (Vovk et al. 2005): the k-th least close of n requests with k = ⌊(n + 1) / 20⌋
    has at most 5 % below it, also in small samples.
    """
    there = [row for row in range(len(keys)) if vectors[row].any()]
    rows: dict[str, list[int]] = {}
    for row in there:
        rows.setdefault(weeks[row], []).append(row)
    asked = {week: snapped(vectors[rows[week]]) for week in sorted(rows)}
    nearest: dict[tuple[str, str], NDArray[np.float32]] = {}
    drifts = []
    for week, own in asked.items():
        past = [other for other in weeks_before(week) if other in asked]
        # One product a week: many small ones wait for each other's threads on a busy machine.
        blocks = own @ np.vstack([asked[other] for other in [*past, week]]).T
        ends = np.cumsum([len(asked[other]) for other in past])
        for other, cosines in zip([*past, week], np.split(blocks, ends, axis=1), strict=True):
            if other == week:
                np.fill_diagonal(cosines, -1)
            nearest[week, other], nearest[other, week] = cosines.max(1), cosines.max(0)
        if past:
            before = np.concatenate([_closeness(nearest, other, past) for other in past])
            drifts.append(
                _judged(week, [keys[row] for row in rows[week]], own, _closeness(nearest, week, past), before)
            )
    return drifts


def _closeness(
    nearest: dict[tuple[str, str], NDArray[np.float32]], week: str, among: Sequence[str]
) -> NDArray[np.float32]:
    nearest_of_all = np.max([nearest[week, other] for other in among], axis=0)
    return np.asarray(np.minimum(nearest_of_all, SAME), np.float32)


def _judged(
    week: str, keys: Sequence[str], own: Vectors, closeness: NDArray[np.float32], before: NDArray[np.float32]
) -> WeekDrift:
    place = int(EXPECTED * (len(before) + 1) + 1e-9)
    reach = float(np.sort(before)[place - 1]) if place else -np.inf
    far = [int(row) for row in np.flatnonzero(closeness < reach)]
    return WeekDrift(week, len(keys), len(before), len(far), _groups(keys, own, closeness, far, reach))


def _groups(
    keys: Sequence[str], own: Vectors, closeness: NDArray[np.float32], far: list[int], reach: float
) -> list[Unlike]:
    """The largest groups of unlike requests: each is one request with those that lie within reach of it; the farthest of equals."""
    alike = own[far] @ own[far].T >= reach
    np.fill_diagonal(alike, True)
    left = np.ones(len(far), bool)
    groups: list[Unlike] = []
    while left.any() and len(groups) < GROUPS:
        sizes = (alike & left).sum(1)
        middle = min(np.flatnonzero(left).tolist(), key=lambda row: (-sizes[row], closeness[far[row]], keys[far[row]]))
        groups.append(Unlike(keys[far[middle]], int(sizes[middle]), float(closeness[far[middle]])))
        left &= ~alike[middle]
    return groups
