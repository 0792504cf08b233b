"""Which conversations are eligible: their requests lie in a cluster's neighbourhood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.embedding.vectors import Vectors

NEIGHBOURHOOD = 20
"""A cluster's neighbourhood reaches as far as its members are apart, but for this percentage of outliers among them."""


def neighbourhood(requests: Vectors, members: list[int], texts: NDArray[np.intp] | None = None) -> list[int]:
    """The rows of `requests` that are as near to a cluster's members as these are to each other, but for outliers.

    A member doesn't vouch for itself: its closeness is that to the other members. Empty below two members with text.
    `texts` numbers the rows so that those of one text have one number: each is then compared once.
    """
    rows = np.array(members, np.intp)
    anchors = rows[requests[rows].any(1)]
    if len(anchors) < 2:
        return []
    closeness = _closeness(requests, anchors, np.arange(len(requests)) if texts is None else texts)
    reach = float(np.percentile(closeness[anchors], NEIGHBOURHOOD))
    near: list[int] = np.flatnonzero(closeness >= reach - 1e-6).tolist()
    return near


def _closeness(requests: Vectors, anchors: NDArray[np.intp], texts: NDArray[np.intp]) -> NDArray[np.float32]:
    """For each request the cosine to the nearest anchor other than itself, (n,)."""
    first = np.unique(texts, return_index=True)[1]
    said, copies = np.unique(texts[anchors], return_counts=True)
    compared, block = requests[first[said]], 4096
    closest = np.empty(len(first), np.float32)
    to_others = np.empty(len(first), np.float32)
    for start in range(0, len(first), block):
        end = min(start + block, len(first))
        cosines = requests[first[start:end]] @ compared.T
        closest[start:end] = cosines.max(1)
        own = np.flatnonzero((said >= start) & (said < end) & (copies == 1))
        cosines[said[own] - start, own] = -1.0
        to_others[start:end] = cosines.max(1)
    closeness = closest[texts]
    closeness[anchors] = np.where(
        np.isin(texts[anchors], said[copies == 1]), to_others[texts[anchors]], closeness[anchors]
    )
    return closeness
