"""The JSONL and JSON rows of the list of bad inputs, in its order: refused (R) or rejected (Q), and the numbers add up."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.imported import Imported, chat, import_paths, write
from tests.support.paths import ROOT
from workbench.errors import UserError
from workbench.logs.files import json_lines
from workbench.logs.values import records
from workbench.memory import resident_bytes

GOOD = [json.dumps(chat(f"c{n}")) for n in range(1, 6)]


def imported(folder: Path, text: str | bytes, name: str = "log.jsonl") -> Imported:
    """What comes of a file with these bytes."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_paths(folder, folder / name)


def refusal(folder: Path, text: str | bytes, name: str = "log.jsonl") -> str:
    """Why a file with these bytes is refused; nothing is left behind."""
    with pytest.raises(UserError) as refused:
        imported(folder, text, name)
    assert list(folder.glob("part-*")) == []
    assert name in str(refused.value)
    return str(refused.value)


def with_bad(bad: str, name: str) -> str:
    """Five rows with a bad fourth one, as lines or as a list."""
    rows = [*GOOD[:3], bad, GOOD[4]]
    return "[" + ",\n".join(rows) + "]" if name.endswith(".json") else "\n".join(rows) + "\n"


@pytest.mark.parametrize("name", ["log.jsonl", "log.json"])
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ('{"conversation_id": "c4", messages}', "is no JSON (Expecting property name"),
        ('"c4"', "is no JSON object"),
        ("[]", "is no JSON object"),
        ('{"conversation_id": "c4", "messages": [{"role": "user", "content": NaN}]}', "is no JSON (NaN is no JSON value)"),
        ('{"conversation_id": "c4", "reward": -Infinity}', "is no JSON (-Infinity is no JSON value)"),
        ('{"conversation_id": "c4", "reward": 1e999}', "is no JSON (the number 1e999 is too large)"),
        ('{"conversation_id": ' + "1" * 5000 + "}", "is no JSON (a whole number has too many digits)"),
        ('{"conversation_id": "c4", "messages": ' + "[" * 100_000 + "]" * 100_000 + "}", "is nested too deeply to be read"),
    ],
    ids=["bad line 4 of 5", "a text", "a list", "NaN", "Infinity", "1e999", "5,000 digits", "100k brackets"],
)  # fmt: skip
def test_bad_line_4_of_5_is_rejected_at_line_4(tmp_path: Path, name: str, bad: str, reason: str) -> None:
    log = imported(tmp_path, with_bad(bad, name), name)
    assert (log.ids, log.rows) == (["c1", "c2", "c3", "c5"], (5, 4, 1, 0))
    (reject,) = log.rejects
    assert (reject.file, reject.row, reject.column) == (str(tmp_path / name), 4, None)
    assert reject.reason.startswith(reason)
    assert reject.value == bad if len(bad) <= 2000 else reject.value == bad[:1999] + "…"


def test_a_list_whose_brackets_no_longer_tell_its_items_apart_keeps_what_lies_before(tmp_path: Path) -> None:
    log = imported(tmp_path, with_bad('{"conversation_id": "c4", "messages": [}', "log.json"), "log.json")
    assert (log.ids, log.rows) == (["c1", "c2", "c3"], (5, 3, 2, 0))


@pytest.mark.parametrize("cut", [1, 10, 30])
def test_a_truncated_last_line_is_rejected(tmp_path: Path, cut: int) -> None:
    log = imported(tmp_path, "\n".join(GOOD)[:-cut])
    assert (log.ids, log.rows) == (["c1", "c2", "c3", "c4"], (5, 4, 1, 0))
    assert log.rejects[0].row == 5


def test_a_last_line_cut_in_the_middle_of_a_character_is_rejected(tmp_path: Path) -> None:
    log = imported(tmp_path, (GOOD[0] + '\n{"conversation_id": "größe').encode()[:-4])
    assert (log.ids, log.rows) == (["c1"], (2, 1, 1, 0))
    assert log.rejects[0].reason == "is cut off in the middle of a character"


@pytest.mark.parametrize(("cut", "kept"), [(1, 5), (2, 4), (40, 4)])
def test_a_truncated_list_is_said_and_its_whole_items_are_kept(tmp_path: Path, cut: int, kept: int) -> None:
    log = imported(tmp_path, ("[" + ",\n".join(GOOD) + "]")[:-cut], "log.json")
    assert log.rows == (kept + 1, kept, 1, 0)
    assert log.rejects[0].row == kept + 1


@pytest.mark.parametrize("text", ["\ufeff" + "\n".join(GOOD), "\r\n".join(GOOD) + "\r\n", "\n\n  \n".join(["", *GOOD])])
def test_bom_crlf_and_blank_lines_are_accepted(tmp_path: Path, text: str) -> None:
    log = imported(tmp_path, text)
    assert (log.ids, log.rows) == (["c1", "c2", "c3", "c4", "c5"], (5, 5, 0, 0))


@pytest.mark.parametrize("escaped", [True, False])
def test_nul_and_c0_characters_are_kept(tmp_path: Path, escaped: bool) -> None:
    signs = "".join(map(chr, [*range(10), *range(11, 32), 127]))
    row = '{"conversation_id": "c1", "messages": [{"role": "user", "content": "%s"}]}'
    text = row % (json.dumps(signs)[1:-1] if escaped else signs)
    assert imported(tmp_path, text).only.turns[0].content == signs


@pytest.mark.parametrize(
    ("encoding", "place"),
    [("utf-16", "byte 0 "), ("utf-16-le", "byte 0 "), ("utf-16-be", "byte 0 "), ("latin-1", "byte 180 (0xe9)")],
)
def test_utf_16_and_latin_1_are_refused_with_the_byte_offset(tmp_path: Path, encoding: str, place: str) -> None:
    text = "\n".join([GOOD[0], GOOD[1], '{"conversation_id": "caf\u00e9"}'])
    assert text.encode("latin-1").index(b"\xe9") == 180
    reason = refusal(tmp_path, text.encode(encoding))
    assert place in reason
    assert "UTF-8" in reason


def test_a_10_mb_message_is_kept(tmp_path: Path) -> None:
    words = "äb" * (5 << 20)
    path = write(tmp_path / "log.jsonl.gz", [chat("c1", [{"role": "user", "content": words}])])
    assert import_paths(tmp_path, path).only.turns[0].content == words


def test_a_line_beyond_the_limit_is_rejected_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "MAX_ROW", 1 << 20)
    log = imported(tmp_path, "\n".join([GOOD[0], json.dumps(chat("x" * (5 << 20))), GOOD[1]]))
    assert (log.ids, log.rows) == (["c1", "c2"], (3, 2, 1, 0))
    assert (log.rejects[0].row, log.rejects[0].reason) == (2, "is longer than 1 MB")


def test_an_item_of_a_list_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_ROW", 1 << 20)
    text = "[" + GOOD[0] + "," + json.dumps(chat("x" * (5 << 20))) + "]"
    assert "item 2 is longer than 1 MB" in refusal(tmp_path, text, "log.json")


def test_a_row_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    """In a process of its own: a row would go into the memory that the tests before have freed."""
    script = """if True:
        import sys
        from pathlib import Path
        from tests.logs.files.test_bad_json import GOOD, json_lines, refusal, resident_bytes
        json_lines.MAX_MEMORY = 64 << 20
        text = GOOD[0] + '\\n{"a": [' + "[[]]," * (1 << 20) + "0]}"
        before = resident_bytes()
        print(" ".join(refusal(Path(sys.argv[1]), text).split()))
        print("grew by", (resident_bytes() - before) >> 20)
    """
    process = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    reason, grew = process.stdout.splitlines() or ["", process.stderr]
    assert "one of its rows needs more than 64 MB of memory" in reason
    assert int(grew.removeprefix("grew by ")) < 96


@pytest.mark.parametrize("line", [b" ", b" " * 1023 + b"\n"], ids=["one line", "lines"])
def test_a_gzip_bomb_is_refused_by_its_ratio(tmp_path: Path, line: bytes) -> None:
    block = line * ((1 << 20) // len(line))
    with gzip.open(tmp_path / "bomb.jsonl.gz", "wb", compresslevel=9) as file:
        file.write(GOOD[0].encode() + b"\n")
        for _ in range(300):
            file.write(block)
    raw = (tmp_path / "bomb.jsonl.gz").read_bytes()
    assert len(raw) < 700_000
    before = resident_bytes()
    assert "unpack to more than 25" in refusal(tmp_path, raw, "bomb.jsonl.gz")
    assert resident_bytes() - before < 300 << 20


def test_what_unpacks_to_more_than_the_absolute_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "MAX_UNPACKED", 300)
    assert "to more than" in refusal(tmp_path, gzip.compress("\n".join(GOOD).encode()), "log.jsonl.gz")


@pytest.mark.parametrize("cut", [5, 20, 60])
def test_a_damaged_gzip_is_refused(tmp_path: Path, cut: int) -> None:
    packed = gzip.compress("\n".join(GOOD).encode())
    assert "gzip file is damaged" in refusal(tmp_path, packed[:-cut], "log.jsonl.gz")
    assert "gzip file is damaged" in refusal(tmp_path, packed[:-8] + bytes(8), "log.jsonl.gz")


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ("null", "is empty: a conversation has at least one message"),
        ("[]", "is empty: a conversation has at least one message"),
        ("7", "is no list of messages"),
        ('"hello"', "is no JSON (Expecting value: line 1 column 1 (char 0))"),
        ("[null]", "is no message: role and content are expected"),
    ],
)
def test_messages_that_are_none_are_rejected(tmp_path: Path, messages: str, reason: str) -> None:
    log = imported(tmp_path, GOOD[0] + '\n{"conversation_id": "c2", "messages": ' + messages + "}\n")
    assert (log.ids, log.rows) == (["c1"], (2, 1, 1, 0))
    assert (log.rejects[0].row, log.rejects[0].reason) == (2, reason)


def test_a_list_of_parts_is_one_text(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "https://x.test/1.png"}}]
    row = chat("c1", [{"role": "user", "content": parts}, {"role": "assistant", "content": None}])
    assert [turn.content for turn in imported(tmp_path, json.dumps(row)).only.turns] == [
        "look\n[image: https://x.test/1.png]",
        "",
    ]


def test_an_unknown_role_is_kept_as_logged(tmp_path: Path) -> None:
    row = chat("c1", [{"role": "Überwacher", "content": "hm"}])
    assert [turn.role for turn in imported(tmp_path, json.dumps(row)).only.turns] == ["Überwacher"]


@pytest.mark.parametrize("text", ["", "\n\n", "[]", "  [ ]\n", "\ufeff"])
def test_a_file_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    assert "Export it again" in refusal(tmp_path, text, "log.json")


def test_a_file_of_bad_rows_only_is_refused_with_the_first_cause(tmp_path: Path) -> None:
    assert "none of its rows can be read: row 1 is no JSON (Expecting value" in refusal(tmp_path, "hello\nworld\n")


def test_what_stands_behind_a_list_is_refused(tmp_path: Path) -> None:
    assert "byte 55 stands outside of any list" in refusal(tmp_path, "[" + '{"conversation_id": "c1", "messages": [{"a": "b"}]}' + "]\n x ", "log.json")  # fmt: skip


def test_many_bad_lines_are_counted_and_not_all_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_REJECTS", 3)
    log = imported(tmp_path, GOOD[0] + "\n" + "bad\n" * 10)
    assert log.rows == (11, 1, 10, 0)
    assert [(reject.row, reject.rows) for reject in log.rejects] == [(2, 1), (3, 1), (4, 1), (5, 7)]


@pytest.mark.parametrize("where", ["row", "message"])
def test_a_row_in_which_a_key_stands_twice_is_rejected(tmp_path: Path, where: str) -> None:
    twice = (
        GOOD[1].replace('"role"', '"role": "user", "role"', 1)
        if where == "message"
        else '{"conversation_id": "x", ' + GOOD[1][1:]
    )
    result = imported(tmp_path, "\n".join([GOOD[0], twice, GOOD[2]]))
    assert (sorted(result.ids), result.rows) == (["c1", "c3"], (3, 2, 1, 0))
