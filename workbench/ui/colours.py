"""Which chip has which colour, by the names that Streamlit's themes know."""

from __future__ import annotations

from typing import Literal

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]

STATUS_COLOURS: dict[str, Colour] = {
    "new": "blue",
    "triaged": "violet",
    "fixing": "orange",
    "watching": "yellow",
    "verified": "green",
    "not-fixed": "red",
    "regressed": "red",
    "muted": "gray",
}
SEVERITY_COLOURS: dict[str, Colour] = {"S1": "red", "S2": "orange", "S3": "yellow", "S4": "gray"}
STRENGTH_COLOURS: dict[str, Colour] = {"strong": "red", "medium": "orange", "weak": "yellow", "shown": "gray"}
