"""Which scores are a user's vote, which are a rating on some scale, and which are neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import Imported, import_paths
from tests.support.norms import norms_of
from workbench.conversation.model import Conversation, Evaluation
from workbench.logs.files import shards


def asked(trace: str) -> dict[str, Any]:
    own = {"id": f"o-{trace}", "trace_id": trace, "type": "GENERATION", "parent_observation_id": ""}
    return {**own, "start_time": "2026-03-01 12:00:00", "input": "Where is it?", "output": "In Ashford."}


def score(trace: str, name: str, value: Any, **more: Any) -> dict[str, Any]:
    kind = "CATEGORICAL" if isinstance(value, str) else "NUMERIC"
    own = {"value": 0, "string_value": value} if isinstance(value, str) else {"value": value}
    return {"id": f"s-{trace}", "trace_id": trace, "name": name, **own, "data_type": kind, "source": "API", **more}  # fmt: skip


def imported(folder: Path, name: str, *values: Any) -> Imported:
    """Traces t1, t2 …, each with one score of that name."""
    traces = [f"t{n}" for n in range(1, len(values) + 1)]
    (folder / "spans.jsonl").write_text("\n".join(json.dumps(asked(trace)) for trace in traces))
    scores = [json.dumps(score(trace, name, value)) for trace, value in zip(traces, values, strict=True)]
    (folder / "scores.jsonl").write_text("\n".join(scores))
    return import_paths(folder, folder / "spans.jsonl", folder / "scores.jsonl")


def votes_and_ratings(log: Imported) -> list[tuple[int | None, float | None]]:
    """The vote on the reply and the rating of each conversation."""
    return [(each.turns[1].feedback, each.feedback_score) for each in log.conversations]


RATINGS = ("rating", "stars", "csat", "user_rating", "star-rating", "starRating", "satisfaction", "user_score", "csat_score")  # fmt: skip


@pytest.mark.parametrize("name", RATINGS)
def test_a_rating_is_no_vote_whatever_its_number(tmp_path: Path, name: str) -> None:
    log = imported(tmp_path, name, 1, 2, 3, 4, 5)
    assert votes_and_ratings(log) == [(None, 1.0), (None, 2.0), (None, 3.0), (None, 4.0), (None, 5.0)]
    norms = norms_of(log.conversations)
    assert [norms.bad_feedback(rating) for _, rating in votes_and_ratings(log) if rating] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("name", ["user-feedback", "thumbs", "thumbs_up", "like", "vote"])
def test_a_bare_1_0_or_minus_1_is_a_vote_under_a_name_of_votes(tmp_path: Path, name: str) -> None:
    assert votes_and_ratings(imported(tmp_path, name, 1, 0, -1)) == [(1, None), (-1, None), (-1, None)]


def test_a_1_against_is_a_vote_against(tmp_path: Path) -> None:
    assert votes_and_ratings(imported(tmp_path, "thumbs_down", 1)) == [(-1, None)]


@pytest.mark.parametrize("share", [1, 1 << 30])
def test_a_name_that_once_has_another_number_has_no_votes_in_the_whole_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: int
) -> None:
    monkeypatch.setattr(shards, "SHARE", share)
    log = imported(tmp_path, "feedback", 1, 4, 0)
    by_id = {each.conversation_id: each for each in log.conversations}
    assert {name: (each.turns[1].feedback, each.feedback_score) for name, each in by_id.items()} == {
        "t1": (None, 1.0),
        "t2": (None, 4.0),
        "t3": (None, 0.0),
    }


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        ("rating", "thumbs-down", (-1, None)),
        ("user_feedback", "👍", (1, None)),
        ("rating", "1", (None, 1.0)),
        ("feedback", "0", (-1, None)),
    ],
)
def test_a_label_is_a_vote_where_its_words_say_so_and_else_its_number_counts(
    tmp_path: Path, name: str, label: str, expected: tuple[int | None, float | None]
) -> None:
    assert votes_and_ratings(imported(tmp_path, name, label)) == [expected]


def test_each_rating_stands_beside_the_turn_that_it_judges(tmp_path: Path) -> None:
    rows = [{**asked(trace), "session_id": "s", "start_time": f"2026-03-01 12:0{n}:00"} for n, trace in enumerate("ab")]
    scores = [score("a", "stars", 1), score("b", "stars", 5)]
    (tmp_path / "spans.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "scores.jsonl").write_text("\n".join(map(json.dumps, scores)))
    only: Conversation = import_paths(tmp_path, tmp_path / "spans.jsonl", tmp_path / "scores.jsonl").only
    assert (only.feedback_score, only.metadata["turns.stars"]) == (5.0, [None, 1.0, None, 5.0])


def test_every_score_is_a_result_of_an_evaluator_with_its_turn_and_who_judged(tmp_path: Path) -> None:
    judged = score("t1", "helpfulness", 0.2, source="EVAL", comment="It does not help.")
    rows = [asked("t1"), judged, score("t1", "tone", "curt", source="ANNOTATION")]
    (tmp_path / "spans.jsonl").write_text(json.dumps(rows[0]))
    (tmp_path / "scores.jsonl").write_text("\n".join(map(json.dumps, rows[1:])))
    only = import_paths(tmp_path, tmp_path / "spans.jsonl", tmp_path / "scores.jsonl").only
    assert only.evaluations == [
        Evaluation("helpfulness", 0.2, explanation="It does not help.", by="model", position=1),
        Evaluation("tone", label="curt", by="person", position=1),
    ]
