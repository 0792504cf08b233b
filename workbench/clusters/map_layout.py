"""The places of a bot's failures on its 2-D map: igraph's UMAP layout of their graph.

A failure that has a place keeps it from build to build, so that the map stays the map that people know; new ones go beside those
they are nearest. The map is laid out anew once it has grown by a good part (`GROWTH`) or new failures are like nothing on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.clusters.equals import distinct
from workbench.clusters.knn_graph import drawn, nearest, neighbour_graph, seeded, snapped
from workbench.embedding.vectors import Vectors

LANDMARKS = 5_000
"""Failures up to which each is laid out; of more, as many taken by chance are, and the others go beside those they are nearest."""
BESIDE = 3
"""Landmarks between which another failure is placed."""
GROWTH = 1.25
"""How many times the failures that were laid out there may be before all are laid out anew."""
UNLIKE = 0.45
"""Cosine to the nearest failure on the map below which a new one is like none there."""
STRANGERS = 8
"""New failures that are like none on the map from which on it has no room for them."""
_FULL_EPOCHS, _FEW_EPOCHS = 200, 50
_FULL_UP_TO = 2_000
"""Failures up to which the layout takes its full time. Beyond, a quarter of it keeps 0.973 of ten map neighbours in the
same cluster instead of 0.979 (13,083 questions of Banking77)."""


@dataclass(frozen=True)
class StandingMap:
    """A bot's map as the snapshot before has it."""

    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The place of each failure by conversation key, those of other bots among them."""
    laid_out: int = 0
    """How many failures the bot had when its map was last laid out; 0: never."""


@dataclass(frozen=True, eq=False)
class FailureMap:
    """A bot's map."""

    places: NDArray[np.float32]
    """The place of each failure, (n, 2)."""
    laid_out: int
    """How many failures there were when it was last laid out."""


def map_failures(vectors: Vectors, keys: Sequence[str], standing: StandingMap) -> FailureMap:
    """Places of failures, from what they are clustered by, (n, d) unit rows, and where they stood, by their keys."""
    stands = np.fromiter((key in standing.places for key in keys), bool, len(keys))
    if not standing.laid_out or stands.sum() < BESIDE or not _near(len(keys), standing.laid_out):
        return FailureMap(lay_out(vectors), len(vectors))
    places = np.zeros((len(keys), 2), np.float32)
    places[stands] = np.array([standing.places[key] for key in keys if key in standing.places], np.float32)
    if not stands.all():
        rows = snapped(vectors)
        closest, cosines = nearest(rows[~stands], rows[stands], BESIDE)
        if (cosines[:, 0] < UNLIKE).sum() >= STRANGERS:
            return FailureMap(lay_out(vectors), len(vectors))
        places[~stands] = _between(places[stands][closest], cosines)
    return FailureMap(places, standing.laid_out)


def _near(count: int, laid_out: int) -> bool:
    return laid_out / GROWTH <= count <= laid_out * GROWTH


def lay_out(vectors: Vectors) -> NDArray[np.float32]:
    """Places of failures on a new map, (n, 2), from what they are clustered by, (n, d) unit rows."""
    if len(vectors) <= LANDMARKS:
        return _umap(neighbour_graph(vectors))
    rows, equals = distinct(vectors)
    if len(rows) < len(vectors):
        return np.asarray(lay_out(vectors[rows])[equals], np.float32)
    landmarks = drawn(len(vectors), LANDMARKS)
    places = _umap(neighbour_graph(vectors[landmarks]))
    compared = snapped(vectors)
    closest, cosines = nearest(compared, compared[landmarks], BESIDE)
    beside = _between(places[closest], cosines)
    beside[landmarks] = places
    return beside


def _between(places: NDArray[np.float32], cosines: Vectors) -> NDArray[np.float32]:
    """The point between the places of the nearest, (n, nearest, 2), that lies towards the more alike, (n, 2)."""
    weights = np.maximum(cosines, 1e-4)[:, :, None] ** 4
    return np.asarray((places * weights).sum(1) / weights.sum(1), np.float32)


def _umap(graph: Any) -> NDArray[np.float32]:
    """Places of a graph's vertices, (n, 2), by igraph's UMAP layout over cosine distances."""
    if graph.vcount() < 3 or graph.ecount() == 0:
        return np.asarray([[float(i), 0.0] for i in range(graph.vcount())], np.float32).reshape(-1, 2)
    distances = [max(0.0, 1 - cosine) for cosine in graph.es["cosine"]]
    epochs = _FULL_EPOCHS if graph.vcount() <= _FULL_UP_TO else _FEW_EPOCHS
    with seeded():
        places = graph.layout_umap(dist=distances, dim=2, min_dist=0.05, epochs=epochs)
    return np.asarray(places.coords, np.float32)
