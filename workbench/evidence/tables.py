"""The tables of a snapshot that a build hands over, by name. A column is added in its dataclass and nowhere else in evidence."""

from __future__ import annotations

from workbench.evidence.analysis_tables import (
    AnalysisRecord,
    LearnedRecord,
    PlaceRecord,
    SignalRecord,
    SilencedRecord,
    VectorRecord,
)
from workbench.evidence.cluster_tables import (
    BehaviourRecord,
    EligibleRecord,
    LineageRecord,
    MemberRecord,
    PatternRecord,
    ProposedRecord,
    StoredCluster,
    StrandRecord,
    SuccessRecord,
    SuspectRecord,
)
from workbench.evidence.import_tables import ImportRecord, RejectRecord, RewordedRecord
from workbench.evidence.schema import Table

TABLES: dict[str, type[Table]] = {
    "analyses": AnalysisRecord,
    "silenced": SilencedRecord,
    "learned": LearnedRecord,
    "signals": SignalRecord,
    "clusters": StoredCluster,
    "strands": StrandRecord,
    "patterns": PatternRecord,
    "members": MemberRecord,
    "suspected_members": MemberRecord,
    "places": PlaceRecord,
    "proposed": ProposedRecord,
    "eligible_requests": EligibleRecord,
    "request_vectors": VectorRecord,
    "failure_vectors": VectorRecord,
    "lineage": LineageRecord,
    "suspects": SuspectRecord,
    "worked": SuccessRecord,
    "parted": BehaviourRecord,
    "rejects": RejectRecord,
    "imports": ImportRecord,
    "reworded": RewordedRecord,
}
"""The tables that a build hands over, beside the conversations and turns that come straight from the parts."""
