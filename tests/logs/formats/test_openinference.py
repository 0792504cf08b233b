"""Phoenix's spans and annotations."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import Imported, import_paths, write
from workbench.conversation.model import Document, ToolCall, Turn
from workbench.errors import UserError
from workbench.logs.files import shards


def at(second: int) -> datetime:
    return datetime(2026, 3, 1, 12, 0, second)


def span(
    id: str, kind: str, second: int, parent: str | None = "root", trace: str = "t1", **attributes: Any
) -> dict[str, Any]:
    """A row of get_spans_dataframe; attributes with _ for dots where a keyword needs it."""
    return {
        "name": attributes.pop("name", id),
        "span_kind": kind,
        "parent_id": parent,
        "start_time": at(second).isoformat() + "Z",
        "end_time": at(second + 1).isoformat() + "Z",
        "status_code": attributes.pop("status_code", "OK"),
        "status_message": attributes.pop("status_message", ""),
        "events": attributes.pop("events", []),
        "context.span_id": id,
        "context.trace_id": trace,
        **{f"attributes.{name}": value for name, value in attributes.items()},
    }


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def imported(folder: Path, rows: list[dict[str, Any]], *more: list[dict[str, Any]]) -> Imported:
    return import_paths(folder, *(lines(folder / f"{n}.jsonl", each) for n, each in enumerate([rows, *more])))


def message(role: str, content: str, **fields: Any) -> dict[str, Any]:
    return {"message.role": role, "message.content": content, **{f"message.{name}": v for name, v in fields.items()}}


CALL = {"tool_call.id": "c1", "tool_call.function.name": "look", "tool_call.function.arguments": '{"id": 7}'}
TRACE = [
    span(
        "root",
        "AGENT",
        0,
        None,
        **{
            "input.value": "Where is parcel 7?",
            "output.value": "In Ashford.",
            "session.id": "s1",
            "user.id": "u1",
            "agent.name": "parcel-care",
            "metadata": {"channel": "web", "locale": "en"},
            "tag.tags": ["beta"],
        },
    ),
    span(
        "llm1",
        "LLM",
        1,
        **{
            "llm.model_name": "m-1",
            "llm.prompt_template.version": "p3",
            "llm.input_messages": [message("system", "Be kind."), message("user", "Where is parcel 7?")],
            "llm.output_messages": [message("assistant", "", tool_calls=[CALL])],
            "llm.finish_reason": "tool_calls",
            "llm.token_count.total": 30,
        },
    ),
    span(
        "tool1", "TOOL", 3, **{"tool.name": "look", "input.value": '{"id": 7}', "output.value": '{"city": "Ashford"}'}
    ),
    span(
        "find",
        "RETRIEVER",
        4,
        **{
            "retrieval.documents": [
                {
                    "document.id": "d1",
                    "document.content": "Ashford.",
                    "document.score": 0.5,
                    "document.metadata": '{"title": "Cities"}',
                }
            ]
        },
    ),
    span(
        "llm2",
        "LLM",
        5,
        **{
            "llm.model_name": "m-1",
            "llm.input_messages": [
                message("system", "Be kind."),
                message("user", "Where is parcel 7?"),
                message("assistant", "", tool_calls=[CALL]),
                message("tool", '{"city": "Ashford"}', tool_call_id="c1"),
            ],
            "llm.output_messages": [message("assistant", "In Ashford.")],
            "llm.finish_reason": "stop",
            "llm.token_count.total": 50,
        },
    ),
]
TURNS = [
    Turn(0, "system", "Be kind."),
    Turn(1, "user", "Where is parcel 7?", timestamp=at(0)),
    Turn(
        2,
        "assistant",
        tool_calls=[ToolCall("look", '{"id": 7}', "c1", 3)],
        timestamp=at(2),
        latency_ms=1000.0,
        finish_reason="tool_calls",
    ),
    Turn(
        3,
        "tool",
        '{"city": "Ashford"}',
        name="look",
        tool_call_id="c1",
        caller="assistant",
        call_position=2,
        timestamp=at(4),
        latency_ms=1000.0,
    ),
    Turn(
        4,
        "assistant",
        "In Ashford.",
        timestamp=at(6),
        latency_ms=1000.0,
        finish_reason="stop",
        retrieved=[Document("d1", "Cities", "Ashford.", 0.5)],
    ),
]


def test_a_trace_becomes_the_conversation_that_the_user_saw(tmp_path: Path) -> None:
    log = imported(tmp_path, TRACE)
    conversation = log.only
    assert log.rows == (5, 5, 0, 0)
    assert (
        conversation.bot,
        conversation.conversation_id,
        conversation.user_id,
        conversation.model,
        conversation.prompt_version,
        conversation.channel,
    ) == (*("parcel-care", "s1", "u1", "m-1", "p3", "web"),)
    assert (conversation.started_at, conversation.ended_at) == (at(0), at(6))
    assert conversation.turns == TURNS
    assert conversation.metadata == {
        "locale": "en",
        "tags": ["beta"],
        "turns.llm.token_count.total": [None, None, 30, None, 50],
    }


def _nested(value: Any) -> Any:
    """The same attributes as objects in objects."""
    if isinstance(value, list):
        return [_nested(item) for item in value]
    if not isinstance(value, dict):
        return value
    root: dict[str, Any] = {}
    for name, item in value.items():
        *path, last = name.split(".")
        place = root
        for step in path:
            place = place.setdefault(step, {})
        place[last] = item if last == "metadata" else _nested(item)
    return root


def _indexed(value: Any, name: str = "") -> dict[str, Any]:
    """The same attributes as one flat object with numbers in its names."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {key: item for n, each in enumerate(value) for key, item in _indexed(each, f"{name}.{n}").items()}
    if isinstance(value, dict) and name != "metadata":
        return {
            key: item
            for inner, each in value.items()
            for key, item in _indexed(each, f"{name}.{inner}".lstrip(".")).items()
        }
    return {name: value}


@pytest.mark.parametrize("form", [_nested, _indexed, lambda flat: json.dumps(flat), lambda flat: _nested(flat)])
def test_attributes_in_one_column_nested_indexed_or_as_json_say_the_same(tmp_path: Path, form: Any) -> None:
    rows = []
    for row in TRACE:
        flat = {
            name.removeprefix("attributes."): value for name, value in row.items() if name.startswith("attributes.")
        }
        own = {name: value for name, value in row.items() if not name.startswith("attributes.")}
        rows.append({**own, "attributes": form(flat)})
    assert imported(tmp_path, rows).conversations == imported(tmp_path, TRACE).conversations


def test_parquet_gives_the_same_as_json(tmp_path: Path) -> None:
    names = list(dict.fromkeys(name for row in TRACE for name in row))
    parquet = write(tmp_path / "spans.parquet", [{name: row.get(name) for name in names} for row in TRACE])
    assert import_paths(tmp_path, parquet).only == imported(tmp_path, TRACE).only


def test_spans_that_lost_their_ids_are_refused_with_what_brings_them_back(tmp_path: Path) -> None:
    rows = [{name: value for name, value in row.items() if name != "context.span_id"} for row in TRACE]
    refusal = "as a openinference log it lacks context.span_id (pandas leaves the index out of JSON records: df.reset_index().to_json(…) writes it)"
    with pytest.raises(UserError, match=re.escape(refusal)):
        imported(tmp_path, rows)


def test_a_span_without_an_id_is_rejected_alone(tmp_path: Path) -> None:
    log = imported(tmp_path, [*TRACE, {**TRACE[0], "context.span_id": None}])
    assert log.only == imported(tmp_path, TRACE).only
    assert [(each.row, each.column) for each in log.rejects] == [(len(TRACE) + 1, "context.span_id")]


def test_annotations_beside_the_spans_become_feedback_and_scores(tmp_path: Path) -> None:
    def annotation(span_id: str, name: str, **result: Any) -> dict[str, Any]:
        judged = {f"result.{key}": value for key, value in result.items()}
        return {"span_id": span_id, "annotation_name": name, "annotator_kind": "HUMAN", **judged}

    annotations = [
        annotation("root", "user_feedback", label="thumbs-down", score=0, explanation="wrong city"),
        annotation("llm2", "faithfulness", label="low", score=0.2),
        annotation("elsewhere", "user_feedback", score=1),
    ]
    log = imported(tmp_path, TRACE, annotations)
    assert log.rows == (8, 7, 1, 0)
    assert [turn.feedback for turn in log.only.turns] == [None, None, None, None, -1]
    assert log.only.feedback_text == "wrong city"
    assert log.only.metadata["faithfulness"] == 0.2
    assert log.only.metadata["turns.faithfulness"] == [None, None, None, None, 0.2]
    assert log.only.metadata["faithfulness.label"] == "low"
    assert [(each.row, each.value) for each in log.rejects] == [(3, "elsewhere")]
    assert {file["format"] for file in log.manifest.files} == {"openinference"}


def test_an_error_is_said_by_its_status_or_its_exception(tmp_path: Path) -> None:
    event = {"name": "exception", "attributes": {"exception.type": "TimeoutError", "exception.message": "too slow"}}
    rows = [
        span("root", "CHAIN", 0, None, **{"input.value": "hi"}),
        span("a", "TOOL", 1, status_code="ERROR", status_message="no such id", **{"input.value": "{}"}),
        span("b", "TOOL", 3, status_code="ERROR", events=[event], **{"input.value": "{}"}),
    ]
    log = imported(tmp_path, rows).only
    assert [(turn.name, turn.content, turn.error) for turn in log.turns if turn.role == "tool"] == [
        ("a", "no such id", "no such id"),
        ("b", "too slow", "too slow"),
    ]


def test_rows_that_cannot_be_read_are_rejected_and_the_others_kept(tmp_path: Path) -> None:
    rows = [
        *TRACE,
        span("x", "LLM", 7, trace="", **{"input.value": "a"}),
        {**span("y", "LLM", 7), "start_time": "soon"},
        span("z", "LLM", 7, **{"llm.input_messages": '[{"message.role": "us'}),
        span("e", "EMBEDDING", 7, None, "t9"),
        TRACE[4],
    ]
    log = imported(tmp_path, rows)
    assert log.rows == (10, 5, 4, 1)
    assert [(each.row, each.column) for each in sorted(log.rejects, key=lambda each: each.row)] == [
        (6, "context.trace_id"),
        (7, "start_time"),
        (8, "attributes.llm.input_messages"),
        (9, None),
    ]
    assert log.only.turns == TURNS


def test_a_span_in_two_states_counts_in_its_later_one(tmp_path: Path) -> None:
    running = {**TRACE[4], "attributes.llm.output_messages": [], "end_time": None}
    log = imported(tmp_path, [*TRACE, {**running, "start_time": at(4).isoformat() + "Z"}])
    assert (log.rows, log.only.turns) == ((6, 5, 1, 0), TURNS)
    assert log.rejects[0].reason == f"the span stands twice; the later state, {tmp_path / '0.jsonl'}, row 5, is kept"


def test_exactly_a_thousand_spans_are_suspicious(tmp_path: Path) -> None:
    rows = [
        span(f"s{n}", "LLM", 0, None, f"t{n}", **{"input.value": "hi", "output.value": f"{n}"}) for n in range(1000)
    ]
    assert "where Phoenix stops" in imported(tmp_path, rows).manifest.notes[0]
    assert imported(tmp_path, rows[:999]).manifest.notes == []


@pytest.mark.parametrize("share", [1, 2000, 1 << 30])
def test_spans_anywhere_in_the_files_meet_whatever_the_size_of_a_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: int
) -> None:
    monkeypatch.setattr(shards, "SHARE", share)
    first, second, notes = [], [], []
    for n in range(40):
        trace = {"trace": f"t{n}"}
        first.append(span(f"r{n}", "CHAIN", 0, None, **trace, **{"input.value": f"q{n}", "session.id": f"s{n % 20}"}))
        second.append(span(f"l{n}", "LLM", 1, f"r{n}", **trace, **{"output.value": f"a{n}"}))
        notes.append({"span_id": f"l{n}", "annotation_name": "user_feedback", "result.score": n % 2})
    log = imported(tmp_path, second, notes, first)
    assert log.rows == (120, 120, 0, 0)
    assert {
        each.conversation_id: [(turn.content, turn.feedback) for turn in each.turns] for each in log.conversations
    } == {
        f"s{n}": [(f"q{n}", None), (f"a{n}", vote), (f"q{n + 20}", None), (f"a{n + 20}", vote)]
        for n in range(20)
        for vote in [1 if n % 2 else -1]
    }
