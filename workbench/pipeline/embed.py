"""The vectors of a log: of every request, and of the passage of every failing or suspected conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import compress

from workbench.embedding.vectors import Encoder, VectorCache, Vectors
from workbench.failures.cases import Cases
from workbench.pipeline.job import Progress


@dataclass(frozen=True, eq=False)
class BotVectors:
    """What one bot's conversations are compared by."""

    requests: Vectors
    """A unit row for each case, zero where there is no text."""
    passages: Vectors
    """A unit row for each failing or suspected case in their order, zero where there is no text."""


def embed_cases(
    cases: Mapping[str, Cases], cache: VectorCache, encoder: Encoder, progress: Progress
) -> dict[str, BotVectors]:
    """The vectors by bot; one call, so that each text is embedded once."""
    requests = [request for of_bot in cases.values() for request in of_bot.requests]
    passages = [text for of_bot in cases.values() for text in compress(of_bot.passages, of_bot.listed)]
    vectors = embed_texts(requests + passages, cache, encoder, lambda n, of: progress("embed", n, of))
    by_bot: dict[str, BotVectors] = {}
    at, listed_at = 0, len(requests)
    for bot, of_bot in cases.items():
        listed = int(of_bot.listed.sum())
        by_bot[bot] = BotVectors(vectors[at : at + len(of_bot)], vectors[listed_at : listed_at + listed])
        at, listed_at = at + len(of_bot), listed_at + listed
    return by_bot


def embed_texts(
    texts: list[str],
    cache: VectorCache,
    encoder: Encoder,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Vectors:
    """Unit vectors of the texts, zero where there is no text."""
    vectors = cache.embed(texts, encoder, progress)
    vectors[[i for i, text in enumerate(texts) if not text.strip()]] = 0
    return vectors
