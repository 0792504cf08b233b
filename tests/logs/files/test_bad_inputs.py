"""The Parquet rows of the list of bad inputs, in its order: refused (R) or rejected (Q), and the numbers add up."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.imported import HELLO, chat, import_paths, import_rows, message, write
from workbench.errors import UserError
from workbench.logs.files import parquet
from workbench.memory import resident_bytes

PLAIN = {"use_dictionary": False, "write_statistics": False}  # quick to write
GOOD = [chat("c1"), chat("c2")]


def refusal(folder: Path, path: Path, **options: Any) -> str:
    """Why the file is refused; nothing is left behind."""
    with pytest.raises(UserError) as refused:
        import_paths(folder, path, **options)
    assert list(folder.glob("part-*")) == []
    assert path.name in str(refused.value)
    return str(refused.value)


def test_zero_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.parquet").touch()
    assert "empty (0 bytes)" in refusal(tmp_path, tmp_path / "empty.parquet")


@pytest.mark.parametrize("sixteenth", range(1, 16))
def test_a_file_cut_at_each_sixteenth_is_refused(tmp_path: Path, sixteenth: int) -> None:
    raw = write(tmp_path / "whole.parquet", GOOD).read_bytes()
    (tmp_path / "cut.parquet").write_bytes(raw[: len(raw) * sixteenth // 16])
    assert "only a part of one" in refusal(tmp_path, tmp_path / "cut.parquet")


def test_a_hole_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "hole.parquet", [chat(f"c{n}") for n in range(500)], compression="zstd")
    raw = bytearray(path.read_bytes())
    raw[100:400] = bytes(300)
    path.write_bytes(raw)
    assert "damaged" in refusal(tmp_path, path)


def test_a_csv_renamed_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log.parquet").write_text("conversation_id,role,content\nc1,user,hello\n")
    assert "this is no Parquet file" in refusal(tmp_path, tmp_path / "log.parquet")


def test_kilobytes_that_unpack_to_200_mb_cells_are_refused_within_limits(tmp_path: Path) -> None:
    path = write(
        tmp_path / "bomb.parquet",
        [chat("c1", [{"role": "user", "content": "x" * 200_000_000}])],
        compression="zstd",
        **PLAIN,
    )
    before = resident_bytes()
    assert path.stat().st_size < 10_000
    assert "a cell of 191 MB; at most 64 MB are read" in refusal(tmp_path, path)
    assert resident_bytes() - before < 1 << 30


def test_one_dictionary_value_that_stands_in_3000_rows_is_refused_within_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "MAX_BATCH", 128 << 20)
    monkeypatch.setattr(parquet, "FREE_UNPACKING", 128 << 20)
    rows = 3_000
    content = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 3_000_000]))
    structs = pa.StructArray.from_arrays([pa.array(["user"] * rows), content], ["role", "content"])
    messages = pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), structs)
    table = pa.table({"conversation_id": pa.array(range(rows)), "messages": messages})
    pq.write_table(table, tmp_path / "bomb.parquet", compression="zstd", store_schema=False, write_statistics=False)
    del table, messages, structs, content
    before = resident_bytes()
    assert "unpack to more than" in refusal(tmp_path, tmp_path / "bomb.parquet")
    assert resident_bytes() - before < 256 << 20


@pytest.mark.parametrize(
    ("columns", "missing"),
    [
        ({"messages": [HELLO]}, "as a chat log it lacks conversation_id."),
        ({"conversation_id": ["c1"], "role": ["user"], "turn_index": [0]}, "as a turns log it lacks content."),
        ({"conversation_id": ["c1"], "role": ["user"], "content": ["hi"]}, "it lacks turn_index or timestamp."),
        ({"id": ["c1"], "text": ["hi"]}, "Found: id, text."),
    ],
)
def test_a_missing_required_column_is_refused_by_its_name(
    tmp_path: Path, columns: dict[str, Any], missing: str
) -> None:
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")
    reason = refusal(tmp_path, tmp_path / "log.parquet")
    assert missing in reason
    assert all(way in reason for way in ("--mapping FILE.toml", "“Name its columns”", "--format"))


def test_a_null_or_blank_id_is_rejected(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [chat(None), chat(""), chat(" \t"), chat("c1")])
    assert (log.ids, log.rows) == (["c1"], (4, 1, 3, 0))
    assert [(each.row, each.column, each.reason) for each in log.rejects] == [
        (1, "conversation_id", "is empty"),
        (2, "conversation_id", "is blank"),
        (3, "conversation_id", "is blank"),
    ]


def test_the_same_id_with_the_same_content_is_a_duplicate(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [chat("c1"), chat("c2"), chat("c1")])
    assert (log.ids, log.rows, log.manifest.duplicates) == (["c1", "c2"], (3, 2, 0, 1), 1)


def test_the_same_id_with_different_content_in_one_file_is_rejected(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [chat("c1"), chat("c1", [{"role": "user", "content": "goodbye"}])])
    assert [turn.content for turn in log.only.turns] == ["hello"]
    assert log.rows == (2, 1, 1, 0)
    (reject,) = log.rejects
    assert (reject.row, reject.column, reject.value) == (2, "conversation_id", "c1")
    assert "with different content; " in reject.reason
    assert reject.reason.endswith("row 1 is kept")


def test_the_same_file_again_under_another_name_adds_nothing(tmp_path: Path) -> None:
    first = import_paths(tmp_path, write(tmp_path / "july.parquet", GOOD))
    shutil.copy(tmp_path / "july.parquet", tmp_path / "again.parquet")
    again = import_paths(tmp_path, tmp_path / "again.parquet", stored=first.stored)
    assert (again.ids, again.rows, again.manifest.duplicates) == ([], (2, 0, 0, 2), 2)
    assert again.manifest.files[0]["sha256"] == first.manifest.files[0]["sha256"]


@pytest.mark.parametrize("row", [chat, message])
def test_the_same_file_twice_in_one_import_counts_once(tmp_path: Path, row: Any) -> None:
    write(tmp_path / "a.parquet", [row("c1"), row("c2")])
    shutil.copy(tmp_path / "a.parquet", tmp_path / "b.parquet")
    log = import_paths(tmp_path, tmp_path)
    assert (log.ids, log.rows) == (["c1", "c2"], (4, 2, 0, 2))


MIXED = [chat("aware", started_at="2025-07-01T10:00:00Z"), chat("naive", started_at="2025-07-01T10:00:00")]


def test_naive_and_aware_times_mixed_reject_the_naive_ones(tmp_path: Path) -> None:
    log = import_rows(tmp_path, list(reversed(MIXED)))
    assert (log.ids, log.rows) == (["aware"], (2, 1, 1, 0))
    (reject,) = log.rejects
    assert (reject.row, reject.column, reject.value) == (1, "started_at", "2025-07-01T10:00:00")
    assert "--timezone" in reject.reason


def test_naive_and_aware_times_mixed_are_taken_with_a_declared_zone(tmp_path: Path) -> None:
    log = import_rows(tmp_path, MIXED, timezone="Europe/Berlin")
    assert [each.started_at for each in log.conversations] == [datetime(2025, 7, 1, 10), datetime(2025, 7, 1, 8)]


@pytest.mark.parametrize("form", ["columns", "text in messages", "JSON"])
def test_mixed_times_are_found_wherever_they_stand(tmp_path: Path, form: str) -> None:
    aware, naive = "2025-07-01T10:00:00+00:00", "2025-07-01T10:00:00"
    both: list[Any] = [[{"role": "user", "content": "hi", "timestamp": time}] for time in (aware, naive)]
    if form == "columns":
        aware_time, naive_time = datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 7, 1)
        rows = [chat("c1", started_at=aware_time, ended_at=None), chat("c2", ended_at=naive_time)]
    else:
        rows = [chat(f"c{n}", json.dumps(each) if form == "JSON" else each) for n, each in enumerate(both, 1)]
    log = import_rows(tmp_path, rows)
    assert (log.ids, log.rows) == (["c1"], (2, 1, 1, 0))


TALKS = [
    [{"role": "user", "content": "hi", "timestamp": f"2025-07-01T10:00:00{zone}"}]
    for zone in ("Z", "")  # aware, then naive
]
TEXTS = [json.dumps(talk) for talk in TALKS]
PARTS = [[json.dumps(message) for message in talk] for talk in TALKS]
RUNS = [{"task_id": n, "trial": 0, "reward": 1.0, "traj": talk} for n, talk in enumerate(TALKS)]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("text.jsonl", [chat("0-0", TEXTS[0]), chat("1-0", TEXTS[1])]),
        ("texts.jsonl", [chat("0-0", PARTS[0]), chat("1-0", PARTS[1])]),
        ("texts.parquet", [chat("0-0", PARTS[0]), chat("1-0", PARTS[1])]),
        ("turns.parquet", [{"conversation_id": f"{n}-0", "turns": talk} for n, talk in enumerate(TALKS)]),
        ("runs.json", RUNS),
        ("runs.parquet", [{**run, "traj": text} for run, text in zip(RUNS, TEXTS, strict=True)]),
    ],
)
def test_mixed_times_are_found_in_messages_of_any_column_and_shape(
    tmp_path: Path, name: str, rows: list[dict[str, Any]]
) -> None:
    log = import_paths(tmp_path, write(tmp_path / name, rows))
    assert (log.ids, log.rows) == (["0-0"], (2, 1, 1, 0))
    assert log.rejects[0].reason.startswith("the file mixes times with and without a zone")


@pytest.mark.parametrize("column", ["started_at", "messages"])
def test_mixed_times_are_found_in_a_dictionary_encoded_column(tmp_path: Path, column: str) -> None:
    values = TEXTS if column == "messages" else [row["started_at"] for row in MIXED]
    encoded = {column: pa.array(values).dictionary_encode()}
    table = pa.table({"conversation_id": ["c1", "c2"], "messages": pa.array([HELLO] * 2), **encoded})
    pq.write_table(table, tmp_path / "log.parquet")
    log = import_paths(tmp_path, tmp_path / "log.parquet")
    assert (log.ids, log.rows) == (["c1"], (2, 1, 1, 0))


def test_a_category_that_no_row_has_mixes_nothing(tmp_path: Path) -> None:
    times = pa.DictionaryArray.from_arrays(pa.array([1]), pa.array(["2025-07-01T10:00:00Z", "2025-07-01T10:00:00"]))
    pq.write_table(
        pa.table({"conversation_id": ["c1"], "messages": [HELLO], "started_at": times}), tmp_path / "log.parquet"
    )
    assert import_paths(tmp_path, tmp_path / "log.parquet").rows == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("0001-01-01T00:00:00Z", pa.string()),
        ("9999-12-31T23:59:59Z", pa.string()),
        (datetime(1, 1, 1), pa.timestamp("us", tz="UTC")),
        (datetime(9999, 12, 31), pa.timestamp("ms")),
        (1_750_000_000_000, pa.timestamp("s")),  # milliseconds read as seconds: the year 57425
        (1_750_000_000, pa.timestamp("ms", tz="UTC")),  # seconds read as milliseconds: January 1970
        (2**62, pa.timestamp("ms")),
        (-1, pa.int64()),
        (10**25, pa.string()),
        (datetime.now(UTC) + timedelta(days=3), pa.timestamp("us", tz="UTC")),
    ],
)
def test_times_that_cannot_be_true_are_rejected(tmp_path: Path, value: Any, kind: pa.DataType) -> None:
    times = pa.array([str(value) if kind == pa.string() else value], kind)
    pq.write_table(
        pa.table({"conversation_id": ["c1"], "messages": [HELLO], "started_at": times}), tmp_path / "log.parquet"
    )
    log = import_paths(tmp_path, tmp_path / "log.parquet")
    assert log.rows == (1, 0, 1, 0)
    (reject,) = log.rejects
    assert reject.column == "started_at"
    assert reject.value != ""


def test_tool_calls_that_are_null_are_none(tmp_path: Path) -> None:
    calls = [
        {"role": "assistant", "content": "hi", "tool_calls": None},
        {"role": "user", "content": "x", "tool_calls": []},
    ]
    assert [turn.tool_calls for turn in import_rows(tmp_path, [chat("c1", calls)]).only.turns] == [[], []]


def test_arguments_nested_200_deep_are_kept(tmp_path: Path) -> None:
    arguments = '{"a":' * 200 + "1" + "}" * 200
    rows = [
        chat("text", json.dumps([{"role": "assistant", "tool_calls": [{"name": "f", "arguments": arguments}]}])),
        chat("json", f'[{{"role": "assistant", "tool_calls": [{{"name": "f", "arguments": {arguments}}}]}}]'),
    ]
    log = import_rows(tmp_path, rows)
    assert [json.loads(each.turns[0].tool_calls[0].arguments) for each in log.conversations] == [
        json.loads(arguments)
    ] * 2


def test_arguments_in_structs_nested_200_deep_are_kept(tmp_path: Path) -> None:
    kind, value = pa.string(), "x"
    for _ in range(200):
        kind, value = pa.struct([("a", kind)]), {"a": value}  # type: ignore[assignment]
    call = pa.struct([("name", pa.string()), ("arguments", kind)])
    messages = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string()), ("tool_calls", pa.list_(call))]))
    schema = pa.schema([("conversation_id", pa.string()), ("messages", messages)])
    row = chat("c1", [{"role": "assistant", "content": "", "tool_calls": [{"name": "f", "arguments": value}]}])
    path = write(tmp_path / "deep.parquet", [row], schema, store_schema=False)
    (call,) = import_paths(tmp_path, path).only.turns[0].tool_calls
    assert json.loads(call.arguments) == value


def test_messages_nested_without_bottom_are_rejected(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [chat("c1", "[" * 100_000 + "]" * 100_000), chat("c2", json.dumps(HELLO))])
    assert (log.ids, log.rows) == (["c2"], (2, 1, 1, 0))
    assert log.rejects[0].reason == "is nested too deeply to be read"
    assert len(log.rejects[0].value) == 2000


def test_zero_rows_are_accepted_and_said(tmp_path: Path) -> None:
    schema = pa.Table.from_pylist(GOOD).schema
    path = write(tmp_path / "none.parquet", [], schema)
    log = import_paths(tmp_path, path)
    assert (log.ids, log.rows) == ([], (0, 0, 0, 0))
    assert log.manifest.notes == [f"{path}: the file has no rows."]


def test_5000_columns_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({f"c{n}": [1] for n in range(5000)}), tmp_path / "wide.parquet")
    assert "5,000 columns; at most 1,000" in refusal(tmp_path, tmp_path / "wide.parquet")


def test_100k_row_groups_are_refused(tmp_path: Path) -> None:
    batch = pa.record_batch({"conversation_id": ["c1"]})
    with pq.ParquetWriter(
        tmp_path / "groups.parquet", batch.schema, compression="none", write_statistics=False
    ) as writer:
        for _ in range(100_000):
            writer.write_batch(batch)
    assert "100,000 row groups; at most 20,000" in refusal(tmp_path, tmp_path / "groups.parquet")


def test_a_pickled_extension_type_is_never_unpickled(tmp_path: Path) -> None:
    proof = tmp_path / "unpickled"
    pickled = f"cos\nsystem\n(S'touch {proof}'\ntR.".encode()
    extension = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickled}
    messages = pa.array([HELLO])
    schema = pa.schema(
        [pa.field("conversation_id", pa.string(), metadata=extension), pa.field("messages", messages.type)]
    )
    pq.write_table(pa.table([["c1"], messages], schema=schema), tmp_path / "log.parquet")
    assert import_paths(tmp_path, tmp_path / "log.parquet").ids == ["c1"]
    assert not proof.exists()


@pytest.mark.parametrize("footer", ["encrypted", "plain"])
def test_an_encrypted_file_is_refused(tmp_path: Path, footer: str) -> None:
    encryption = pytest.importorskip("pyarrow.parquet.encryption")

    class Keys(encryption.KmsClient):  # type: ignore[name-defined, misc]
        def wrap_key(self, key: bytes, _: str) -> bytes:
            return key.hex().encode()

    options = encryption.EncryptionConfiguration(
        footer_key="footer", column_keys={"column": ["conversation_id"]}, plaintext_footer=footer == "plain"
    )
    factory = encryption.CryptoFactory(lambda _: Keys())
    properties = factory.file_encryption_properties(encryption.KmsConnectionConfig(), options)
    write(tmp_path / "secret.parquet", GOOD, encryption_properties=properties)
    assert "the file is encrypted" in refusal(tmp_path, tmp_path / "secret.parquet")


@pytest.mark.parametrize("codec", [3, 15], ids=["LZO", "of the future"])
def test_an_unknown_codec_is_refused(tmp_path: Path, codec: int) -> None:
    path = write(tmp_path / "log.parquet", GOOD, compression="snappy", use_dictionary=False)
    raw = path.read_bytes()
    snappy, other = bytes([0x15, 2, 0x16]), bytes([0x15, 2 * codec, 0x16])  # Thrift: codec, then the number of values
    assert raw.count(snappy) == 3
    path.write_bytes(raw.replace(snappy, other))
    assert "it needs a codec" in refusal(tmp_path, path)


def test_in_a_folder_the_good_files_load_and_each_bad_one_is_named(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    (logs / "deep").mkdir(parents=True)
    write(logs / "a.parquet", [chat("a")])
    write(logs / "deep" / "b.parquet", [message("b")])
    write(logs / "other.parquet", [{"x": 1}])
    (logs / "bad.parquet").write_bytes(b"PAR1")
    (logs / "README.md").write_text("not a log")
    log = import_paths(tmp_path, logs)
    assert (log.ids, log.rows) == (["a", "b"], (2, 2, 0, 0))
    assert [each["file"] for each in log.manifest.refused] == [str(logs / "bad.parquet"), str(logs / "other.parquet")]
    assert [each["format"] for each in log.manifest.files] == ["chat", "turns"]


def test_when_nothing_can_be_read_each_file_is_named_with_its_cause(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.parquet").touch()
    (logs / "b.parquet").write_text("b")
    with pytest.raises(UserError) as error:
        import_paths(tmp_path, logs)
    first, a, b = str(error.value).splitlines()
    assert first == "Nothing could be read."
    assert a.startswith(f"{logs / 'a.parquet'}: the file is empty")
    assert b.startswith(f"{logs / 'b.parquet'}: this is no Parquet file")
