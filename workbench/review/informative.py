"""What to read to learn most: conversations of which nothing is sure, alike to many others that nobody has read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.embedding.vectors import Vectors
from workbench.evidence.conversation_rows import UnsettledRecord

ALIKE = 0.6
"""The cosine from which two requests are alike, as where people come back with the same one."""
_SUSPECTED, _UNMARKED = 1.0, 0.5
"""How unsure one is without a score: most where signals speak against a conversation and prove nothing."""


@dataclass(frozen=True)
class Pick:
    """A conversation that is worth reading."""

    row: int
    """Its place among those that could be picked."""
    alike: int
    """Unread ones, itself left out, that ask something like it and like none that was read or picked before."""


def uncertainty(rows: Sequence[UnsettledRecord]) -> NDArray[np.float32]:
    """How unsure one is of each, 0 to 1, (n,): the variance of its score as a share of the largest (Lewis and Gale 1994)."""
    without = [_SUSPECTED if row.suspected else _UNMARKED for row in rows]
    sure = [
        4 * row.learned * (1 - row.learned) if row.learned is not None else unscored
        for row, unscored in zip(rows, without, strict=True)
    ]
    return np.array(sure, np.float32)


def most_informative(unsure: NDArray[np.float32], vectors: Vectors, read: Vectors, count: int) -> list[Pick]:
    """`count` of the conversations, each the one of largest uncertainty × coverage.

    Coverage is how much closer it brings all of them to something read: facility location, whose greedy picks are within 1 - 1/e of
    the best (Nemhauser et al. 1978; with uncertainty for a filter Wei et al. 2015). `vectors` and `read` are unit rows, (n, d) and (m, d).
    """
    alike = np.maximum(vectors @ vectors.T, 0)
    covered = np.maximum(vectors @ read.T, 0).max(1) if len(read) else np.zeros(len(vectors), np.float32)
    left = np.ones(len(vectors), bool)
    picks: list[Pick] = []
    while len(picks) < count and left.any():
        gain = unsure * np.maximum(alike - covered[:, None], 0).sum(0)
        # Rounded, so that a sum's last digit on another machine picks no other one; of those without any coverage the least sure.
        row = int(np.lexsort((np.arange(len(gain)), -unsure, -np.round(gain, 3), ~left))[0])
        news = (alike[:, row] >= ALIKE) & (covered < ALIKE) & left
        news[row] = False
        picks.append(Pick(row, int(news.sum())))
        left[row] = False
        covered = np.maximum(covered, alike[:, row])
    return picks


def reason(row: UnsettledRecord, pick: Pick, looked_at: int) -> str:
    """Why a conversation is worth reading, in one plain sentence."""
    if row.learned is not None:
        doubt = (
            f"the score of {row.learned:.2f} leaves open how it went"
            if _open(row.learned)
            else f"its score is {row.learned:.2f} and nobody has checked"
        )
    elif row.suspected:
        doubt = "signals speak against it and prove nothing"
    else:
        doubt = "nothing says how it went"
    if not pick.alike:
        return f"{doubt}, and nothing like it was read"
    return f"{doubt}, and {pick.alike:,} of {looked_at:,} unread ones ask something like it that nobody has read"


def _open(score: float) -> bool:
    return 0.25 <= score <= 0.75
