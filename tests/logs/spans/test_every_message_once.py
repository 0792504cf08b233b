"""However traces interleave repeated histories, injected messages, retries, parallel calls and sub-agents, the transcript
holds each logged message once, in order; and what is missing replaces nothing."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.generated_traces import REMINDER, WRITERS, Traced, message, traced
from tests.support.imported import import_paths, write
from workbench.conversation.model import Turn
from workbench.logs.spans.story import fill
from workbench.logs.values.messages import Line

SOME = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
MANY = settings(max_examples=260, deadline=None, suppress_health_check=list(HealthCheck))
SEVERAL = st.integers(1, 8).flatmap(lambda count: st.tuples(*(traced(identity=f"c{n}") for n in range(count))))


def holds_each_message_once(format: str, dialogues: tuple[Traced, ...]) -> None:
    with TemporaryDirectory() as folder:
        rows = [row for dialogue in dialogues for row in dialogue.rows(format)]
        imported = import_paths(Path(folder), write(Path(folder) / "log.jsonl", rows), format=format)
    assert imported.rejects == []
    transcripts = {
        each.conversation_id: [message(turn) for turn in each.turns if turn.content != REMINDER]
        for each in imported.conversations
    }
    assert transcripts == {each.conversation.conversation_id: each.messages for each in dialogues}


@pytest.mark.parametrize("format", WRITERS)
def test_each_message_stands_once_in_order(format: str) -> None:
    SOME(given(SEVERAL)(lambda dialogues: holds_each_message_once(format, dialogues)))()


@pytest.mark.slow
@pytest.mark.parametrize("format", WRITERS)
def test_each_message_stands_once_in_order_over_two_thousand_traces(format: str) -> None:
    MANY(given(SEVERAL)(lambda dialogues: holds_each_message_once(format, dialogues)))()


TEXTS = st.sampled_from([None, "", "a", "b"])
TURNS = st.builds(
    lambda content, name, call, error: Turn(0, "tool", content or "", name=name, tool_call_id=call, error=error),
    *(TEXTS, TEXTS, TEXTS, TEXTS),
)


@given(TURNS, TURNS)
@settings(deadline=None, derandomize=True)
def test_what_is_missing_or_empty_replaces_nothing(one: Turn, other: Turn) -> None:
    names = ("content", "name", "tool_call_id", "error")
    before, beside = ({name: getattr(turn, name) for name in names} for turn in (one, other))
    fill(Line(one), Line(other))
    assert {name: getattr(one, name) or None for name in names} == {
        name: (before[name] or beside[name]) or None for name in names
    }
