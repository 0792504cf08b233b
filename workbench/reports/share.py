"""A share of conversations, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.stats import wilson


@dataclass(frozen=True)
class Share:
    """A share; no value and no bounds where there is nothing to count."""

    hits: int
    """Those that are so."""
    total: int
    """All that were asked."""

    @property
    def value(self) -> float | None:
        """0 to 1; None where there is nothing to count."""
        return self.hits / self.total if self.total else None

    @property
    def bounds(self) -> tuple[float, float] | tuple[None, None]:
        """95 %, Wilson."""
        return wilson(self.hits, self.total) if self.total else (None, None)
