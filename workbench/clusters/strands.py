"""Strands: the parts of one cluster along its other axis, and whether they look like one cause.

A mechanical cluster is parted by what was asked, a topical one by how it failed. Only what has a name in words is a strand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.clusters.equals import distinct
from workbench.clusters.failure_vectors import calls_only, signature_vectors
from workbench.clusters.grouping import RESOLUTION, joined_where_alike, leiden, likeness
from workbench.clusters.knn_graph import neighbour_graph
from workbench.clusters.naming import Namer
from workbench.embedding.vectors import Vectors, unit_rows

MANY = 2_000
"""Failures of a cluster beyond which equal ones are compared once: of few ways to go wrong, each has thousands of equals."""
LEAST = 3
"""Failures that make a strand."""
FACT_SHARE = 0.6
"""Share of a strand's members that must show the fact it is called by."""
DISTINCTIVE = 0.3
"""By how much that share must differ from the share in the cluster's other members."""
APART = 0.5
"""Likeness of what was called, below which two strands hardly are one cause."""
SHARE_THAT_COUNTS = 0.2
"""Share of the cluster that a strand must hold for its differing to matter."""


@dataclass(frozen=True)
class Strand:
    """A part of a cluster."""

    name: str
    """What it is called: a fact, or two words."""
    members: list[int]
    """Its rows."""
    example: int
    """The row most typical of it."""


@dataclass(frozen=True)
class Strands:
    """The strands of one cluster."""

    strands: list[Strand] = field(default_factory=list)
    """The strands, largest first; none where fewer than two can be told apart."""
    likeness: float | None = None
    """Likeness of what was called in the two least alike of the larger ones. None where there aren't two, and in a
    mechanical cluster: there it differs with the topic, and one fix mends them all."""


class StrandFinder:
    """Finds the strands of one bot's clusters: n failures with their passages (n, d), signature tokens, and facts on how they went."""

    def __init__(
        self, passages: Vectors, signatures: Sequence[Sequence[str]], facts: Sequence[Sequence[str]], namer: Namer
    ) -> None:
        self._passages = passages
        self._facts = facts
        self._behaviours = signature_vectors(facts)
        self._calls = signature_vectors(calls_only(signatures))
        self._namer = namer

    def find(self, kind: str, members: Sequence[int]) -> Strands:
        """The strands of the cluster of these rows; none where fewer than two can be told apart."""
        axis = (self._passages if kind == "mechanical" else self._behaviours)[list(members)]
        if len(members) < 2 * LEAST or not axis.any():
            return Strands()
        rows, equals = distinct(axis) if len(axis) > MANY else (np.arange(len(axis)), np.arange(len(axis)))
        labels = joined_where_alike(leiden(neighbour_graph(axis[rows]), RESOLUTION["few"]), axis[rows])[equals]
        parts = [
            [members[place] for place in np.flatnonzero(labels == label).tolist()] for label in range(labels.max() + 1)
        ]
        named: dict[str, list[int]] = {}
        for part in parts:
            name = self._topic(part, members) if kind == "mechanical" else self._behaviour(part, members)
            if name and len(part) >= LEAST:
                named.setdefault(name, []).extend(part)
        if len(named) < 2:
            return Strands()
        places = {member: place for place, member in enumerate(members)}
        strands = [
            Strand(name, sorted(part), _most_typical(axis, part, places))
            for name, part in sorted(named.items(), key=lambda item: (-len(item[1]), item[0]))
        ]
        return Strands(strands, self._likeness(strands, len(members)) if kind == "topical" else None)

    def _topic(self, part: list[int], members: Sequence[int]) -> str:
        """Two words that more of these use than of the cluster's other members."""
        return ", ".join(self._namer.keywords(part, members)[:2])

    def _behaviour(self, part: list[int], members: Sequence[int]) -> str:
        """What most of these share in how they went and few of the cluster's others; else what they lack and the others have."""
        inside, everywhere = self._counts(part), self._counts(members)
        outside = max(len(members) - len(part), 1)
        here = {fact: inside[fact] / len(part) for fact in everywhere}
        there = {fact: (everywhere[fact] - inside[fact]) / outside for fact in everywhere}
        best = min(everywhere, key=lambda fact: (there[fact] - here[fact], fact), default=None)
        if best is not None and here[best] >= FACT_SHARE and here[best] - there[best] >= DISTINCTIVE:
            return best
        lacking = min(everywhere, key=lambda fact: (here[fact] - there[fact], fact), default=None)
        if lacking is not None and there[lacking] >= FACT_SHARE and there[lacking] - here[lacking] >= DISTINCTIVE:
            return f"without: {lacking}"
        return ""

    def _counts(self, rows: Sequence[int]) -> Counter[str]:
        return Counter(fact for row in rows for fact in set(self._facts[row]))

    def _likeness(self, strands: Sequence[Strand], size: int) -> float | None:
        """How alike the two least alike of the larger strands are in what was called."""
        large = [strand.members for strand in strands if len(strand.members) >= max(LEAST, SHARE_THAT_COUNTS * size)]
        if len(large) < 2:
            return None
        labels: NDArray[np.intp] = np.repeat(np.arange(len(large)), [len(rows) for rows in large])
        pairs = likeness(labels, self._calls[[row for rows in large for row in rows]])
        return min(1.0, float(pairs[np.triu_indices(len(large), 1)].min()))


def _most_typical(axis: Vectors, part: Sequence[int], places: dict[int, int]) -> int:
    rows = axis[[places[member] for member in part]]
    closeness = rows @ unit_rows(rows.mean(0, keepdims=True))[0]
    return part[int(np.argmax(np.round(closeness, 4)))]
