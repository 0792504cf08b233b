"""What the clusters page says where not every failure of a bot was clustered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sampled_sentences(settings: Mapping[str, Any]) -> list[str]:
    """A sentence for each bot of which only a sample was clustered, by the settings of a snapshot."""
    return [
        f"Of the failures of {bot}, {count:,} were clustered, drawn from each way of failing; each of the others joined "
        "the cluster that it is nearest to, or none where that is far."
        for bot, count in sorted(settings.get("sampled", {}).items())
    ]
