"""What a build found of every conversation, as tables of columns: a row each as an object would be most of a build's time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.clusters.cluster import Cluster
from workbench.embedding.vectors import Vectors
from workbench.evidence.analysis_tables import AnalysisRecord, SignalRecord, SilencedRecord
from workbench.evidence.cluster_tables import EligibleRecord, MemberRecord, SuccessRecord
from workbench.evidence.columns import arrow_schema
from workbench.evidence.schema import Rows
from workbench.failures.learned_score import Learned
from workbench.failures.signals import REGISTRY
from workbench.pipeline.figures import BotFigures
from workbench.pipeline.stored_cases import StoredCases

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def analysis_table(cases: Mapping[str, StoredCases], learned: Mapping[str, Learned]) -> Rows:
    """What was found in each conversation, with the learned score of its bot."""
    return {"analyses": _joined(AnalysisRecord, (_analyses(of_bot, learned.get(bot)) for bot, of_bot in cases.items()))}


def signal_tables(cases: Mapping[str, StoredCases]) -> Rows:
    """The signals that fired, and those that would have fired but are switched off."""
    return {
        "signals": _joined(SignalRecord, map(_signals, cases.values())),
        "silenced": _joined(SilencedRecord, map(_silenced, cases.values())),
    }


def member_tables(clusters: Sequence[Cluster], cases: Mapping[str, StoredCases]) -> Rows:
    """The failing and the suspected members of clusters, and the conversations that could have failed as the topical ones did."""
    keys = {bot: of_bot.table["key"].combine_chunks() for bot, of_bot in cases.items()}
    members, suspected, eligible = [], [], []
    for cluster in clusters:
        failed = pa.array(cases[cluster.bot].failed[cluster.members])
        strands = {i: strand.name for strand in cluster.strands.strands for i in strand.members}
        placed = pa.table(
            {
                "key": keys[cluster.bot].take(pa.array(cluster.members, pa.int64())),
                "cluster": _repeated(cluster.id, len(cluster.members)),
                "strand": pa.array([strands.get(i) for i in cluster.members], pa.string()),
                "similarity": pa.array(cluster.similarity, pa.float64()),
            }
        )
        members.append(placed.filter(failed))
        suspected.append(placed.filter(pc.invert(failed)))
        if cluster.kind == "mechanical":
            continue  # any conversation of its bot is: the snapshot says so by a view
        eligible.append(
            {
                "cluster": _repeated(cluster.id, len(cluster.eligible)),
                "key": keys[cluster.bot].take(pa.array(cluster.eligible, pa.int64())),
            }
        )
    return {
        "members": _joined(MemberRecord, members),
        "suspected_members": _joined(MemberRecord, suspected),
        "eligible_requests": _joined(EligibleRecord, eligible),
    }


def worked_table(figures: Iterable[BotFigures]) -> Rows:
    """For each failure the successes like it, the nearest first."""
    matches = [match for of_bot in figures for match in of_bot.worked]
    keys = [match.key for match in matches]
    numbers = pa.array(keys, pa.string()).dictionary_encode().indices.to_numpy()
    first = np.flatnonzero(np.diff(numbers, prepend=-1))  # those of one failure come one after another
    rank = np.arange(len(numbers)) - np.repeat(first, np.diff(np.append(first, len(numbers)))) + 1
    columns = {
        "key": pa.array(keys, pa.string()),
        "rank": pa.array(rank, pa.int64()),
        "other": pa.array([match.other for match in matches], pa.string()),
        "similarity": pa.array([match.similarity for match in matches], pa.float64()),
        "same_task": pa.array([match.same_task for match in matches], pa.bool_()),
    }
    return {"worked": _joined(SuccessRecord, [columns])}


def vector_table(keys: Sequence[str], vectors: Vectors) -> pa.Table:
    """Vectors by conversation, (n, d), those that are zero left out."""
    there = vectors.any(1)
    kept = np.ascontiguousarray(vectors[there], np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(kept.ravel()), max(1, kept.shape[1]))
    return pa.table({"key": pa.array(keys, pa.string()).filter(pa.array(there)), "vector": column})


def _analyses(cases: StoredCases, learned: Learned | None) -> dict[str, Any]:
    table = cases.table
    same = (
        "key",
        "failed",
        "score",
        "verdict",
        "outcome_source",
        "failing_turn",
        "signature",
        "mechanical_key",
        "facts",
    )
    columns: dict[str, Any] = {name: table[name] for name in same}
    columns |= {name: table[name] for name in ("severity", "writes", "request", "passage", "reply", "last_good", "first_failing", "suspected", "signs")}  # fmt: skip
    rows, (positions, reasons) = cases.flat("candidate_positions", "candidate_reasons")
    fired, codes = _fired(cases)
    values, numbers = _ranked(codes.filter(pa.array(fired[1])))
    cells = np.unique(fired[0][fired[1]] * max(1, len(values)) + numbers)
    size = max(1, len(values))
    on = learned is not None and learned.on
    return columns | {
        "outcome": table["outcome_value"],
        "logged": table["outcome_failed"],
        "candidates": _lists(rows, len(cases), pa.StructArray.from_arrays([positions, reasons], ["position", "why"])),
        "codes": _lists(cells // size, len(cases), values.take(pa.array(cells % size))),
        "learned": pa.array(learned.scores) if learned and on else pa.nulls(len(cases), pa.float64()),
        "spoke": _spoke(learned, len(cases)),
    }


def _spoke(learned: Learned | None, count: int) -> pa.Array:
    """What spoke for each learned score and against it."""
    if learned is None or learned.contributions is None:
        names, weights, rows = pa.array([], pa.string()), np.zeros(0), np.zeros(0, np.intp)
    else:
        spoke = learned.contributions
        names = pa.array(learned.features, pa.string()).take(pa.array(spoke.features))
        weights, rows = spoke.weights, spoke.rows.astype(np.intp)
    return _lists(rows, count, pa.StructArray.from_arrays([names, pa.array(weights)], ["feature", "weight"]))


def _signals(cases: StoredCases) -> dict[str, Any]:
    (rows, fired), codes = _fired(cases)
    _, (positions, evidence) = cases.flat("positions", "evidence")
    on = pa.array(fired)
    encoded = codes.filter(on).dictionary_encode()
    kinds = [REGISTRY[code] for code in encoded.dictionary.to_pylist()]
    return {
        "key": cases.table["key"].take(pa.array(rows[fired])),
        "code": encoded.dictionary_decode(),
        "family": pa.array([kind.family for kind in kinds], pa.string()).take(encoded.indices),
        "strength": pa.array([kind.strength for kind in kinds], pa.string()).take(encoded.indices),
        "weight": pa.array([kind.weight for kind in kinds], pa.float64()).take(encoded.indices),
        "position": positions.filter(on),
        "evidence": evidence.filter(on),
    }


def _silenced(cases: StoredCases) -> dict[str, Any]:
    (rows, fired), codes = _fired(cases)
    values, numbers = _ranked(codes.filter(pa.array(~fired)))
    size = max(1, len(values))
    cells = np.unique(rows[~fired] * size + numbers)
    return {"key": cases.table["key"].take(pa.array(cells // size)), "code": values.take(pa.array(cells % size))}


def _fired(cases: StoredCases) -> tuple[tuple[NDArray[np.intp], NDArray[np.bool_]], pa.Array]:
    """Of each signal the row and whether it counts, those that are switched off being the last of a row; and the codes."""
    rows, (codes,) = cases.flat("codes")
    return (rows, cases.fired), codes


def _ranked(texts: pa.Array) -> tuple[pa.Array, NDArray[np.intp]]:
    """The distinct texts, sorted, and which of them each is."""
    encoded = texts.dictionary_encode()
    order = np.array(sorted(range(len(encoded.dictionary)), key=encoded.dictionary.to_pylist().__getitem__), np.intp)
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order))
    return encoded.dictionary.take(pa.array(order)), rank[encoded.indices.to_numpy(zero_copy_only=False)]


def _lists(rows: NDArray[Any], count: int, values: pa.Array) -> pa.Array:
    """Values as lists of the rows that they are of, which rise."""
    ends = np.cumsum(np.bincount(rows, minlength=count))
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], ends]), pa.int32()), values)


def _repeated(text: str, times: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), times)


def _joined(record: type[DataclassInstance], parts: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The columns of several parts as one table of this record."""
    schema = arrow_schema(record)
    tables = [pa.table([part[name] for name in schema.names], names=schema.names).cast(schema) for part in parts]
    return pa.concat_tables([schema.empty_table(), *tables])
