"""A mapping file brings an in-house log to chat or turns, and says what it can't find."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import HELLO, Imported, chat, import_paths, write
from workbench.conversation.model import Conversation, ToolCall, Turn
from workbench.conversation.outcome import FailRule, derive
from workbench.errors import UserError
from workbench.logs.files import shards

CHAT = """
layout = "chat"
[columns]
conversation_id = "session.id"
started_at = "session.begin"
messages = "payload.dialog"
outcome = "result"
[message]
role = "speaker"
content = "body.text"
[roles]
customer = "user"
agent = "assistant"
[constants]
bot = "billing"
[metadata]
quality = "scores.0.value"
[fails_when]
quality = "< 3"
"""

ROW = {
    "session": {"id": "s1", "begin": "2025-07-01T10:00:00", "country": "fr"},
    "payload": {"dialog": [{"speaker": "customer", "body": {"text": "hi", "lang": "en"}}, {"speaker": "bot", "body": {"text": "yes"}}]},
    "result": "escalated",
    "scores": [{"value": 2}],
    "team": "north",
}  # fmt: skip
BILL = Conversation(
    "s1",
    "billing",
    [Turn(0, "user", "hi"), Turn(1, "bot", "yes")],
    started_at=datetime(2025, 7, 1, 10),
    outcome="escalated",
)


def mapped(folder: Path, mapping: str, *rows: dict[str, Any], name: str = "log.jsonl", **options: Any) -> Imported:
    (folder / "our.toml").write_text(mapping)
    return import_paths(folder, write(folder / name, list(rows)), mapping=folder / "our.toml", **options)


@pytest.mark.parametrize("name", ["log.jsonl", "log.parquet"])
def test_dotted_paths_lead_into_structs_and_lists(tmp_path: Path, name: str) -> None:
    log = mapped(tmp_path, CHAT, ROW, name=name)
    metadata = log.only.metadata
    log.only.metadata = {}
    assert log.only == BILL
    assert (metadata.pop("quality"), metadata.pop("team"), metadata.pop("session")) == (2, "north", {"country": "fr"})
    assert metadata.pop("turns.body")[0] == {"lang": "en"}
    assert [file["why"] for file in log.manifest.files] == [f"laid out by {tmp_path / 'our.toml'}"]


def test_dotted_paths_lead_into_json_text(tmp_path: Path) -> None:
    row = {name: json.dumps(value) if isinstance(value, (dict, list)) else value for name, value in ROW.items()}
    log = mapped(tmp_path, CHAT, row, name="log.parquet")
    assert (log.only.turns, log.only.metadata["quality"]) == (BILL.turns, 2)


def test_a_column_whose_name_holds_dots_is_found(tmp_path: Path) -> None:
    mapping = 'layout = "chat"\n[columns]\nconversation_id = "a.b.c"\nmessages = "m.n.o"'
    assert mapped(tmp_path, mapping, {"a.b": {"c": "s1"}, "m": {"n.o": HELLO}}).ids == ["s1"]


TURNS = """
layout = "turns"
[columns]
conversation_id = "ids.session"
turn_index = "n"
role = "who"
content = "said"
tool_calls = "calls"
timestamp = "at"
[roles]
1 = "user"
2 = "assistant"
"""


def test_turns_are_mapped_row_by_row(tmp_path: Path) -> None:
    rows = [
        {"ids": {"session": "s1"}, "n": 1, "who": 2, "said": "yes", "calls": [{"name": "f", "arguments": {}}]},
        {"ids": {"session": "s1"}, "n": 0, "who": 1, "said": "hi"},
    ]
    log = mapped(tmp_path, TURNS, *rows)
    assert log.only.turns == [Turn(0, "user", "hi"), Turn(1, "assistant", "yes", tool_calls=[ToolCall("f")])]
    assert log.manifest.notes == [
        f"{tmp_path / 'log.jsonl'}: {tmp_path / 'our.toml'} takes timestamp from 'at', which no row has."
    ]


@pytest.mark.parametrize("name", ["log.jsonl", "log.parquet"])
def test_mapped_turns_may_be_dealt_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(shards, "SHARE", 100)
    rows = [{"ids": {"session": f"s{n % 5}"}, "n": n, "who": 1, "said": f"m{n}"} for n in range(40)]
    log = mapped(tmp_path, TURNS, *rows, name=name)
    assert log.rows == (40, 40, 0, 0)
    assert {each.conversation_id: [turn.content for turn in each.turns] for each in log.conversations} == {
        f"s{c}": [f"m{n}" for n in range(c, 40, 5)] for c in range(5)
    }


def test_a_mapped_log_may_have_bad_rows(tmp_path: Path) -> None:
    bad = [{**ROW, "payload": '{"dialog": ['}, {**ROW, "session": {"id": None}}, {"payload": {"dialog": "[" * 10_000}}]
    log = mapped(tmp_path, CHAT, ROW, *bad)
    assert (log.ids, log.rows) == (["s1"], (4, 1, 3, 0))
    assert [(each.row, each.column) for each in log.rejects] == [
        (2, "payload.dialog"),
        (4, "messages"),
        (3, "conversation_id"),
    ]


def test_mixed_times_are_found_under_their_mapped_name(tmp_path: Path) -> None:
    aware = {**ROW, "session": {"id": "s2", "begin": "2025-07-01T10:00:00Z"}}
    log = mapped(tmp_path, CHAT, ROW, aware)
    assert (log.ids, log.rejects[0].column) == (["s2"], "started_at")


def test_the_rules_of_failing_stay_with_the_import(tmp_path: Path) -> None:
    log = mapped(tmp_path, CHAT, ROW)
    assert log.manifest.rules == (FailRule("quality", "<", 3.0), FailRule("reward", "<", 0.5))
    assert derive(log.only, log.manifest.rules).failed is True
    assert derive(log.only).failed is None


def test_rules_alone_go_with_any_format(tmp_path: Path) -> None:
    log = mapped(tmp_path, '[fails_when]\nreward = "< 0.9"\n', chat("c1", reward=0.8))
    assert (log.manifest.rules, log.manifest.format) == ((FailRule("reward", "<", 0.9),), "chat")


@pytest.mark.parametrize(
    ("mapping", "refusal"),
    [
        ("layout = ", "is no TOML"),
        ('layout = "spans"', "layout is 'spans'. Say 'chat' or 'turns'."),
        ('layot = "chat"', "layot: there is no such key. Known are "),
        ('layout = "chat"\ncolumns = "id"', "columns is no table. Write [columns]"),
        ('layout = "chat"\n[columns]\nconversaton_id = "id"', "[columns] conversaton_id: there is no such column."),
        ('layout = "chat"\n[columns]\nrole = "who"', "[columns] role: there is no such column."),
        ('layout = "chat"\n[columns]\nmessages = 3', "[columns] messages = 3: a text is expected."),
        ('layout = "chat"\n[message]\nspeaker = "x"', "[message] speaker: there is no such column."),
        ('layout = "turns"\n[message]\nrole = "x"', "[message] is for the layout 'chat'."),
        ('layout = "chat"\n[constants]\nbot = ["a"]', "[constants] bot = ['a']: a text is expected."),
        ('[columns]\nmessages = "m"', "[columns] needs a layout."),
        ('layout = "chat"\n[columns]\nbot = "b"\n[constants]\nbot = "x"', "bot stands in [columns] and in [constants]."),
        ('layout = "chat"\n[metadata]\nbot = "b"', "[metadata] bot is a column of ours."),
        ('[fails_when]\nquality = "bad"', "fails_when for column 'quality': 'bad' is no rule."),
        ("[fails_when]\nquality = 3", "[fails_when] quality = 3: a text is expected."),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_by_its_key(tmp_path: Path, mapping: str, refusal: str) -> None:
    with pytest.raises(UserError) as error:
        mapped(tmp_path, mapping, ROW)
    assert str(error.value).startswith(f"The mapping {tmp_path / 'our.toml'}")
    assert refusal in str(error.value)


def test_a_mapping_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"The mapping .*none.toml can't be read"):
        import_paths(tmp_path, write(tmp_path / "log.jsonl", [ROW]), mapping=tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        (('"session.id"', '"session.key"'), "takes conversation_id from 'session.key', which no row has. Found: "),
        (('"body.text"', '"text"'), "takes content from 'text', which no message has. Found: "),
    ],
)
def test_a_needed_column_that_no_row_has_is_refused(tmp_path: Path, changed: tuple[str, str], refusal: str) -> None:
    with pytest.raises(UserError) as error:
        mapped(tmp_path, CHAT.replace(*changed), ROW)
    assert refusal in str(error.value)
    assert "payload.dialog.speaker" in str(error.value)


def test_a_required_column_that_the_mapping_leaves_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="as a turns log it lacks role, content"):
        mapped(tmp_path, 'layout = "turns"\n[columns]\nconversation_id = "session.id"\nturn_index = "n"', ROW)


def test_format_and_layout_must_agree(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--format turns and layout = 'chat'"):
        mapped(tmp_path, CHAT, ROW, format="turns")


def test_messages_that_lie_deeper_are_read_and_named_as_a_mapping_would(tmp_path: Path) -> None:
    talk = {
        "id": "c",
        "opening": {"body": "hi", "author": {"type": "user"}},
        "parts": {"all": [{"body": "ho", "author": {"type": "bot"}}]},
    }
    log = import_paths(tmp_path, write(tmp_path / "log.jsonl", [talk]))
    assert [(turn.role, turn.content) for turn in log.only.turns] == [("user", "hi"), ("bot", "ho")]
    (note,) = log.manifest.notes
    assert (
        'layout = "chat", [columns] conversation_id = "id", messages = ["opening", "parts.all"], '
        '[message] role = "author.type", content = "body".'
    ) in note


# --- rows inside of something ---

INSIDE = """
layout = "chat"
rows = "{}"
[columns]
conversation_id = "number"
messages = "lines"
[message]
role = "who"
content = "said"
"""
LINES = [{"who": "user", "said": "where is it?"}, {"who": "assistant", "said": "I can't say."}]


@pytest.mark.parametrize(
    ("rows", "logged"),
    [
        ("export.chats", {"export": {"chats": [{"number": "1", "lines": LINES}, {"number": "2", "lines": LINES}]}}),
        ("days.chats", {"days": [{"chats": [{"number": "1", "lines": LINES}]}, {"chats": [{"number": "2", "lines": LINES}]}]}),
        ("pages", {"pages": json.dumps([{"number": "1", "lines": LINES}, {"number": "2", "lines": LINES}])}),
    ],
)  # fmt: skip
def test_rows_that_lie_inside_of_something_are_read_where_the_mapping_says(tmp_path: Path, rows: str, logged: Any) -> None:  # fmt: skip
    log, mapping = tmp_path / "log.json", tmp_path / "map.toml"
    log.write_text(json.dumps(logged), "utf-8")
    mapping.write_text(INSIDE.format(rows), "utf-8")
    read = import_paths(tmp_path, log, mapping=mapping)
    assert (read.ids, read.rows) == (["1", "2"], (2, 2, 0, 0))
    assert [turn.content for turn in read.conversations[0].turns] == ["where is it?", "I can't say."]


def test_a_list_of_rows_that_is_not_there_is_refused_with_what_is(tmp_path: Path) -> None:
    log, mapping = tmp_path / "log.json", tmp_path / "map.toml"
    log.write_text(json.dumps({"export": {"talks": []}, "by": "desk"}), "utf-8")
    mapping.write_text(INSIDE.format("export.chats"), "utf-8")
    with pytest.raises(
        UserError, match=r"its rows lie in export\.chats, but no list of objects is there\. Found: export, by\."
    ):
        import_paths(tmp_path, log, mapping=mapping)


def test_what_is_no_object_among_the_rows_is_rejected(tmp_path: Path) -> None:
    log, mapping = tmp_path / "log.json", tmp_path / "map.toml"
    log.write_text(json.dumps({"export": {"chats": [{"number": "1", "lines": LINES}, "nothing"]}}), "utf-8")
    mapping.write_text(INSIDE.format("export.chats"), "utf-8")
    read = import_paths(tmp_path, log, mapping=mapping)
    assert (read.ids, read.rows) == (["1"], (2, 1, 1, 0))
