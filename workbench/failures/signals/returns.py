"""Whether the user had to ask again in another conversation. What a build finds over all of them (`workbench.failures.return_visits`)."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.failures.signals.registry import Hit, Observed, signal


@signal("came-back", "weak", "user came back")
def came_back(seen: Observed) -> Iterator[Hit]:
    """The same user came with a similar request within 72 hours."""
    if seen.came_back:
        yield Hit(None, seen.came_back)
