"""Themes: clusters of one bot that are about the same thing, grouped for an overview."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.clusters.grouping import leiden
from workbench.clusters.naming import Namer
from workbench.embedding.vectors import Vectors, unit_rows

RESOLUTION = 1.0
RELATED = 0.3
"""Least cosine of two clusters' centres, what all failures of the bot have in common being taken out, that relates them."""


def find_themes(passages: Vectors, groups: Sequence[Sequence[int]], namer: Namer) -> list[str | None]:
    """The theme of each group of rows: Leiden's communities (Traag et al. 2019) of the graph of related groups.

    `passages` has a row for each failure of one bot, (n, d). Centres are compared without the mean of all failures: of a
    parcel bot's clusters all are about parcels, which relates none. None where a group stands alone, where a theme would
    take them all, or where its groups have no word in common to call it by.
    """
    import igraph

    themes: list[str | None] = [None] * len(groups)
    with_text = passages[passages.any(1)]
    if len(groups) < 3 or not len(with_text):
        return themes
    centres = np.stack([passages[list(rows)].mean(0) for rows in groups])
    cosines = unit_rows(np.where(centres.any(1, keepdims=True), centres - with_text.mean(0), 0))
    cosines = np.triu(np.round(cosines @ cosines.T, 4), 1)
    edges = np.argwhere(cosines >= RELATED).tolist()
    weights = [float(cosines[a, b]) for a, b in edges]
    labels = leiden(igraph.Graph(n=len(groups), edges=edges, edge_attrs={"weight": weights}), RESOLUTION)
    for label in range(labels.max() + 1):
        inside = np.flatnonzero(labels == label).tolist()
        if 1 < len(inside) < len(groups):
            name = ", ".join(namer.common_keywords([groups[place] for place in inside])[:2])
            for place in inside:
                themes[place] = name or None
    return themes
