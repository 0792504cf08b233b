"""A cluster as the build makes it."""

from __future__ import annotations

import numpy as np

from workbench.clusters.cluster import Cluster
from workbench.clusters.naming import Name
from workbench.embedding.vectors import Vectors


def cluster(
    keys: list[str], centroid: Vectors, key: str | None = None, bot: str = "b", fact: str | None = None, id: str = ""
) -> Cluster:
    """A cluster of these conversations, mechanical where it has a `key`, of which nothing else is known."""
    return Cluster(
        bot=bot, kind="mechanical" if key else "topical", mechanical_key=key, name=Name("name", [], fact), keys=keys,
        members=list(range(len(keys))), passages=np.zeros((0, 1), np.float32), centroid=centroid,
        similarity=[1.0] * len(keys), medoid=0, examples=[0], eligible=[], failures=0, excess=None, facts=[],
        severity=None, signature="", weeks=[], trend=None, change=(0.0, 1.0), first_seen=None, last_seen=None, id=id,
    )  # fmt: skip
