"""The places of a bot's failures on its 2-D map: igraph's UMAP layout of their graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.clusters.knn_graph import drawn, nearest, neighbour_graph, seeded, snapped
from workbench.embedding import Vectors

LANDMARKS = 5_000
"""Failures up to which each is laid out; of more, as many taken by chance are, and the others go beside those they are nearest."""
BESIDE = 3
"""Landmarks between which another failure is placed."""
_FULL_EPOCHS, _FEW_EPOCHS = 200, 50
_FULL_UP_TO = 2_000
"""Failures up to which the layout takes its full time. Beyond, a quarter of it keeps 0.973 of ten map neighbours in the
same cluster instead of 0.979 (13,083 questions of Banking77)."""


def lay_out(vectors: Vectors) -> NDArray[np.float32]:
    """Places of failures on the map, (n, 2), from what they are clustered by, (n, d) unit rows."""
    if len(vectors) <= LANDMARKS:
        return _umap(neighbour_graph(vectors))
    landmarks = drawn(len(vectors), LANDMARKS)
    places = _umap(neighbour_graph(vectors[landmarks]))
    rows = snapped(vectors)
    closest, cosines = nearest(rows, rows[landmarks], BESIDE)
    weights = np.maximum(cosines, 1e-4)[:, :, None] ** 4
    beside = np.asarray((places[closest] * weights).sum(1) / weights.sum(1), np.float32)
    beside[landmarks] = places
    return beside


def _umap(graph: Any) -> NDArray[np.float32]:
    """Places of a graph's vertices, (n, 2), by igraph's UMAP layout over cosine distances."""
    if graph.vcount() < 3 or graph.ecount() == 0:
        return np.asarray([[float(i), 0.0] for i in range(graph.vcount())], np.float32).reshape(-1, 2)
    distances = [max(0.0, 1 - cosine) for cosine in graph.es["cosine"]]
    epochs = _FULL_EPOCHS if graph.vcount() <= _FULL_UP_TO else _FEW_EPOCHS
    with seeded():
        places = graph.layout_umap(dist=distances, dim=2, min_dist=0.05, epochs=epochs)
    return np.asarray(places.coords, np.float32)
