"""Readers' notes grouped into proposed failure modes, with the same model and the same clustering as failures.

Pure but for the vectors, which the caller makes. A person names a group, or puts it to a mode that there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.clusters.grouping import RESOLUTION, leiden, neighbour_graph
from workbench.embedding import Vectors, unit_rows

LEAST = 15
"""Notes below which grouping says nothing that a glance at the list does not."""
NEIGHBOURS = 3
"""Notes are few and short: with ten neighbours, as failures have, half of the notes of other modes are among them."""
ALIKE = 0.5
"""Cosine to the centre of a mode's notes from which a group is proposed for that mode."""


@dataclass(frozen=True)
class Note:
    """The first thing that went wrong in a conversation, in its reader's words."""

    conversation: str
    reader: str
    text: str


@dataclass(frozen=True)
class Proposal:
    """Notes that say alike, the most typical first; `mode` is the failure mode that they are like, if there is one."""

    notes: list[Note]
    mode: str | None

    @property
    def name(self) -> str:
        """What to call it until a person does: its most typical note."""
        return self.notes[0].text


def propose(notes: Sequence[Note], vectors: Vectors, modes: Mapping[str, Vectors] | None = None) -> list[Proposal]:
    """Group notes by what they say, the largest group first; a note that is like no other stands alone.

    `vectors` has a unit row for each note, `modes` the rows of each mode's notes. Empty below `LEAST` notes.
    """
    if len(notes) < LEAST:
        return []
    centres = {mode: unit_rows(rows.mean(0, keepdims=True))[0] for mode, rows in (modes or {}).items() if len(rows)}
    labels = leiden(neighbour_graph(vectors, NEIGHBOURS), RESOLUTION["normal"])
    found = []
    for label in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == label)
        centre = unit_rows(vectors[rows].mean(0, keepdims=True))[0]
        order = rows[np.argsort(-np.round(vectors[rows] @ centre, 4), kind="stable")]
        like = {mode: float(centre @ other) for mode, other in centres.items()}
        nearest = max(like, key=lambda mode: like[mode], default=None)
        found.append(Proposal([notes[row] for row in order], nearest if nearest and like[nearest] >= ALIKE else None))
    return found
