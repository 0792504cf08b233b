"""Search: conversations by their words, by the meaning of what was asked, and more like one that is at hand.

Both ways work on masked text (docs/decisions.md, "Search"). The embedding model is loaded by the first search that has
a text to embed, in the model and precision that the snapshot's vectors were made with, and kept.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from workbench.bench.bench import Bench
from workbench.bench.search_rows import SearchFilter, SearchResult, SearchRow
from workbench.embedding.vectors import Encoder, VectorCache, Vectors, load_encoder, unit_rows
from workbench.errors import ModelMissing, UserError
from workbench.evidence.queries import Evidence
from workbench.evidence.search_rows import ListedHit, SearchChoices, SearchHit, WordHit
from workbench.text.formatting import excerpt
from workbench.text.masking import mask
from workbench.text.search_text import Words, excerpt_around, masked_fields, words

By = Literal["words", "meaning"]
PAGE = 50
"""Conversations a page; by meaning there is one page, the nearest."""


def search(
    bench: Bench,
    query: str,
    filter: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
    by: By = "words",
    page: int | None = 1,
    encoder: Encoder | None = None,
) -> SearchResult:
    """The conversations that a query finds, narrowed by `filter`; a page beyond the last is the last, None all in one.

    By words: all of them, "phrases" too, without the -excluded, in the turns of a conversation; newest first. By meaning:
    the requests nearest to the query. Raises `UserError` where the query names no word or the snapshot can't be searched so,
    `ModelMissing` where its model isn't on this machine.
    """
    evidence = bench.evidence
    if by == "meaning":
        _require(evidence, evidence.has("request_vectors"))
        return _nearest(evidence, _embed(bench, query, encoder), filter)
    _require(evidence, evidence.can_search())
    asked = words(query)
    if not asked.wanted:
        raise UserError("Name at least one word to look for; -word only leaves out what others found.")
    narrowed = asdict(filter)
    if page is None:
        hits = evidence.with_words(asked, narrowed, None, 0)
        return SearchResult(_by_words(hits, asked), len(hits), 1, 1)
    hits = evidence.with_words(asked, narrowed, PAGE, PAGE * (page - 1))
    if not hits and page > 1:
        first = evidence.with_words(asked, narrowed, 1, 0)
        page = _pages(first[0].total) if first else 1
        hits = evidence.with_words(asked, narrowed, PAGE, PAGE * (page - 1))
    total = hits[0].total if hits else 0
    return SearchResult(_by_words(hits, asked), total, page, _pages(total))


def narrowed(
    bench: Bench,
    filter: SearchFilter,
    page: int | None = 1,
) -> SearchResult:
    """The conversations that pass `filter`, newest first, where nothing is looked for; pages as for `search`."""
    evidence = bench.evidence
    if page is None:
        hits = evidence.narrowed(asdict(filter), None, 0)
        return SearchResult(_by_request(hits), len(hits), 1, 1)
    hits = evidence.narrowed(asdict(filter), PAGE, PAGE * (page - 1))
    if not hits and page > 1:
        first = evidence.narrowed(asdict(filter), 1, 0)
        page = _pages(first[0].total) if first else 1
        hits = evidence.narrowed(asdict(filter), PAGE, PAGE * (page - 1))
    total = hits[0].total if hits else 0
    return SearchResult(_by_request(hits), total, page, _pages(total))


def all_rows(bench: Bench, query: str, filter: SearchFilter) -> list[SearchRow]:
    """All that a query by words finds, or, where it is empty, that passes the filter: what a download holds."""
    return (search(bench, query, filter, page=None) if query else narrowed(bench, filter, None)).rows


def more_like(
    bench: Bench,
    key: str,
    turn: int | None = None,
    filter: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
    encoder: Encoder | None = None,
) -> SearchResult:
    """Other conversations that asked something like this one, by its stored vector, or like what one of its turns says."""
    evidence = bench.evidence
    _require(evidence, evidence.has("request_vectors"))
    if turn is not None:
        return _nearest(evidence, _embed(bench, like_text(bench, key, turn), encoder), filter, but=key)
    vector = evidence.request_vector(key)
    if vector is None:
        raise UserError(
            "This conversation holds no request in words to compare. Open it and choose one of its turns instead."
        )
    return _nearest(evidence, vector, filter, but=key)


def like_text(bench: Bench, key: str, turn: int | None = None) -> str:
    """What `more_like` compares, masked; `UserError` where there is no such turn or it says nothing."""
    if turn is None:
        analysis = bench.evidence.analysis(key)
        return mask(analysis.request or "") if analysis else ""
    text = masked_fields(bench.evidence.texts_of_turn(key, turn) or "")
    if not text.strip():
        raise UserError(f"Turn {turn} of this conversation says nothing to compare. Choose another.")
    return text


def choices(bench: Bench) -> SearchChoices:
    """The values to narrow a search by."""
    evidence = bench.evidence
    _require(evidence, evidence.can_search())
    return evidence.search_choices()


def model_is_loaded(bench: Bench) -> bool:
    """Whether a search by meaning answers at once, or loads the model first, which takes seconds."""
    return _model_of(bench.evidence) in _loaded


_loaded: dict[tuple[str, str], Encoder] = {}
_lock = threading.Lock()
"""One at a time loads or embeds: the tokenizer is not safe for threads."""


def embedded(bench: Bench, texts: Sequence[str], encoder: Encoder | None = None) -> Vectors:
    """Unit vectors of texts, (n, d), by the model of the snapshot's own; masked first: an address that is typed in must not
    find who wrote it. Raises `ModelMissing` where that model isn't on this machine."""
    model, precision = wanted = _model_of(bench.evidence)
    with _lock:
        encoder = encoder or _loaded.get(wanted)
        if encoder is None:
            try:
                encoder = load_encoder(VectorCache(bench.store), model, precision)
            except ModelMissing as e:
                raise ModelMissing(
                    f"This snapshot's vectors are of the model {model}, and vectors of another can't be compared with them. "
                    f"{e} Searching by words needs no model."
                ) from e
            _loaded[wanted] = encoder
        return unit_rows(encoder.encode([mask(text) for text in texts]))


def _embed(bench: Bench, text: str, encoder: Encoder | None) -> list[float]:
    return [float(x) for x in embedded(bench, [text], encoder)[0]]


def _model_of(evidence: Evidence) -> tuple[str, str]:
    """Model and precision of the snapshot's vectors."""
    model, _, precision = (evidence.meta.model or "").rpartition("/")
    return model, precision


def _by_words(hits: Sequence[WordHit], asked: Words) -> list[SearchRow]:
    return [
        _row(hit, excerpt_around(masked_fields(hit.texts), asked.wanted), turn=hit.position, role=hit.role)
        for hit in hits
    ]


def _by_request(hits: Sequence[ListedHit]) -> list[SearchRow]:
    return [_row(hit, excerpt(hit.request)) for hit in hits]


def _nearest(evidence: Evidence, vector: list[float], filter: SearchFilter, but: str | None = None) -> SearchResult:
    hits = evidence.nearest(vector, asdict(filter), PAGE, but)
    rows = [_row(hit, excerpt(mask(hit.request or "")), similarity=hit.similarity) for hit in hits]
    return SearchResult(rows, len(rows), 1, 1)


def _row(
    hit: SearchHit, excerpt: str, turn: int | None = None, role: str | None = None, similarity: float | None = None
) -> SearchRow:
    return SearchRow(
        key=hit.key,
        conversation_id=hit.conversation_id,
        bot=hit.bot,
        started_at=hit.started_at,
        week=hit.week,
        release=hit.release,
        outcome=hit.outcome,
        failed=hit.failed,
        suspected=hit.suspected,
        cluster=hit.cluster,
        cluster_name=mask(hit.cluster_name) if hit.cluster_name else None,
        turn=turn,
        role=mask(role) if role else None,
        excerpt=excerpt,
        similarity=similarity,
    )


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE))


def _require(evidence: Evidence, searchable: bool) -> None:
    if not searchable:
        raise UserError(
            f"The snapshot {evidence.meta.snapshot} holds nothing to search this way: what searches look through is gone, or "
            "it was built without analysis. `python -m workbench analyze` builds the evidence again; labels and tickets stay."
        )
