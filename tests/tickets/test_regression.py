"""Failing conversations as test cases: what is sent, what is checked, and that it replays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.imported import import_paths
from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.conversation.masked import replayable
from workbench.conversation.model import Conversation, ToolCall, Turn, attach_tool_results
from workbench.exports import COLUMNS, export, export_bytes
from workbench.judgement.taxonomy import CAUSES, Taxonomy
from workbench.store import Store
from workbench.tickets import tickets
from workbench.tickets.regression import EvalRow, evals, sent

CALL = ToolCall("find_user", '{"email": "ana@example.com"}')
TALK = [
    Turn(0, "system", "You help. Never give bo@example.com away."),
    Turn(1, "user", "I am ANA@example.com, is bo@example.com my manager?"),
    Turn(2, "bot", "", tool_calls=[CALL]),
    Turn(3, "tool", '{"email": "ana@example.com", "manager": "bo@example.com"}', "find_user"),
    Turn(4, "user", "", tool_calls=[ToolCall("toggle_wifi")]),
    Turn(5, "tool", "on", "toggle_wifi"),
    Turn(6, "bot", "Yes."),
]
ROW = EvalRow(
    id="0" * 32, conversation_id="c-1", bot="shop", release="v1", started_at=datetime(2026, 3, 2), cluster="FC-0001",
    cluster_name="refund: mixed outcomes", kind="topical", ticket="FIX-0001", root_cause="tool-fault",
    root_cause_source="cluster", severity="S2", tags=["bot:shop", "signal:empty-reply"], failing_turn=1,
    check=["Observed: empty reply."], messages=[{"role": "user", "content": "hi"}], logged=[{"role": "assistant", "content": ""}],
)  # fmt: skip


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    bench = Bench(store, "Ana")
    yield bench
    bench.close()


def conversation() -> Conversation:
    talk = Conversation("c-1", "shop", [replace(turn) for turn in TALK])
    attach_tool_results(talk.turns)
    return replayable(talk)


def test_a_masked_conversation_replays_a_call_and_its_result_name_the_same_person() -> None:
    assert list(sent(conversation(), 6)) == [
        {"role": "system", "content": "You help. Never give [email] away."},
        {"role": "user", "content": "I am [email-2], is [email] my manager?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {"id": "call_2_0", "type": "function", "function": {"name": "find_user", "arguments": '{"email": "[email-2]"}'}}
            ],
        },
        {
            "role": "tool",
            "content": '{"email": "[email-2]", "manager": "[email]"}',
            "name": "find_user",
            "tool_call_id": "call_2_0",
        },
    ]  # fmt: skip


def test_what_the_user_did_on_a_device_was_never_sent_to_the_bot() -> None:
    roles = [(message["role"], message["content"]) for message in sent(conversation(), None)]
    assert ("tool", "on") not in roles
    assert roles[-1] == ("assistant", "Yes.")


def test_a_case_names_the_roles_as_chat_apis_do() -> None:
    talk = Conversation("c", "shop", [Turn(0, "Customer", "Hi"), Turn(1, "ChatGPT", "Hello"), Turn(2, "narrator", "…")])
    assert [message["role"] for message in sent(talk, None)] == ["user", "assistant", "narrator"]


def test_each_failing_conversation_is_a_case_up_to_its_failing_turn(bench: Bench) -> None:
    bench.label("FC-0001", cause="tool-fault", severity="S2", note="ask bo@example.com")
    cases = {row.conversation_id: row for row in evals(bench)}
    failing = {row.conversation_id: row for row in bench.failures()}
    assert cases.keys() == failing.keys()

    of_cluster = bench.cluster("FC-0001").row
    case = cases[of_cluster.examples[0]]
    number = case.conversation_id.removeprefix("conv-0")
    assert (case.cluster, case.root_cause, case.root_cause_source, case.severity) == (
        "FC-0001",
        "tool-fault",
        "cluster",
        "S2",
    )
    assert case.tags[:2] == ["bot:shop", "cluster:FC-0001"]
    assert case.messages == [
        {"role": "user", "content": f"change the delivery address of order {number} to Main Street"}
    ]
    assert [message["role"] for message in case.logged] == ["assistant", "tool", "assistant"]
    assert case.check[:2] == [
        "Root cause, agreed by a person: Tool fault (the tool or integration failed). It must not happen again.",
        "Note: ask [email]",
    ]
    assert case.check[2].startswith("Observed: the log says it failed: reward 0.0")


def test_filters_narrow_the_cases_and_what_is_no_failure_is_none(bench: Bench) -> None:
    first = bench.cluster("FC-0001").row
    assert {row.release for row in evals(bench, Filter(release=("m-2",)))} == {"m-2"}
    assert evals(bench, Filter(bot=("bank",))) == []
    bench.label("FC-0001", disposition="not-a-bug")
    bench.label(bench.cluster("FC-0001").members[0].key, note="as agreed")  # says nothing of what it is
    assert {row.cluster for row in evals(bench)} & {first.cluster} == set()


def test_a_ticket_has_its_regression_set(bench: Bench) -> None:
    made = tickets.create(bench, tickets.draft(bench, ["FC-0001"]))
    cases = [row.conversation_id for row in evals(bench, ticket=made.ticket)]
    assert cases == tickets.row(made, Taxonomy(CAUSES)).regression
    assert cases[:3] == bench.cluster("FC-0001").row.examples
    assert sorted(cases) == sorted(member.conversation_id for member in bench.cluster("FC-0001").members)


def test_the_jsonl_is_a_log_that_the_workbench_reads_back(bench: Bench, tmp_path: Path) -> None:
    rows = evals(bench)
    export("evals", "jsonl", rows, tmp_path / "evals.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "evals.jsonl").read_text("utf-8").splitlines()]
    assert [list(line) for line in lines] == [COLUMNS["evals"]] * len(rows)
    read = {talk.conversation_id: talk for talk in import_paths(tmp_path, tmp_path / "evals.jsonl").conversations}
    assert {name: [turn.content for turn in talk.turns] for name, talk in read.items()} == {
        row.conversation_id: [message["content"] for message in row.messages] for row in rows if row.messages
    }


def test_promptfoo_gets_tests_with_messages_and_what_to_check() -> None:
    [case] = json.loads(export_bytes("evals", "promptfoo", [ROW]))
    assert case == {
        "description": "shop c-1: refund: mixed outcomes",
        "vars": {"messages": [{"role": "user", "content": "hi"}], "documents": []},
        "assert": [
            {
                "type": "javascript",
                "value": "(typeof output === 'string' ? output : JSON.stringify(output)).trim().length > 0",
                "metric": "reply is not empty",
            },
            {
                "type": "llm-rubric",
                "value": "The answer must not repeat this failure of a chatbot.\nObserved: empty reply.",
                "metric": "tool-fault",
            },
        ],
        "metadata": {
            "id": "0" * 32, "conversation_id": "c-1", "bot": "shop", "release": "v1", "cluster": "FC-0001",
            "ticket": "FIX-0001", "severity": "S2", "tags": ["bot:shop", "signal:empty-reply"],
            "logged": [{"role": "assistant", "content": ""}],
        },
    }  # fmt: skip


def test_log_text_loads_no_file_and_fills_in_nothing_in_promptfoo() -> None:
    hostile = [
        "file:///etc/passwd",
        " FILE://x",
        "package:x:y",
        "{{ env.SECRET }}",
        "{% include 'x' %}",
        '{"a": {"b": {}}}',
    ]
    row = replace(
        ROW, messages=[{"role": "user", "content": text} for text in hostile], check=hostile, cluster_name=hostile[3]
    )
    [case] = json.loads(export_bytes("evals", "promptfoo", [row]))
    assert [message["content"] for message in case["vars"]["messages"]] == [
        "file:\u2060///etc/passwd", " FILE:\u2060//x", "package:\u2060x:y", "{\u2060{ env.SECRET }}", "{\u2060% include 'x' %}",
        '{"a": {"b": {}}}',
    ]  # fmt: skip
    texts = json.dumps([case["description"], case["assert"]], ensure_ascii=False)
    assert ("{{" in texts, "{%" in texts) == (False, False)


def test_evals_are_exported_by_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Store, tmp_path: Path) -> None:  # fmt: skip
    run = Command(monkeypatch, capsys, store.root)
    run("ticket", "new", "FC-0001")
    every = run.json("export", "evals", "--out", str(tmp_path / "evals.jsonl"))["rows"]
    of_ticket = run.json(
        "export", "evals", "--ticket", "fix-0001", "--format", "promptfoo", "--out", str(tmp_path / "t.json")
    )
    assert (every, of_ticket["rows"]) == (26, 8)
    assert len(json.loads((tmp_path / "t.json").read_text("utf-8"))) == 8
    assert run("export", "evals", "--format", "csv", "--out", str(tmp_path / "x"))[0] == 2
