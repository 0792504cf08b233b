"""What can be said of how a conversation went beside its calls: signs that were seen, and lengths beyond its bot's usual."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.failures.cases import Cases
from workbench.failures.signals import REGISTRY
from workbench.failures.signature import observed_behaviours

_LONGER = {
    "words a reply": ("long replies", "short replies"),
    "words of the user": ("much told by the user", "little told by the user"),
    "turns of the user": ("many turns of the user", "few turns of the user"),
    "tool calls": ("many tool calls", "few tool calls"),
}
"""What is said of a trait in the upper quarter of the bot's conversations, and in the lower."""
_FEWEST = 20
"""Conversations of a bot from which its quarters say something."""


def statements(cases: Cases, rows: Sequence[int]) -> list[frozenset[str]]:
    """For each of these conversations of a bot what was seen in it, worded equally in all, without calls, endings and ratings.

    A length is said to be long or short beyond the quartiles of all the bot's conversations, and where these are apart.
    """
    titles = {kind.title for kind in REGISTRY.values()}.intersection(observed_behaviours(cases.facts.values))
    shown = [titles.intersection(facts) for facts in cases.facts.of_rows(rows)]
    if len(cases) >= _FEWEST:
        for trait, (long, short) in _LONGER.items():
            values = cases.trait(trait)
            low, high = np.quantile(values, (0.25, 0.75)).tolist()
            if low < high:
                for seen, value in zip(shown, values[list(rows)].tolist(), strict=True):
                    seen.update([long] * (value > high), [short] * (value < low))
    return [frozenset(seen) for seen in shown]
