"""Which columns a mapping likely needs: by their names, held to their values, and by the values alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import write
from workbench.logs.fields import log_fields
from workbench.logs.likely_columns import LogField, likely, likely_layout, likely_messages

OURS = ("conversation_id", "role", "content", "turn_index", "timestamp")


def fields_of(folder: Path, rows: list[dict[str, Any]], rows_in: str | None = None) -> dict[str, Any]:
    log = write(folder / "log.json", rows) if len(rows) > 1 else folder / "log.json"
    if len(rows) == 1:
        import json

        log.write_text(json.dumps(rows[0]), "utf-8")
    return log_fields([str(log)], folder / "scratch", lambda *_: None, rows_in)


def guesses(folder: Path, rows: list[dict[str, Any]], layout: str = "turns") -> dict[str, str | None]:
    listed = [LogField(**each) for each in fields_of(folder, rows)["fields"]]
    return {name: likely(name, [each for each in listed if not each.within], layout) for name in OURS}


def message(n: int, **names: Any) -> dict[str, Any]:
    """One of eight messages of four conversations, under whatever names."""
    values = {
        "a": f"c{n // 2}",
        "b": "Kunde" if n % 2 else "bot",
        "c": f"the words of message number {n}",
        "d": f"2026-03-02T09:{n:02d}:00",
    }
    return {names.get(name, name): value for name, value in values.items()}


def test_names_that_say_nothing_leave_it_to_the_values(tmp_path: Path) -> None:
    assert guesses(tmp_path, [message(n) for n in range(8)]) == {
        "conversation_id": "a", "role": "b", "content": "c", "turn_index": None, "timestamp": "d"
    }  # fmt: skip


def test_a_usual_name_goes_before_what_the_values_would_say(tmp_path: Path) -> None:
    rows = [message(n, a="session_id", b="speaker", c="text", d="ts") | {"note": "a much longer text than what was said here by far", "seq": n} for n in range(8)]  # fmt: skip
    assert guesses(tmp_path, rows) == {
        "conversation_id": "session_id", "role": "speaker", "content": "text", "turn_index": "seq", "timestamp": "ts"
    }  # fmt: skip


def test_a_usual_name_whose_values_say_otherwise_is_passed_over(tmp_path: Path) -> None:
    """`id` is the message's own, `from` another desk each time, `time` a duration in words."""
    rows = [message(n) | {"id": f"m-{n}", "from": f"desk {n}", "time": "a while"} for n in range(12)]
    assert guesses(tmp_path, rows) == {
        "conversation_id": "a", "role": "b", "content": "c", "turn_index": None, "timestamp": "d"
    }  # fmt: skip


def test_a_row_a_conversation_has_an_id_of_its_own(tmp_path: Path) -> None:
    said = [{"who": "customer", "said": "where is it, please"}, {"who": "desk", "said": "I can't say."}]
    rows = [{"kind": "chat", "number": f"A-{n}", "tags": ["a"], "talk": {"lines": said}} for n in range(6)]
    listed = [LogField(**each) for each in fields_of(tmp_path, rows)["fields"]]
    inner = [each for each in listed if each.within == "talk.lines"]
    own = [each for each in listed if not each.within]
    assert likely_layout(listed) == "chat"
    assert likely_messages(listed) == "talk.lines"
    assert likely("conversation_id", own, "chat") == "number"
    assert (likely("role", inner, "chat"), likely("content", inner, "chat")) == ("who", "said")


@pytest.mark.parametrize(
    ("around", "path"),
    [
        (lambda chats: {"export": {"version": 2, "chats": chats}, "by": "desk"}, "export.chats"),
        (lambda chats: {"export": {"days": [{"chats": chats}]}}, ""),
    ],
)
def test_the_list_that_holds_the_rows_of_nested_json_is_guessed_and_can_be_named(
    tmp_path: Path, around: Any, path: str
) -> None:
    said = [{"who": "customer", "said": "where is it, please"}, {"who": "desk", "said": "I can't say."}]
    chats = [{"number": f"A-{n}", "lines": said} for n in range(4)]
    seen = fields_of(tmp_path, [around(chats)])
    assert seen["rows"] == path or seen["rows"] in seen["lists"]
    there = fields_of(tmp_path, [around(chats)], path or "export.days.chats")
    assert [(each["path"], each["within"], each["seen"]) for each in there["fields"]] == [
        ("number", "", 4), ("lines", "", 4), ("who", "lines", 8), ("said", "lines", 8)
    ]  # fmt: skip


def test_one_conversation_alone_is_its_own_row(tmp_path: Path) -> None:
    said = [{"role": "user", "content": "hi", "parts": ["a"]}]
    assert fields_of(tmp_path, [{"id": "c1", "messages": said, "title": "x"}])["rows"] == ""


def test_how_a_table_was_read_is_said(tmp_path: Path) -> None:
    table = tmp_path / "chats.csv"
    table.write_bytes("chat;wer;was\n1;Kunde;Grüße\n1;Bot;Guten Tag\n".encode("cp1252"))
    seen = log_fields([str(table)], tmp_path / "scratch", lambda *_: None)
    assert seen["notes"] == [f"{table}: read as CSV with semicolons between its cells, in Windows-1252."]
