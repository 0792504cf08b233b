"""Where a conversation went otherwise than others of its bot."""

from __future__ import annotations

from typing import Literal, NamedTuple

DeviationCode = Literal["unlike-other-runs", "skipped-step", "unusual-order"]


class Deviation(NamedTuple):
    """One respect in which a conversation went otherwise than the others."""

    code: DeviationCode
    """The signal that it is."""
    position: int | None
    """The turn where it shows; None where it is what was left out."""
    evidence: str
    """What the others do, and how many of how many."""
