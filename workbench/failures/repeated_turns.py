"""Turns that several rows of a log repeat: a log line a turn, or several answers to one context. Each counts once.

A row's *context* is the whole of it, or all up to its last reply. Where another row begins with that context, those
turns were seen before: the row is a later state of the same dialogue, or a variant of its answer. Times must agree where
they are logged: two people who press the same buttons are two conversations.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.failures.signals import Observations
from workbench.failures.signals.observation import Hashes, hashes

FEWEST = 2
"""Turns that a context must have: many unrelated conversations begin with the same first message."""

_Numbers = npt.NDArray[np.int64]


def new_from(observations: Observations) -> _Numbers:
    """For each conversation of one bot, (n,), the position of the first turn that no other row had before; 0 where all are new.

    The shortest row that has a context is its owner, of several the one with the least key.
    """
    count, lengths = len(observations), observations.turns
    rows = np.repeat(np.arange(count), lengths)
    ends = np.cumsum(lengths)
    positions = np.arange(len(rows)) - (ends - lengths)[rows] + 1
    digests = hashes(observations.beginnings)
    by_key = np.array(sorted(range(count), key=observations.keys.__getitem__), np.int64)
    order = by_key[np.argsort(lengths[by_key], kind="stable")]
    ranks = np.empty(count, np.int64)
    ranks[order] = np.arange(count)
    before = observations.before_last_reply[rows]
    contexts = (positions >= FEWEST) & ((positions == lengths[rows]) | (positions == before))
    owner = _least_rank(digests[contexts], ranks[rows[contexts]], digests)
    # The same words from beginning to end under several ids are so many conversations, not variants of one.
    whole = np.flatnonzero(positions == lengths[rows])
    first_copy = ranks.copy()
    first_copy[rows[whole]] = _least_rank(digests[whole], ranks[rows[whole]], digests[whole])
    seen_before = (owner < first_copy[rows]) & (positions < lengths[rows])
    begins = np.zeros(count, np.int64)
    np.maximum.at(begins, rows[seen_before], positions[seen_before])
    return begins


def _least_rank(digests: Hashes, ranks: _Numbers, asked: Hashes) -> _Numbers:
    """The least rank that each asked digest has among these; beyond all ranks where it has none."""
    if not len(digests):
        return np.full(len(asked), np.iinfo(np.int64).max)
    order = np.lexsort((ranks, digests))
    distinct, first = np.unique(digests[order], return_index=True)
    least = ranks[order][first]
    places = np.minimum(np.searchsorted(distinct, asked), len(distinct) - 1)
    return np.where(distinct[places] == asked, least[places], np.iinfo(np.int64).max)
