"""Langfuse's blob export: observations and scores."""

from __future__ import annotations

import json
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


def observation(id: str, type: str, second: int, parent: str = "root", **fields: Any) -> dict[str, Any]:
    return {
        "id": id,
        "trace_id": "t1",
        "type": type,
        "parent_observation_id": parent,
        "start_time": f"2026-03-01 12:00:{second:02d}.000000",
        "end_time": f"2026-03-01 12:00:{second + 1:02d}.000000",
        "name": id,
        "level": "DEFAULT",
        "status_message": "",
        "input": "",
        "output": "",
        "provided_model_name": "",
        "prompt_name": "",
        "prompt_version": None,
        "tool_calls": [],
        "user_id": "u1",
        "session_id": "s1",
        "trace_name": "parcel-care",
        "tags": [],
        "release": "r7",
        "environment": "production",
        "metadata": {},
        **fields,
    }


def score(name: str, data_type: str, value: float, **fields: Any) -> dict[str, Any]:
    empty = {"trace_id": None, "observation_id": None, "session_id": None, "string_value": None, "comment": None}
    stamp = {"id": name, "timestamp": "2026-03-01 12:30:00.000000", "source": "API"}
    return {**stamp, **empty, "name": name, "value": value, "data_type": data_type, **fields}


def imported(folder: Path, *files: list[dict[str, Any]]) -> Imported:
    paths = []
    for number, rows in enumerate(files):
        paths.append(folder / f"{number}.jsonl")
        paths[-1].write_text("\n".join(map(json.dumps, rows)))
    return import_paths(folder, *paths)


ASKED = [{"role": "user", "content": "Where is parcel 7?"}]
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"id": 7}'}}
TRACE = [
    observation("root", "SPAN", 0, "", input="Where is parcel 7?", output="In Ashford.", metadata={"locale": "en"}),
    observation(
        *("llm1", "GENERATION", 1),
        input=json.dumps({"messages": ASKED}),
        output=json.dumps({"role": "assistant", "content": None, "tool_calls": [CALL]}),
        provided_model_name="m-1",
        prompt_name="parcel",
        prompt_version=3,
    ),
    observation("look", "TOOL", 3, input='{"id": 7}', output='{"city": "Ashford"}', metadata={"tool_call_id": "c1"}),
    observation(
        "find", "RETRIEVER", 4, output='[{"page_content": "Ashford.", "metadata": {"source": "https://x.example/a"}}]'
    ),
    observation("llm2", "GENERATION", 5, input=json.dumps(ASKED), output="In Ashford.", provided_model_name="m-1"),
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
        conversation.release,
    ) == (*("parcel-care", "s1", "u1", "m-1", "3", "r7"),)
    assert conversation.turns == [
        Turn(0, "user", "Where is parcel 7?", timestamp=at(0)),
        Turn(1, "assistant", tool_calls=[ToolCall("look", '{"id": 7}', "c1", 2)], timestamp=at(2), latency_ms=1000.0),
        Turn(
            *(2, "tool", '{"city": "Ashford"}', "look"),
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
            retrieved=[Document(text="Ashford.", url="https://x.example/a")],
        ),
    ]
    assert conversation.metadata == {
        "trace_name": "parcel-care",
        "environment": "production",
        "locale": "en",
        "prompt_name": "parcel",
    }


def test_content_may_live_in_generations_alone_and_columns_may_be_missing(tmp_path: Path) -> None:
    rows = [
        {
            name: row[name]
            for name in ("id", "trace_id", "type", "parent_observation_id", "start_time", "input", "output")
        }
        for row in [{**TRACE[0], "input": "", "output": ""}, TRACE[4]]
    ]
    log = imported(tmp_path, rows).only
    assert (log.conversation_id, log.bot) == ("t1", "unknown")
    assert [(turn.role, turn.content) for turn in log.turns] == [
        ("user", "Where is parcel 7?"),
        ("assistant", "In Ashford."),
    ]


def test_the_tool_calls_column_stands_in_for_an_output_without_them(tmp_path: Path) -> None:
    call = observation("llm", "GENERATION", 1, "", input=json.dumps(ASKED), tool_calls=[json.dumps(CALL)])
    assert imported(tmp_path, [call]).only.turns[1].tool_calls == [ToolCall("look", '{"id": 7}', "c1")]


def test_the_finish_reason_has_no_column_but_may_stand_in_the_metadata(tmp_path: Path) -> None:
    logged = [{"finish_reason": "length"}, {"attributes": {"gen_ai.response.finish_reasons": '["length"]'}}]
    for metadata in logged:
        call = observation("llm", "GENERATION", 1, "", input="hi", output="he", metadata=metadata)
        assert imported(tmp_path, [call]).only.turns[1].finish_reason == "length"


def test_a_level_of_error_is_the_error_of_its_turn(tmp_path: Path) -> None:
    rows = [TRACE[0], observation("look", "TOOL", 3, input="{}", level="ERROR", status_message="no such parcel")]
    tool = imported(tmp_path, rows).only.turns[2]
    assert (tool.content, tool.error) == ("no such parcel", "no such parcel")


def test_scores_become_feedback_and_columns(tmp_path: Path) -> None:
    scores = [
        score("user-feedback", "NUMERIC", 0, trace_id="t1", comment="not there"),
        score("tone", "CATEGORICAL", 2, trace_id="t1", observation_id="llm2", string_value="rude"),
        score("resolved", "BOOLEAN", 1, session_id="s1"),
        score("user_rating", "NUMERIC", 4, session_id="s1"),
        score("lost", "NUMERIC", 4, trace_id="t7"),
        score("nothing", "NUMERIC", 4),
    ]
    log = imported(tmp_path, TRACE, scores)
    conversation = log.only
    assert log.rows == (11, 9, 2, 0)
    assert (
        [turn.feedback for turn in conversation.turns],
        conversation.feedback_text,
        conversation.feedback_score,
    ) == (*([None, None, None, -1], "not there", 4.0),)
    assert (conversation.metadata["tone"], conversation.metadata["turns.tone"], conversation.metadata["resolved"]) == (
        *("rude", [None, None, None, "rude"], 1.0),
    )
    assert sorted(each.row for each in log.rejects) == [5, 6]


def test_traces_of_one_session_are_one_conversation_and_the_newer_state_counts(tmp_path: Path) -> None:
    def turn(number: int, **fields: Any) -> dict[str, Any]:
        return observation(f"o{number}", "SPAN", number * 10, "", trace_id=f"t{number}", input=f"q{number}", **fields)

    early = turn(2, updated_at="2026-03-01 12:00:00.000000")
    late = turn(2, updated_at="2026-03-01 12:05:00.000000", output="a2")
    log = imported(tmp_path, [late, early, turn(1, output="a1")])
    assert [each.content for each in log.only.turns] == ["q1", "a1", "q2", "a2"]
    assert (log.rows, log.rejects[0].row) == ((3, 2, 1, 0), 2)


def test_the_names_of_the_api_are_known_too(tmp_path: Path) -> None:
    def camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(map(str.title, rest))

    rows = [{camel(name): value for name, value in row.items()} for row in TRACE]
    assert imported(tmp_path, rows).only.turns == imported(tmp_path, TRACE).only.turns


def test_a_bot_named_by_hand_outranks_the_name_of_the_trace(tmp_path: Path) -> None:
    imported(tmp_path, TRACE)
    assert import_paths(tmp_path, tmp_path / "0.jsonl", bot="mine").only.bot == "mine"


def test_naive_and_aware_times_of_spans_mixed_reject_the_naive_ones_unless_a_zone_is_declared(tmp_path: Path) -> None:
    aware = observation("a", "GENERATION", 0, "", input="hi", output="hello", session_id="", trace_id="t2")
    aware |= {"start_time": "2026-03-01T12:00:00Z", "end_time": "2026-03-01T12:00:01Z"}
    naive = observation("b", "GENERATION", 0, "", input="hi", output="hello", session_id="", trace_id="t3")
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(map(json.dumps, [aware, naive])))
    imported_log = import_paths(tmp_path, log)
    assert (imported_log.ids, imported_log.rows, [each.column for each in imported_log.rejects]) == (
        ["t2"],
        (2, 1, 1, 0),
        ["start_time"],
    )
    declared = import_paths(tmp_path, log, timezone="Europe/Berlin")
    assert [each.started_at for each in declared.conversations] == [at(0), datetime(2026, 3, 1, 11, 0, 0)]


def test_observations_of_roots_alone_are_known_though_their_parents_are_null(tmp_path: Path) -> None:
    rows = [observation("o1", "SPAN", 0, "", input="q", output="a", parent_observation_id=None)]
    log = imported(tmp_path, rows)
    assert (log.manifest.format, [turn.content for turn in log.only.turns]) == ("langfuse", ["q", "a"])


def test_rows_without_parents_are_no_observations_unless_the_format_is_named(tmp_path: Path) -> None:
    row = observation("o1", "SPAN", 0, "", input="q", output="a")
    del row["parent_observation_id"]
    with pytest.raises(UserError, match="as a langfuse log it lacks parent_observation_id"):
        imported(tmp_path, [row])
    assert import_paths(tmp_path, tmp_path / "0.jsonl", format="langfuse").ids == ["s1"]


OF_TRACES = ("session_id", "user_id", "trace_name", "release", "tags", "environment")


def legacy(trace: str, session: str | None, **fields: Any) -> dict[str, Any]:
    """A row of `traces/`, which the older export writes beside `observations/`."""
    own = {"id": trace, "timestamp": "2026-03-01 12:00:00.000000", "name": "parcel-care", "session_id": session}
    more = {"user_id": "u1", "release": "r7", "tags": [], "environment": "production", "public": False}
    return {**own, **more, "input": "Where is parcel 7?", "output": "In Ashford.", "metadata": {}, **fields}


@pytest.mark.parametrize("share", [1, 1 << 30])
@pytest.mark.parametrize("end", ["jsonl", "parquet"])
def test_the_traces_of_the_older_export_give_their_observations_session_user_and_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: int, end: str
) -> None:
    monkeypatch.setattr(shards, "SHARE", share)
    bare = [{name: value for name, value in row.items() if name not in OF_TRACES} for row in TRACE]
    again = [{**row, "trace_id": "t2", "id": f"{row['id']}2"} for row in bare if row["type"] == "SPAN"]
    again = [{**row, "start_time": "2026-03-01 13:00:00", "end_time": "2026-03-01 13:00:01"} for row in again]
    for folder, rows in (("observations", [*bare, *again]), ("traces", [legacy("t1", "s1"), legacy("t2", "s1")])):
        (tmp_path / "export" / folder).mkdir(parents=True)
        columns = [{name: value for name, value in row.items() if value not in ([], {})} for row in rows]
        write(tmp_path / "export" / folder / f"1.{end}", [{**dict.fromkeys(name for row in columns for name in row), **row} for row in columns])  # fmt: skip
    log = import_paths(tmp_path, tmp_path / "export")
    conversation = log.only
    assert log.rows == (8, 8, 0, 0)
    assert (conversation.bot, conversation.conversation_id, conversation.user_id, conversation.release) == (
        "parcel-care",
        "s1",
        "u1",
        "r7",
    )
    assert [turn.content for turn in conversation.turns] == [
        *("Where is parcel 7?", "", '{"city": "Ashford"}', "In Ashford."),
        *("Where is parcel 7?", "In Ashford."),
    ]


def test_traces_without_their_observations_say_what_was_asked_and_answered(tmp_path: Path) -> None:
    log = imported(tmp_path, [legacy("t1", None), legacy("t2", "s2")], [score("user-feedback", "NUMERIC", 1, trace_id="t1")])  # fmt: skip
    assert log.rows == (3, 3, 0, 0)
    assert [(each.conversation_id, [(turn.content, turn.feedback) for turn in each.turns]) for each in log.conversations] == [
        ("t1", [("Where is parcel 7?", None), ("In Ashford.", 1)]),
        ("s2", [("Where is parcel 7?", None), ("In Ashford.", None)]),
    ]  # fmt: skip
