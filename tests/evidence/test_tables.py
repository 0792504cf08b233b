"""The columns of every table, as snapshots of this layout hold them: whoever changes one raises `SCHEMA`."""

import pyarrow as pa

from workbench.evidence.columns import arrow_schema
from workbench.evidence.tables import TABLES

TEXT, NUMBER, SHARE, FLAG, TIME = pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us")
TEXTS = pa.list_(TEXT)
WEIGHTS = pa.list_(pa.struct([("feature", TEXT), ("weight", SHARE)]))
VECTOR = pa.list_(pa.float32())

LAYOUT = {
    "analyses": {
        "key": TEXT, "failed": FLAG, "score": SHARE, "verdict": TEXT, "outcome": TEXT, "outcome_source": TEXT,
        "failing_turn": NUMBER, "candidates": pa.list_(pa.struct([("position", NUMBER), ("why", TEXT)])),
        "signature": TEXT, "mechanical_key": TEXT, "facts": TEXTS, "severity": TEXT, "writes": pa.list_(NUMBER),
        "request": TEXT, "passage": TEXT, "reply": TEXT, "codes": TEXTS, "logged": FLAG, "learned": SHARE,
        "spoke": WEIGHTS, "last_good": TEXT, "first_failing": TEXT, "suspected": FLAG, "signs": TEXT,
    },
    "silenced": {"key": TEXT, "code": TEXT},
    "learned": {
        "bot": TEXT, "failing": NUMBER, "fine": NUMBER, "groups": NUMBER, "auc": SHARE, "auc_low": SHARE,
        "auc_high": SHARE, "length_auc": SHARE, "brier": SHARE, "base_brier": SHARE,
        "bins": pa.list_(pa.struct([("said", SHARE), ("total", NUMBER), ("failed", NUMBER)])), "weights": WEIGHTS,
        "lead": SHARE, "lead_low": SHARE, "lead_high": SHARE, "by_length": FLAG, "few": FLAG,
    },
    "signals": {
        "key": TEXT, "code": TEXT, "family": TEXT, "strength": TEXT, "weight": SHARE, "position": NUMBER,
        "evidence": TEXT,
    },
    "clusters": {
        "cluster": TEXT, "rank": NUMBER, "bot": TEXT, "kind": TEXT, "mechanical_key": TEXT, "name": TEXT,
        "keywords": TEXTS, "sentence": TEXT, "theme": TEXT, "size": NUMBER, "failures": NUMBER, "eligible": NUMBER,
        "rate": SHARE, "low": SHARE, "high": SHARE, "excess": SHARE, "trend": TEXT, "escalating": FLAG,
        "severity": TEXT, "signature": TEXT, "first_seen": TIME, "last_seen": TIME, "examples": TEXTS,
        "facts": pa.list_(pa.struct([("text", TEXT), ("count", NUMBER), ("base_rate", SHARE)])),
        "weeks": pa.list_(pa.struct([("week", TEXT), ("eligible", NUMBER), ("failures", NUMBER)])),
        "likeness": SHARE, "suspected": NUMBER, "centroid": VECTOR,
    },
    "strands": {"cluster": TEXT, "rank": NUMBER, "strand": TEXT, "example": TEXT},
    "patterns": {"cluster": TEXT, "other": TEXT, "shared": TEXT, "similarity": SHARE},
    "members": {"key": TEXT, "cluster": TEXT, "strand": TEXT, "similarity": SHARE},
    "suspected_members": {"key": TEXT, "cluster": TEXT, "strand": TEXT, "similarity": SHARE},
    "places": {"key": TEXT, "x": SHARE, "y": SHARE},
    "proposed": {
        "cluster": TEXT, "bot": TEXT, "kind": TEXT, "mechanical_key": TEXT, "name": TEXT, "members": TEXTS,
        "centroid": pa.binary(), "by_hand": FLAG,
    },
    "eligible_requests": {"cluster": TEXT, "key": TEXT},
    "request_vectors": {"key": TEXT, "vector": VECTOR},
    "failure_vectors": {"key": TEXT, "vector": VECTOR},
    "lineage": {"cluster": TEXT, "relation": TEXT, "other": TEXT, "shared": NUMBER},
    "suspects": {
        "cluster": TEXT, "rank": NUMBER, "kind": TEXT, "value": TEXT, "also": TEXTS, "hits": NUMBER, "total": NUMBER,
        "elsewhere_hits": NUMBER, "elsewhere": NUMBER, "p": SHARE, "stands": FLAG, "first_seen": TIME, "begins": FLAG,
    },
    "worked": {"key": TEXT, "rank": NUMBER, "other": TEXT, "similarity": SHARE, "same_task": FLAG},
    "parted": {
        "cluster": TEXT, "rank": NUMBER, "kind": TEXT, "name": TEXT, "argument": TEXT, "value": TEXT,
        "failing": NUMBER, "failures": NUMBER, "working": NUMBER, "worked": NUMBER,
    },
    "rejects": {
        "import_id": TEXT, "file": TEXT, "row": NUMBER, "column": TEXT, "reason": TEXT, "value": TEXT, "rows": NUMBER,
    },
    "imports": {"import_id": TEXT, "position": NUMBER, "manifest": TEXT},
    "reworded": {"key": TEXT, "at": TIME},
}  # fmt: skip


def test_the_columns_of_a_table_are_the_fields_of_its_dataclass_and_those_of_the_layout() -> None:
    derived = {name: {column.name: column.type for column in arrow_schema(row)} for name, row in TABLES.items()}
    assert derived == LAYOUT
