"""Equal values and vectors, each looked at once: of a million tiny conversations a few hundred texts are left."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.embedding.vectors import Vectors

H = TypeVar("H", bound=Hashable)


def numbered(values: Sequence[H]) -> tuple[list[H], NDArray[np.intp]]:
    """The distinct values in the order in which they come, and which of them each is."""
    places: dict[H, int] = {}
    numbers = np.fromiter((places.setdefault(value, len(places)) for value in values), np.intp, len(values))
    return list(places), numbers


def distinct(vectors: Vectors) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first row of each set of equal ones, and which of these each row equals, (n,)."""
    places: dict[bytes, int] = {}
    equals = np.fromiter((places.setdefault(row.tobytes(), len(places)) for row in vectors), np.intp, len(vectors))
    return np.unique(equals, return_index=True)[1], equals
