"""Which conversations are eligible: their requests lie in a cluster's neighbourhood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.embedding import Vectors

NEIGHBOURHOOD = 20
"""A cluster's neighbourhood reaches as far as its members are apart, but for this percentage of outliers among them."""


def neighbourhood(requests: Vectors, members: list[int]) -> list[int]:
    """The rows of `requests` that are as near to a cluster's members as these are to each other, but for outliers.

    A member doesn't vouch for itself: its closeness is that to the other members. Empty below two members with text.
    """
    anchors = [m for m in members if requests[m].any()]
    if len(anchors) < 2:
        return []
    closeness = _closeness(requests, anchors)
    reach = float(np.percentile(closeness[anchors], NEIGHBOURHOOD))
    near: list[int] = np.flatnonzero(closeness >= reach - 1e-6).tolist()
    return near


def _closeness(requests: Vectors, anchors: list[int]) -> NDArray[np.float32]:
    """For each request the cosine to the nearest anchor other than itself, (n,)."""
    closest = np.full(len(requests), -1.0, np.float32)
    places, block = np.array(anchors), 4096
    for start in range(0, len(requests), block):
        cosines = requests[start : start + block] @ requests[anchors].T
        own = np.flatnonzero((places >= start) & (places < start + block))
        cosines[places[own] - start, own] = -1.0
        closest[start : start + block] = cosines.max(1)
    return closest
