"""Vectors that clustering has something to find in."""

from __future__ import annotations

import numpy as np

from workbench.embedding.vectors import Vectors, unit_rows


def cloud(rows: int, dimension: int = 32, topics: int = 40) -> Vectors:
    """Unit rows around as many directions as there are topics; row n is about topic n modulo their number."""
    random = np.random.default_rng(3)
    centres = random.normal(size=(topics, dimension))
    return unit_rows(
        np.asarray(centres[np.arange(rows) % topics] + random.normal(0, 0.5, (rows, dimension)), np.float32)
    )
