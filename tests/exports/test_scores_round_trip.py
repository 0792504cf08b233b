"""Whatever is said of whichever conversations: as scores in a tool's file, and read in again, it is the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.imported import import_paths
from tests.support.scored_logs import LOGS, Judged
from tests.support.thoroughness import tries
from workbench.bench.score_rows import ScoreRow
from workbench.conversation.model import Evaluation
from workbench.exports import export
from workbench.exports.scores import scores_of

ODD_IDS = (
    "007", "1e5", "null", "nan", "true", "-", "a/b", "a b", "c-1 ", " c-1", "Ünïcode ñ", "会話-1", "😀", "x\ty", "a\"b'c", "{}", "[1]", "=1+1", "a\\b",
    "x" * 300, "e\u0301", "\u00e9", "\u202egnp", "0", "1.0", "https://x.test/a?b=c#d", "%20",
)  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
SESSIONS = st.one_of(st.sampled_from(ODD_IDS), TEXTS).filter(lambda text: text.strip() != "")
TRACES = st.text("0123456789abcdef", min_size=32, max_size=32).filter(lambda text: set(text) != {"0"})
MAYBE = st.one_of(st.none(), TEXTS.filter(lambda text: text.strip() != ""))
SOURCES = st.sampled_from(["person", "cluster", "suggested"])


@st.composite
def judged(draw: st.DrawFn) -> list[Judged]:
    """Some conversations of sessions and of bare traces, with what is said of them and what other evaluators said before."""
    sessions = draw(st.lists(SESSIONS, unique=True, max_size=3))
    traces = draw(st.lists(TRACES, unique=True, min_size=0 if sessions else 1, max_size=2))
    kept = []
    for conversation_id, trace in [*((session, None) for session in sessions), *((trace, trace) for trace in traces)]:
        cause, severity, cluster = draw(MAYBE), draw(st.sampled_from([None, "S1", "S4"])), draw(MAYBE)
        row = ScoreRow(
            conversation_id=conversation_id,
            bot="shop",
            trace_id=trace,
            failed=draw(st.booleans()),
            failed_source=draw(st.sampled_from(["person", "workbench"])),
            failing_turn=draw(st.one_of(st.none(), st.integers(0, 10_000))),
            root_cause=cause,
            root_cause_source=None if cause is None else draw(SOURCES),
            note=draw(MAYBE),
            severity=severity,
            severity_source=None if severity is None else draw(st.sampled_from(["person", "suggested"])),
            cluster=cluster,
            cluster_name=draw(MAYBE),
            ticket=draw(st.sampled_from([None, "FIX-0001"])),
        )
        others = draw(st.lists(st.sampled_from(["helpful", "höflich", "judge: tone"]), unique=True, max_size=2))
        before = [Evaluation(name, draw(st.sampled_from([0.0, 0.25, 1.0])), None, None, "model") for name in others]
        kept.append(Judged(row, before))
    return kept


def said(row: ScoreRow) -> list[Evaluation]:
    """What the scores of a row say, as a log's evaluations."""
    return [Evaluation(score.name, score.value, score.label, score.explanation or None, score.by) for score in scores_of(row)]  # fmt: skip


def by_name(evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    return sorted((replace(each, position=None) for each in evaluations), key=lambda each: each.name)


@pytest.mark.parametrize(("format", "log"), LOGS.items())
@settings(max_examples=tries(60), deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(conversations=judged())
@example(conversations=[Judged(ScoreRow(name, "shop", None, True, "person", 0, "c", "person", "why", "S1", "person", "FC-1", "n", "FIX-0001"), []) for name in ODD_IDS])  # fmt: skip
def test_scores_that_went_back_are_read_in_again_the_same(
    format: str, log: Callable[[Path, Sequence[Judged]], list[Path]], conversations: list[Judged]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logged = log(folder, conversations)
        out = folder / ("scores" if format == "phoenix" else "scores.jsonl")
        written = export("scores", format, [each.row for each in conversations], out)
        again = import_paths(folder, *logged, *written)
    assert again.rejects == []
    assert {each.conversation_id: by_name(each.evaluations) for each in again.conversations} == {
        each.row.conversation_id: by_name([*each.before, *said(each.row)]) for each in conversations
    }
