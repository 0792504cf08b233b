"""What failures are compared by: what was asked beside how it went, as vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from workbench.clusters.equals import numbered
from workbench.clusters.knn_graph import EXACT
from workbench.embedding.vectors import Vectors, unit_rows
from workbench.failures.signature import SIGNAL_TOKEN

PASSAGE_SHARE = 0.7
DIMENSIONS = 64
"""Columns of `compressed` vectors."""
_SAMPLE = 4_000
_VOCABULARY = 1024
_DENSE = EXACT * _VOCABULARY
"""Numbers up to which signatures are kept as they are; of more, the `_DIRECTIONS` that say most."""
_DIRECTIONS = 128


def failure_vectors(passages: Vectors, signatures: Sequence[Sequence[str]]) -> Vectors:
    """What clustering compares: [√0.7 · passage | √0.3 · signature TF-IDF], rows of unit length, (n, d + vocabulary).

    A failure without signature stands on its passage alone, one without user text on its signature alone.
    """
    if not any(signatures):
        return unit_rows(passages)
    marks = signature_vectors(signatures)
    return unit_rows(np.hstack([np.sqrt(PASSAGE_SHARE) * passages, np.sqrt(1 - PASSAGE_SHARE) * marks]))


def signature_vectors(signatures: Sequence[Sequence[str]]) -> Vectors:
    """TF-IDF of signature tokens: unit rows, zero without tokens, (n, vocabulary)."""
    if not any(signatures):
        return np.zeros((len(signatures), 1), np.float32)
    marks = _tfidf(signatures)
    if marks.shape[0] * marks.shape[1] > _DENSE and marks.shape[1] > _DIRECTIONS:
        from sklearn.decomposition import TruncatedSVD

        return unit_rows(np.asarray(TruncatedSVD(_DIRECTIONS, random_state=0).fit_transform(marks), np.float32))
    return np.asarray(marks.toarray(), np.float32)


def _tfidf(signatures: Sequence[Sequence[str]]) -> Any:
    """Sublinear TF-IDF with smoothed document frequencies as unit rows (Manning et al. 2008, 6.4), sparse, (n, vocabulary).

    The vocabulary is that of the `_VOCABULARY` most frequent tokens, sorted. As scikit-learn does it, whose import takes
    longer than this for a few thousand failures.
    """
    from scipy.sparse import csr_array

    distinct, number = numbered([tuple(tokens) for tokens in signatures])
    copies = np.bincount(number)
    totals: Counter[str] = Counter()
    for tokens, times in zip(distinct, copies.tolist(), strict=True):
        for token in tokens:
            totals[token] += times
    kept = sorted(sorted(totals, key=lambda token: (-totals[token], token))[:_VOCABULARY])
    at = {token: column for column, token in enumerate(kept)}
    counts = [Counter(at[token] for token in tokens if token in at) for tokens in distinct]
    rows = np.repeat(np.arange(len(counts)), [len(count) for count in counts])
    columns = np.fromiter(chain.from_iterable(counts), np.intp, len(rows))
    frequencies = np.fromiter(chain.from_iterable(count.values() for count in counts), np.float64, len(rows))
    spread = np.bincount(columns, copies[rows], len(kept))
    values = (1 + np.log(frequencies)) * (np.log((1 + len(signatures)) / (1 + spread)) + 1)[columns]
    values /= np.sqrt(np.bincount(rows, values**2, len(counts)))[rows]
    return csr_array((values, (rows, columns)), shape=(len(counts), len(kept)))[number]


def calls_only(signatures: Sequence[Sequence[str]]) -> list[list[str]]:
    """The tokens of each signature that name what was called and what came back, without signals."""
    return [[token for token in tokens if not token.startswith(SIGNAL_TOKEN)] for tokens in signatures]


def compressed(vectors: Vectors) -> Vectors:
    """The same rows in `DIMENSIONS`, of unit length: projected so that their products change least (SVD), (n, 64).

    Beyond a few thousand rows the directions are those of an even sample.
    """
    from scipy.linalg import eigh

    sample = vectors[:: max(1, len(vectors) // _SAMPLE)].astype(np.float64)
    width = vectors.shape[1]
    _, directions = eigh(sample.T @ sample, subset_by_index=[max(0, width - DIMENSIONS), width - 1])
    kept = vectors @ directions[:, ::-1].astype(np.float32)
    return unit_rows(np.pad(kept, ((0, 0), (0, DIMENSIONS - kept.shape[1]))))
