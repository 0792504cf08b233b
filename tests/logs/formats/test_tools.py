"""Logs of one tool each: what of them is a turn, and what stays beside the turns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.imported import Imported, import_paths, write
from workbench.conversation.model import Evaluation

TIME = "2026-03-02T09:00:0{}Z"


def imported(folder: Path, *rows: dict[str, Any], name: str = "log.jsonl") -> Imported:
    return import_paths(folder, write(folder / name, list(rows)))


def words(log: Imported) -> dict[str, list[tuple[str, str]]]:
    return {each.conversation_id: [(turn.role, turn.content) for turn in each.turns] for each in log.conversations}


def entry(n: int, role: str, content: Any, **more: Any) -> dict[str, Any]:
    """A line of a session of Claude Code."""
    return {
        "type": role,
        "sessionId": "s",
        "uuid": str(n),
        "timestamp": TIME.format(n),
        "message": {"role": role, "content": content},
        **more,
    }


def test_a_sub_agent_of_claude_code_is_a_conversation_of_its_own(tmp_path: Path) -> None:
    log = imported(
        tmp_path,
        {"type": "summary", "summary": "Parcels", "leafUuid": "4"},
        entry(1, "user", "Find it."),
        entry(2, "assistant", [{"type": "tool_use", "id": "k", "name": "Task", "input": {"prompt": "Look."}}]),
        entry(3, "user", "Look.", isSidechain=True, agentId="a1"),
        entry(4, "assistant", [{"type": "text", "text": "Here."}], isSidechain=True, agentId="a1"),
        entry(5, "user", [{"type": "tool_result", "tool_use_id": "k", "content": "Here."}]),
        entry(6, "assistant", [{"type": "text", "text": "It is here."}]),
        name="s.jsonl",
    )
    assert words(log) == {
        "s": [("user", "Find it."), ("assistant", ""), ("tool", "Here."), ("assistant", "It is here.")],
        "s/a1": [("user", "Look."), ("assistant", "Here.")],
    }
    main = next(each for each in log.conversations if each.conversation_id == "s")
    assert (main.turns[1].tool_calls[0].result_position, log.rows) == (2, (7, 7, 0, 0))


def test_codex_says_each_message_once(tmp_path: Path) -> None:
    items: list[tuple[str, dict[str, Any]]] = [
        ("session_meta", {"id": "x1", "cwd": "/w", "cli_version": "0.65.0"}),
        ("response_item", {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "<environment_context>…</environment_context>"}]}),
        ("response_item", {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "List it."}]}),
        ("event_msg", {"type": "user_message", "message": "List it."}),
        ("response_item", {"type": "function_call", "name": "shell", "arguments": "{}", "call_id": "k"}),
        ("response_item", {"type": "function_call_output", "call_id": "k", "output": "a.txt"}),
        ("response_item", {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "One file."}]}),
        ("event_msg", {"type": "agent_message", "message": "One file."}),
    ]  # fmt: skip
    rows = [{"timestamp": TIME.format(n), "type": kind, "payload": payload} for n, (kind, payload) in enumerate(items)]
    log = imported(tmp_path, *rows)
    assert words(log) == {
        "x1": [
            ("system", "<environment_context>…</environment_context>"),
            ("user", "List it."),
            ("assistant", ""),
            ("tool", "a.txt"),
            ("assistant", "One file."),
        ]
    }
    assert log.rows == (8, 8, 0, 0)


def test_chatgpt_shows_the_current_branch_with_its_calls(tmp_path: Path) -> None:
    def node(key: str, parent: str | None, role: str, text: str, **more: Any) -> dict[str, Any]:
        message = {
            "author": {"role": role, **more.pop("author", {})},
            "content": {"content_type": "text", "parts": [text]},
            "recipient": "all",
            **more,
        }
        return {"id": key, "parent": parent, "children": [], "message": message}

    tree = {
        "a": node("a", None, "user", "Find it."),
        "old": node("old", "a", "assistant", "No."),
        "b": node("b", "a", "assistant", "{}", recipient="shop.find"),
        "t": node("t", "b", "tool", "Here.", author={"name": "shop.find"}),
        "h": node("h", "t", "user", "hidden", metadata={"is_visually_hidden_from_conversation": True}),
        "c": node("c", "h", "assistant", "It is here."),
    }
    log = imported(tmp_path, {"id": "g", "mapping": tree, "current_node": "c"}, name="conversations.json")
    assert words(log) == {
        "g": [("user", "Find it."), ("assistant", ""), ("tool", "Here."), ("assistant", "It is here.")]
    }
    assert log.only.turns[1].tool_calls[0].result_position == 2
    assert log.only.metadata["messages_of_other_branches"] == 1


def test_a_transcript_of_copilot_studio_stands_in_one_cell(tmp_path: Path) -> None:
    activities = [
        {"type": "message", "from": {"role": 1}, "text": "Find it.", "timestamp": 1772442001},
        {"type": "message", "from": {"role": 0}, "text": "It is here.", "timestamp": 1772442002},
        {
            "type": "trace",
            "from": {"role": 0},
            "valueType": "ConversationInfo",
            "value": {"lastSessionOutcome": "Resolved"},
            "timestamp": 1772442003,
        },
    ]
    log = imported(tmp_path, {"conversationtranscriptid": "p", "content": json.dumps({"activities": activities})})
    assert words(log) == {"p": [("user", "Find it."), ("assistant", "It is here.")]}
    assert log.only.metadata["events"][0]["value_logged"] == {"lastSessionOutcome": "Resolved"}


def test_the_first_score_of_a_sample_is_its_reward(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    samples = [
        {"id": n, "epoch": 1, "messages": messages, "scores": {"match": {"value": value}}}
        for n, value in enumerate(("C", "I", 0.25))
    ]
    log = imported(tmp_path, {"eval": {"run_id": "r", "task": "t"}, "samples": samples}, name="log.json")
    assert [(each.conversation_id, each.reward) for each in log.conversations] == [
        ("r/0-1", 1.0),
        ("r/1-1", 0.0),
        ("r/2-1", 0.25),
    ]


def test_the_scores_of_a_sample_are_evaluations(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    scores = {"match": {"value": "I", "explanation": "Late."}, "length": {"value": 0.25}, "none": {"value": None}}
    sample = {"id": 1, "epoch": 1, "messages": messages, "scores": scores}
    log = imported(tmp_path, {"eval": {"run_id": "r", "task": "t"}, "samples": [sample]}, name="log.json")
    assert log.only.evaluations == [Evaluation("match", None, "I", "Late."), Evaluation("length", 0.25)]
