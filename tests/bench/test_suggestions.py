"""Suggested causes: nearest labelled failures, a classifier once there are enough, and never over a person's word."""

from datetime import datetime

import numpy as np
import pytest

from workbench.bench.bench import Bench
from workbench.bench.suggestions import Failures, Suggestion, SuggestionScore, balanced_accuracy, suggest
from workbench.clusters.failure_vectors import compressed
from workbench.embedding.vectors import Vectors, unit_rows
from workbench.judgement.records.labels import Label
from workbench.store import Store

EAST, NORTH = [1.0, 0.0], [0.0, 1.0]


def failures(*rows: tuple[str, str, list[float]]) -> Failures:
    """Failures of one bot from (key, cluster, vector)."""
    keys, clusters, vectors = zip(*rows, strict=True)
    return Failures(
        list(keys), ["shop"] * len(rows), list(clusters), [1.0] * len(rows), np.asarray(vectors, np.float32)
    )


def labels(**causes: str) -> dict[tuple[str, str], Label]:
    """Labels by target; a cluster's name begins with FC."""
    said = {}
    for name, cause in causes.items():
        kind = "cluster" if name.startswith("FC") else "conversation"
        said[kind, name] = Label(kind, name, cause, by="Ana", at=datetime(2026, 3, 2), version=1)
    return said


def test_a_failure_gets_the_cause_of_the_nearest_labelled_ones() -> None:
    found = suggest(
        failures(("a", "FC1", EAST), ("b", "FC1", EAST), ("c", "FC2", NORTH), ("d", "FC3", EAST), ("e", "FC4", NORTH)),
        labels(FC1="loop", c="handoff"),
    )
    assert found.conversations == {
        "d": Suggestion("loop", 2, 2, "nearest"),
        "e": Suggestion("handoff", 1, 1, "nearest"),
    }
    assert found.clusters == {"FC3": Suggestion("loop", 1, 1, "nearest"), "FC4": Suggestion("handoff", 1, 1, "nearest")}


def test_what_is_far_from_all_labelled_ones_gets_no_suggestion() -> None:
    assert suggest(failures(("a", "FC1", EAST), ("b", "FC2", NORTH)), labels(FC1="loop")).conversations == {}


def test_labelled_ones_that_disagree_suggest_nothing() -> None:
    found = suggest(
        failures(("a", "FC1", EAST), ("b", "FC2", EAST), ("c", "FC3", EAST)), labels(FC1="loop", FC2="handoff")
    )
    assert found.conversations == {}


def test_a_cluster_needs_more_than_half_of_its_members() -> None:
    found = suggest(
        failures(("a", "FC1", EAST), ("b", "FC2", EAST), ("c", "FC2", NORTH)), labels(FC1="loop")
    )  # fmt: skip
    assert (found.conversations, found.clusters) == ({"b": Suggestion("loop", 1, 1, "nearest")}, {})


def test_a_persons_word_is_never_overridden() -> None:
    said = labels(FC1="loop") | {("conversation", "b"): Label("conversation", "b", disposition="not-a-bug", version=2)}
    found = suggest(failures(("a", "FC1", EAST), ("b", "FC2", EAST), ("c", "FC2", EAST)), said)
    assert set(found.conversations) == {"c"}


def test_a_note_of_its_own_does_not_make_a_failure_one_that_nobody_named() -> None:
    said = labels(FC1="loop") | {("conversation", "a"): Label("conversation", "a", note="see turn 3", version=2)}
    found = suggest(failures(("a", "FC1", EAST), ("b", "FC2", EAST)), said)
    assert found.conversations == {"b": Suggestion("loop", 1, 1, "nearest")}


def test_another_bots_labels_have_no_say() -> None:
    both = failures(("a", "FC1", EAST), ("b", "FC2", EAST))
    both.bots[1] = "bank"
    assert suggest(both, labels(FC1="loop")).conversations == {}


def around(centre: list[float], rng: np.random.Generator) -> Vectors:
    return unit_rows(np.asarray([centre], np.float32) + rng.normal(0, 0.2, (1, 2)).astype(np.float32))[0]


def test_from_thirty_labels_on_a_classifier_is_scored_on_labels_held_out() -> None:
    rng = np.random.default_rng(2)
    rows = [(f"k{n}", f"FC{n // 2}", around(EAST if n // 2 % 2 else NORTH, rng)) for n in range(40)]
    many = failures(*[(key, cluster, list(vector)) for key, cluster, vector in rows])
    said = {f"k{n}": "loop" if n // 2 % 2 else "handoff" for n in range(36)}
    twenty_nine = suggest(many, labels(**dict(list(said.items())[:29])))
    assert twenty_nine.scores == {}
    scored = suggest(many, labels(**said))
    assert scored.scores == {"shop": SuggestionScore("shop", 36, 2, 1.0, 1.0, 0.5, "nearest")}
    assert {key: one.cause for key, one in scored.conversations.items()} == {
        "k36": "handoff",
        "k37": "handoff",
        "k38": "loop",
        "k39": "loop",
    }


def test_members_that_speak_for_one_label_are_held_out_together() -> None:
    rng = np.random.default_rng(2)
    clusters = failures(*[(f"k{n}", f"FC{n // 2}", list(around(EAST, rng))) for n in range(62)])
    found = suggest(clusters, labels(**{f"FC{n}": f"cause {n}" for n in range(30)}))
    assert (found.scores["shop"].classifier, found.scores["shop"].nearest) == (0, 0)
    assert (found.scores["shop"].used, found.conversations) == ("neither", {})


def test_balanced_accuracy_counts_a_rare_cause_as_much_as_a_common_one() -> None:
    said = np.asarray(["loop"] * 8 + ["handoff"] * 2)
    assert balanced_accuracy(said, np.asarray(["loop"] * 10)) == 0.5


def test_compressed_rows_keep_their_products() -> None:
    rows = unit_rows(np.random.default_rng(0).normal(size=(30, 200)).astype(np.float32))
    small = compressed(rows)
    assert small.shape == (30, 64)
    assert np.allclose(small @ small.T, rows @ rows.T, atol=1e-4)


def test_suggestions_show_in_rows_until_a_person_speaks(store: Store) -> None:
    bench = Bench(store, "Ana")
    first = bench.clusters()[0].cluster

    def said(cluster: str) -> tuple[str | None, str | None]:
        row = next(row for row in bench.clusters() if row.cluster == cluster)
        return row.root_cause, row.root_cause_source

    assert said(first) == (None, None)
    for member in bench.cluster(first).members[:3]:
        bench.label(member.key, cause="tool-fault")
    assert said(first) == ("tool-fault", "suggested")
    sources = {row.root_cause_source for row in bench.failures() if row.cluster == first}
    assert sources == {"person", "suggested"}
    bench.label(first, disposition="not-a-bug")
    assert said(first) == (None, None)
    bench.label(first, cause="loop")
    assert said(first) == ("loop", "person")
    assert {row.root_cause_source for row in bench.labels()} == {"person", "cluster"}


@pytest.mark.parametrize("kind", ["cluster", "conversation"])
def test_a_note_alone_leaves_room_for_a_suggestion(kind: str) -> None:
    target = "FC2" if kind == "cluster" else "b"
    said = labels(FC1="loop") | {(kind, target): Label(kind, target, note="hm", version=2)}
    assert suggest(failures(("a", "FC1", EAST), ("b", "FC2", EAST)), said).conversations["b"].cause == "loop"
