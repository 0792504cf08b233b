"""What the cluster pages say where not every failure of a bot was clustered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sampled_sentences(settings: Mapping[str, Any], bot: str | None = None) -> list[str]:
    """A sentence for each bot (or for one) of which not every failure was clustered, by the settings of a snapshot."""
    assigned = {
        name: f"{name} has so many failures that the last import put its new ones into the clusters that stood, or into none "
        "where they are far from all. `python -m workbench analyze` clusters them anew."
        for name in settings.get("assigned", [])
    }
    sampled = {
        name: f"Of the failures of {name}, {count:,} were clustered, drawn from each way of failing; each of the others joined "
        "the cluster that it is nearest to, or none where that is far."
        for name, count in settings.get("sampled", {}).items()
    }
    return [
        sentences[name] for sentences in (assigned, sampled) for name in sorted(sentences) if bot is None or name == bot
    ]
