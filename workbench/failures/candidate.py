"""A turn to look at first in a failing conversation."""

from __future__ import annotations

from typing import NamedTuple


class Candidate(NamedTuple):
    """A turn to look at first, and why."""

    position: int
    """Its place in the conversation."""
    why: str
    """The reason, in plain English."""
