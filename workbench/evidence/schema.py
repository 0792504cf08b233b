"""The tables of a snapshot that a build hands over, and what a snapshot says of itself. No engine is needed to know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

SCHEMA = 3
"""Raised with every change of a table below; a snapshot of another layout is built again from its parts."""

_STRINGS = pa.list_(pa.string())
_TIME = pa.timestamp("us")
_WEIGHT = pa.struct([("feature", pa.string()), ("weight", pa.float64())])

FINDINGS: dict[str, pa.Schema] = {
    "analyses": pa.schema(
        [
            ("key", pa.string()),
            ("failed", pa.bool_()),
            ("score", pa.float64()),
            ("verdict", pa.string()),
            ("outcome", pa.string()),
            ("outcome_source", pa.string()),
            ("failing_turn", pa.int64()),
            ("candidates", pa.list_(pa.struct([("position", pa.int64()), ("why", pa.string())]))),
            ("signature", pa.string()),
            ("mechanical_key", pa.string()),
            ("facts", _STRINGS),
            ("severity", pa.string()),
            ("writes", pa.list_(pa.int64())),
            ("request", pa.string()),
            ("passage", pa.string()),
            ("reply", pa.string()),
            ("codes", _STRINGS),
            ("logged", pa.bool_()),
            ("learned", pa.float64()),
            ("spoke", pa.list_(_WEIGHT)),
        ]
    ),
    "silenced": pa.schema([("key", pa.string()), ("code", pa.string())]),
    "learned": pa.schema(
        [
            ("bot", pa.string()),
            ("failing", pa.int64()),
            ("fine", pa.int64()),
            ("groups", pa.int64()),
            ("auc", pa.float64()),
            ("auc_low", pa.float64()),
            ("auc_high", pa.float64()),
            ("length_auc", pa.float64()),
            ("brier", pa.float64()),
            ("base_brier", pa.float64()),
            ("bins", pa.list_(pa.struct([("said", pa.float64()), ("total", pa.int64()), ("failed", pa.int64())]))),
            ("weights", pa.list_(_WEIGHT)),
        ]
    ),
    "signals": pa.schema(
        [
            ("key", pa.string()),
            ("code", pa.string()),
            ("family", pa.string()),
            ("strength", pa.string()),
            ("weight", pa.float64()),
            ("position", pa.int64()),
            ("evidence", pa.string()),
        ]
    ),
    "clusters": pa.schema(
        [
            ("cluster", pa.string()),
            ("rank", pa.int64()),
            ("bot", pa.string()),
            ("kind", pa.string()),
            ("mechanical_key", pa.string()),
            ("name", pa.string()),
            ("keywords", _STRINGS),
            ("sentence", pa.string()),
            ("theme", pa.string()),
            ("size", pa.int64()),
            ("failures", pa.int64()),
            ("eligible", pa.int64()),
            ("rate", pa.float64()),
            ("low", pa.float64()),
            ("high", pa.float64()),
            ("excess", pa.float64()),
            ("trend", pa.string()),
            ("escalating", pa.bool_()),
            ("severity", pa.string()),
            ("signature", pa.string()),
            ("first_seen", _TIME),
            ("last_seen", _TIME),
            ("examples", _STRINGS),
            ("facts", pa.list_(pa.struct([("text", pa.string()), ("count", pa.int64()), ("base_rate", pa.float64())]))),
            (
                "weeks",
                pa.list_(pa.struct([("week", pa.string()), ("eligible", pa.int64()), ("failures", pa.int64())])),
            ),
            ("centroid", pa.list_(pa.float32())),
            ("likeness", pa.float64()),
        ]
    ),
    "strands": pa.schema(
        [("cluster", pa.string()), ("rank", pa.int64()), ("strand", pa.string()), ("example", pa.string())]
    ),
    "patterns": pa.schema(
        [("cluster", pa.string()), ("other", pa.string()), ("shared", pa.string()), ("similarity", pa.float64())]
    ),
    "members": pa.schema(
        [
            ("key", pa.string()),
            ("cluster", pa.string()),
            ("strand", pa.string()),
            ("similarity", pa.float64()),
        ]
    ),
    "places": pa.schema([("key", pa.string()), ("x", pa.float64()), ("y", pa.float64())]),
    "proposed": pa.schema(
        [
            ("cluster", pa.string()),
            ("bot", pa.string()),
            ("kind", pa.string()),
            ("mechanical_key", pa.string()),
            ("name", pa.string()),
            ("members", _STRINGS),
            ("centroid", pa.binary()),
            ("by_hand", pa.bool_()),
        ]
    ),
    "eligible": pa.schema([("cluster", pa.string()), ("key", pa.string())]),
    "request_vectors": pa.schema([("key", pa.string()), ("vector", pa.list_(pa.float32()))]),
    "failure_vectors": pa.schema([("key", pa.string()), ("vector", pa.list_(pa.float32()))]),
    "lineage": pa.schema(
        [("cluster", pa.string()), ("relation", pa.string()), ("other", pa.string()), ("shared", pa.int64())]
    ),
    "suspects": pa.schema(
        [
            ("cluster", pa.string()),
            ("rank", pa.int64()),
            ("kind", pa.string()),
            ("value", pa.string()),
            ("also", _STRINGS),
            ("hits", pa.int64()),
            ("total", pa.int64()),
            ("elsewhere_hits", pa.int64()),
            ("elsewhere", pa.int64()),
            ("p", pa.float64()),
            ("stands", pa.bool_()),
            ("first_seen", _TIME),
            ("begins", pa.bool_()),
        ]
    ),
    "worked": pa.schema(
        [
            ("key", pa.string()),
            ("rank", pa.int64()),
            ("other", pa.string()),
            ("similarity", pa.float64()),
            ("same_task", pa.bool_()),
        ]
    ),
    "parted": pa.schema(
        [
            ("cluster", pa.string()),
            ("rank", pa.int64()),
            ("kind", pa.string()),
            ("name", pa.string()),
            ("argument", pa.string()),
            ("value", pa.string()),
            ("failing", pa.int64()),
            ("failures", pa.int64()),
            ("working", pa.int64()),
            ("worked", pa.int64()),
        ]
    ),
    "rejects": pa.schema(
        [
            ("import_id", pa.string()),
            ("file", pa.string()),
            ("row", pa.int64()),
            ("column", pa.string()),
            ("reason", pa.string()),
            ("value", pa.string()),
            ("rows", pa.int64()),
        ]
    ),
    "imports": pa.schema([("import_id", pa.string()), ("position", pa.int64()), ("manifest", pa.string())]),
}
"""The tables that a build hands over, beside the conversations and turns that come straight from the parts."""

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Counts:
    """What a snapshot holds."""

    conversations: int
    turns: int
    failures: int
    clusters: int


@dataclass(frozen=True)
class Meta:
    """What a snapshot says of itself; `register` is what its build proposes to the identity register."""

    snapshot: str
    built_at: datetime
    schema: int
    settings: dict[str, Any] = field(default_factory=dict)
