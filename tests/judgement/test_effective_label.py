"""Which label counts for a conversation, and a label in words."""

from dataclasses import replace
from datetime import datetime

import pytest

from workbench.judgement.effective_label import describe_label, effective_label
from workbench.judgement.records.labels import Label

THEIRS = Label("cluster", "FC-0001", "tool-fault", ["loop"], None, "S2", "times out", by="Bo", at=datetime(2026, 3, 2))
OWN = Label("conversation", "k", by="Ana", at=datetime(2026, 3, 3))


@pytest.mark.parametrize(
    ("own", "theirs", "counts"),
    [
        (None, THEIRS, THEIRS),
        (replace(OWN, cause="loop"), None, replace(OWN, cause="loop")),
        # What says what it is decides, and brings nothing of the cluster's along.
        (replace(OWN, cause="loop"), THEIRS, replace(OWN, cause="loop")),
        (replace(OWN, disposition="not-a-bug"), THEIRS, replace(OWN, disposition="not-a-bug")),
        # A note or a severity alone decides nothing: it stands beside the cluster's cause.
        (replace(OWN, note="see turn 3"), THEIRS, replace(THEIRS, note="see turn 3")),
        (replace(OWN, severity="S1"), THEIRS, replace(THEIRS, severity="S1")),
        # Where neither decides, the conversation's own word comes first.
        (replace(OWN, note="n"), replace(THEIRS, cause=None), replace(OWN, note="n", severity="S2")),
        (None, None, None),
    ],
)
def test_the_own_label_counts_where_it_says_what_it_is_else_the_clusters_with_the_own_note_and_severity(
    own: Label | None, theirs: Label | None, counts: Label | None
) -> None:
    labels = {(label.target_kind, label.target): label for label in (own, theirs) if label}
    assert effective_label(labels, "k", "FC-0001") == counts


def test_another_clusters_label_does_not_count_and_none_does_outside_of_clusters() -> None:
    labels = {("cluster", "FC-0001"): THEIRS}
    assert [effective_label(labels, "k", cluster) for cluster in ("FC-0002", None)] == [None, None]


def test_a_label_is_told_on_one_line() -> None:
    assert describe_label(THEIRS) == "tool-fault (also loop), S2, “times out”, by Bo"
    assert describe_label(replace(OWN, disposition="not-a-bug", note="as\nagreed")) == "not-a-bug, “as agreed”, by Ana"
