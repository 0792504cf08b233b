"""A made-up bot of which one thing tells how it went."""

import numpy as np

from workbench.failures.facets import Facets

TRAIT = "trait:words of the bot"


def made_up_bot(seed: int, count: int = 200, sign: float = 1.0) -> tuple[Facets, np.ndarray]:
    """Conversations whose bot says more (sign 1) or less (sign -1) where it fails, or the same (0); and which fail."""
    random = np.random.default_rng(seed)
    labels = random.random(count) < 0.4
    values = random.normal(0, 1, count) + sign * 1.5 * labels
    return Facets.of([{TRAIT: float(v), "trait:noise": float(random.normal())} for v in values]), labels
