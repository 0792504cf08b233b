"""LangSmith's bulk export: runs in hive folders."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.imported import import_paths, write
from workbench.conversation.model import Conversation, Document, ToolCall, Turn


def at(second: int) -> datetime:
    return datetime(2026, 3, 1, 12, 0, second)


def run(id: str, run_type: str, second: int, inputs: Any, outputs: Any, **fields: Any) -> dict[str, Any]:
    metadata = fields.pop("metadata", {"thread_id": "s1"})
    root = id == "root"
    return {
        "id": id,
        "trace_id": "root",
        "parent_run_id": None if root else "root",
        "is_root": root,
        "dotted_order": "20260301T120000000000Zroot" + ("" if root else f".20260301T1200{second:02d}000000Z{id}"),
        "name": fields.pop("name", id),
        "run_type": run_type,
        "start_time": at(second),
        "end_time": at(second) + timedelta(seconds=1),
        "status": "success",
        "error": None,
        "session_id": "the-project",
        "inputs": json.dumps(inputs),
        "outputs": json.dumps(outputs),
        "extra": json.dumps({"metadata": metadata}),
        "tags": [],
        "feedback_stats": None,
        **fields,
    }


def serialised(kind: str, content: str, **kwargs: Any) -> dict[str, Any]:
    path = ["langchain", "schema", "messages", kind]
    return {"lc": 1, "type": "constructor", "id": path, "kwargs": {"content": content, **kwargs}}


CALLS = [{"name": "look", "args": {"id": 7}, "id": "c1", "type": "tool_call"}]
ROOT = {"thread_id": "s1", "user_id": "u1", "bot": "parcel-care", "revision_id": "r7"}
TRACE = [
    run("root", "chain", 0, {"input": "Where is parcel 7?"}, {"output": "In Ashford."}, metadata=ROOT),
    run(
        *("llm1", "llm", 1),
        {"messages": [[serialised("HumanMessage", "Where is parcel 7?")]]},
        {"generations": [[{"text": "", "message": serialised("AIMessage", "", tool_calls=CALLS)}]]},
        metadata={"thread_id": "s1", "ls_model_name": "m-1"},
    ),
    run(
        *("tool1", "tool", 3, {"input": '{"id": 7}'}),
        {"output": {"type": "tool", "content": "Ashford", "tool_call_id": "c1", "status": "success"}},
        name="look",
    ),
    run(
        "find", "retriever", 4, {"query": "7"}, {"documents": [{"page_content": "Ashford.", "metadata": {"id": "d1"}}]}
    ),
    run(
        *("llm2", "llm", 5),
        {
            "messages": [
                {"role": "user", "content": "Where is parcel 7?"},
                {"role": "assistant", "content": "", "tool_calls": CALLS},
                {"role": "tool", "content": "Ashford", "tool_call_id": "c1"},
            ]
        },
        {"choices": [{"message": {"role": "assistant", "content": "In Ashford."}, "finish_reason": "stop"}]},
        metadata={"thread_id": "s1", "ls_model_name": "m-1"},
    ),
]


def imported(folder: Path, rows: list[dict[str, Any]]) -> Conversation:
    return import_paths(folder, write(folder / "runs.parquet", rows)).only


def test_a_trace_in_hive_folders_becomes_the_conversation_that_the_user_saw(tmp_path: Path) -> None:
    export = tmp_path / "export_id=e" / "tenant_id=t" / "session_id=the-project" / "runs" / "year=2026" / "month=3"
    for day, rows in (("day=1", TRACE[:2]), ("day=2", TRACE[2:])):
        (export / day).mkdir(parents=True)
        write(export / day / "runs.parquet", rows)
    log = import_paths(tmp_path, tmp_path / "export_id=e")
    conversation = log.only
    assert (log.rows, log.manifest.format) == ((5, 5, 0, 0), "langsmith")
    assert (
        conversation.bot,
        conversation.conversation_id,
        conversation.user_id,
        conversation.model,
        conversation.release,
    ) == (*("parcel-care", "s1", "u1", "m-1", "r7"),)
    assert conversation.turns == [
        Turn(0, "user", "Where is parcel 7?", timestamp=at(0)),
        Turn(1, "assistant", tool_calls=[ToolCall("look", '{"id": 7}', "c1", 2)], timestamp=at(2), latency_ms=1000.0),
        Turn(
            *(2, "tool", "Ashford", "look"),
            tool_call_id="c1",
            caller="assistant",
            call_position=1,
            timestamp=at(4),
            latency_ms=1000.0,
        ),
        Turn(
            *(3, "assistant", "In Ashford."),
            timestamp=at(6),
            latency_ms=1000.0,
            finish_reason="stop",
            retrieved=[Document("d1", text="Ashford.")],
        ),
    ]
    assert conversation.metadata == {"project_id": "the-project", "revision_id": "r7"}


def test_the_project_is_no_conversation(tmp_path: Path) -> None:
    assert imported(tmp_path, [{**TRACE[0], "extra": "{}"}]).conversation_id == "root"


def test_a_thread_known_to_one_run_of_the_trace_is_that_of_all(tmp_path: Path) -> None:
    rows = [{**row, "extra": "{}"} if row["id"] != "llm2" else row for row in TRACE]
    assert imported(tmp_path, rows).conversation_id == "s1"


def test_a_graph_whose_state_is_all_messages_says_each_once(tmp_path: Path) -> None:
    state = [
        {"type": "human", "content": "Where is parcel 7?"},
        {"type": "ai", "content": "", "tool_calls": CALLS},
        {"type": "tool", "content": "Ashford", "tool_call_id": "c1"},
        {"type": "ai", "content": "In Ashford."},
    ]
    root = run("root", "chain", 0, {"messages": [["user", "Where is parcel 7?"]]}, {"messages": state}, metadata=ROOT)
    assert [(turn.role, turn.content) for turn in imported(tmp_path, [root, *TRACE[1:]]).turns] == [
        ("user", "Where is parcel 7?"),
        ("assistant", ""),
        ("tool", "Ashford"),
        ("assistant", "In Ashford."),
    ]


def test_an_error_stands_on_its_turn(tmp_path: Path) -> None:
    failed = run("tool1", "tool", 3, {"id": 7}, None, name="look", error="ValueError('no')", status="error")
    turns = imported(tmp_path, [TRACE[0], failed]).turns
    assert [(turn.role, turn.content, turn.error) for turn in turns] == [
        ("user", "Where is parcel 7?", None),
        ("assistant", "", None),
        ("tool", "ValueError('no')", "ValueError('no')"),
        ("assistant", "In Ashford.", None),
    ]
    assert turns[1].tool_calls == [ToolCall("look", '{"id": 7}', None, 2)]


def test_feedback_statistics_become_feedback_and_scores(tmp_path: Path) -> None:
    stats = {
        "user_feedback": {"n": 1, "avg": 0.0, "comments": ["wrong"]},
        "correctness": {"n": 2, "avg": 0.5},
        "tone": {"n": 1, "avg": None, "values": {"rude": 1}},
    }
    conversation = imported(tmp_path, [{**TRACE[0], "feedback_stats": json.dumps(stats)}, *TRACE[1:]])
    assert (conversation.turns[3].feedback, conversation.feedback_text) == (-1, "wrong")
    assert (conversation.metadata["correctness"], conversation.metadata["tone"]) == (0.5, "rude")


def test_runs_without_inputs_and_outputs_hold_no_conversation(tmp_path: Path) -> None:
    rows = [{**row, "inputs": None, "outputs": None} for row in TRACE if row["run_type"] != "tool"]
    log = import_paths(tmp_path, write(tmp_path / "runs.parquet", rows))
    assert log.rows == (4, 0, 4, 0)
    (reject,) = log.rejects
    assert reject.rows == 4
    assert reject.reason == (
        "conversation s1: its spans hold no message: is the capture of inputs and outputs switched off?"
    )
