"""Valid logs of every format, and what may be wrong with a log: damage to its values, its columns, its bytes.

`seeds` gives the rows of a valid log, `damaged` writes one of them with something wrong. All chance comes from the
`random.Random` that is passed in.
"""

from __future__ import annotations

import base64
import copy
import csv
import gzip
import io
import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support import span_logs
from tests.support.fullest import FULLEST
from workbench.conversation.model import Conversation
from workbench.logs.files.json_lines import JsonLog
from workbench.logs.files.otlp import OtlpLog
from workbench.logs.files.parquet import python_rows
from workbench.logs.formats import ReadOptions
from workbench.logs.importing import write_part
from workbench.logs.parts import read_part

DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"
BOTS = ("parcel-care", "bank-help", "clinic-desk")
EACH = 2
"""Conversations of a bot in a valid log."""
ENDINGS = (".parquet", ".jsonl", ".json", ".jsonl.gz")
MAPPING = """
layout = "chat"
[columns]
conversation_id = "session.id"
bot = "session.bot"
messages = "payload.dialog"
started_at = "opened"
[message]
role = "speaker"
content = "body.text"
timestamp = "at"
[roles]
customer = "user"
[metadata]
quality = "scores.quality"
[fails_when]
quality = "< 3"
"""
Row = dict[str, Any]
Chance = random.Random


@dataclass(frozen=True)
class Damaged:
    """A log with something wrong: its files, what was done to it, and the mapping that goes with it, if any."""

    files: list[Path]
    done: list[str]
    mapping: Path | None


# --- valid logs -----------------------------------------------------------------------------------------------------


def seeds() -> dict[str, list[list[Row]]]:
    """For each format the rows of its files: one file, or spans and their scores."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        for bot in BOTS:
            demo = pq.read_table(DEMO / f"{bot}.parquet")
            chosen = demo.take(pa.array(range(0, EACH * 700, 700)))
            rows += [row for batch in chosen.to_batches() for row in python_rows(batch)]
        log = Path(scratch) / "log.jsonl"
        log.write_text(as_lines(rows))
        write_part(Path(scratch) / "part", [log], ReadOptions(), {}, lambda *_: None, "fuzz", "I000001")
        told = list(read_part(Path(scratch) / "part"))
        batches = [row for each in told for row in span_logs.otlp(each)]
        (Path(scratch) / "spans.jsonl").write_text(as_lines(batches))
        spans = OtlpLog(JsonLog(Path(scratch) / "spans.jsonl", "spans"))
        flat = [row for _, row in spans.read()]
    own = {
        "chat": [rows],
        "turns": [[{**_own(row), **message, "turn_index": n} for row in rows for n, message in enumerate(row["messages"])]],
        "openinference": _two(told, span_logs.openinference),
        "otel": [batches],
        "otel, flat": [[{**row, "attributes": json.dumps(row["attributes"])} for row in flat]],
        "langfuse": _two(told, span_logs.langfuse),
        "langsmith": [[row for each in told for row in span_logs.langsmith(each)]],
        "tau": [[_run(number, row) for number, row in enumerate(rows)]],
        "mapping": [list(map(_in_house, rows))],
    }  # fmt: skip
    others = {name: [_copies(file) for file in files] for name, files in FULLEST.items() if name not in own}
    return {**own, **others}


def _copies(rows: list[Row]) -> list[Row]:
    """The rows of several conversations: each id, which is a text of one or two signs, with the number of its copy."""

    def numbered(value: Any, number: int) -> Any:
        if isinstance(value, list):
            return [numbered(item, number) for item in value]
        if isinstance(value, dict):
            return {name: numbered(item, number) for name, item in value.items()}
        return f"{value}{number}" if isinstance(value, str) and 0 < len(value) < 3 else value

    return [numbered(row, number) for number in range(EACH * len(BOTS)) for row in rows]


def _own(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "messages"}


def _two(told: list[Conversation], make: Callable[[Conversation], tuple[list[Row], list[Row]]]) -> list[list[Row]]:
    both = [make(each) for each in told]
    return [[row for pair in both for row in pair[side]] for side in (0, 1)]


def _run(number: int, row: Row) -> Row:
    return {"task_id": number // 2, "trial": number % 2, "reward": float(number % 2), "info": {"bot": row["bot"]}, "traj": row["messages"]}  # fmt: skip


def _in_house(row: Row) -> Row:
    dialog = [
        {"speaker": "customer" if message["role"] == "user" else message["role"], "body": {"text": message["content"]}, "at": message.get("timestamp")}
        for message in row["messages"]
    ]  # fmt: skip
    return {
        "session": {"id": row["conversation_id"], "bot": row["bot"]},
        "payload": json.dumps({"dialog": dialog}, default=_iso),
        "opened": row.get("started_at"),
        "scores": {"quality": len(dialog) % 5},
    }


# --- damage ---------------------------------------------------------------------------------------------------------


def damaged(chance: Chance, format: str, valid: list[list[Row]], folder: Path) -> Damaged:
    """Write a log of this format with one to three things wrong in its values, and perhaps in its bytes."""
    files = copy.deepcopy(valid)
    done: list[str] = []
    ending = chance.choice((*ENDINGS, ".csv") if format == "table" else ENDINGS)
    if chance.random() < 0.65:
        for _ in range(chance.randint(1, 3)):
            change = chance.choice(VALUES)
            change(chance, chance.choice(files))
            done.append(change.__name__)
    paths = [folder / f"log-{number}{ending}" for number in range(len(files))]
    for path, rows in zip(paths, files, strict=True):
        if ending == ".parquet":
            _write_parquet(chance, path, rows, done)
        elif ending == ".csv":
            path.write_bytes(as_csv(chance, rows).encode("utf-8", "surrogatepass"))
        else:
            text = (as_lines(rows) if ending.startswith(".jsonl") else as_list(rows)).encode("utf-8", "surrogatepass")
            path.write_bytes(text if chance.random() < 0.9 or path.suffix == ".gz" else text.replace(b"\n", b"\r\n"))
    if not done or chance.random() < 0.2:
        hit = chance.choice(paths)
        for _ in range(chance.randint(1, 2)):
            harm = chance.choice(BYTES)
            hit.write_bytes(harm(chance, hit.read_bytes()))
            done.append(harm.__name__)
    for path in paths:
        if path.suffix == ".gz":
            packed = gzip.compress(path.read_bytes())
            path.write_bytes(chance.choice(BYTES)(chance, packed) if chance.random() < 0.2 else packed)
    if chance.random() < 0.05:
        wrong = chance.choice(ENDINGS)
        paths = [path.rename(path.with_name(f"{path.name.split('.')[0]}-renamed{wrong}")) for path in paths]
        done.append(f"renamed to {wrong}")
    mapping = None
    if format == "mapping":
        mapping = folder / "mapping.toml"
        text = MAPPING.encode()
        mapping.write_bytes(chance.choice(BYTES)(chance, text) if chance.random() < 0.1 else text)
    return Damaged(paths, done, mapping)


def as_lines(rows: list[Any]) -> str:
    return "\n".join(json.dumps(row, default=_iso, ensure_ascii=False) for row in rows)


def as_csv(chance: Chance, rows: list[Any]) -> str:
    """Rows as CSV, whatever they have become, with one of the signs that divide cells."""
    text = io.StringIO()
    names = _columns(rows)
    writer = csv.DictWriter(text, names, delimiter=chance.choice(",;\t|"), extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        if isinstance(row, dict):
            writer.writerow(
                {
                    name: value if isinstance(value, str) else json.dumps(value, default=_iso)
                    for name, value in row.items()
                }
            )
    return text.getvalue()


def as_list(rows: list[Any]) -> str:
    return json.dumps(rows, default=_iso, indent=1)


def _iso(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


# In the values ------------------------------------------------------------------------------------------------------


def hostile(chance: Chance) -> Any:
    """A value that no field expects."""
    return chance.choice(_HOSTILE)(chance)


def _nested(chance: Chance, value: Any = "x") -> Any:
    for _ in range(chance.choice((1, 5, 99, 150, 250))):
        value = [value] if chance.random() < 0.5 else {chance.choice(("a", "content", "messages", "message")): value}
    return value


_HOSTILE: list[Callable[[Chance], Any]] = [
    lambda chance: None,
    lambda chance: chance.choice(("", " ", "\t\n", "null", "None", "NaN", "0", "-1", "true", "{}", "[]", '""', "{", '"', "\\")),
    lambda chance: chance.choice((0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**64, 10**30, 10**400)),
    lambda chance: chance.choice((0.5, -0.0, 1e-320, 1e308, float("nan"), float("inf"), float("-inf"))),
    lambda chance: chance.choice((True, False, [], {}, [[]], [None], [{}], {"": None}, {"": {"": ""}})),
    lambda chance: chance.choice((datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59), date(2026, 1, 1), datetime.min)),
    lambda chance: chance.choice(("0001-01-01", "2026-13-45T99:99:99Z", "2026-01-01T00:00:00+99:99", "1e9999", "9" * 5000)),
    lambda chance: chance.choice(("[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000, "[" * 900 + "]" * 900)),
    lambda chance: chance.choice(("\ud800", "a\udfffb", "\x00\x01\x1b[2J", "\u202e\u200b\ufeff", "\ufffe", "\U000e0041" * 50)),
    lambda chance: chance.choice(("<script>alert(1)</script>", "=1+2", "../../etc/passwd", "{{7*7}}", "%s%n", "'; drop table x; --")),
    lambda chance: chance.choice("abcö字😀 ") * chance.choice((1_000, 40_000)),
    lambda chance: chance.randbytes(chance.choice((0, 1, 40))),
    lambda chance: [hostile(chance) for _ in range(chance.randint(0, 3))],
    lambda chance: {chance.choice(("role", "content", "id", "name", "type", "x.y", "0")): hostile(chance)},
    _nested,
]  # fmt: skip


def _place(chance: Chance, rows: list[Any]) -> tuple[Any, Any]:
    """A list or dictionary somewhere in the rows, and a key in it."""
    holder: Any = rows
    while True:
        key = chance.randrange(len(holder)) if isinstance(holder, list) else chance.choice(list(holder))
        inner = holder[key]
        if not isinstance(inner, (list, dict)) or not inner or (holder is not rows and chance.random() < 0.25):
            return holder, key
        holder = inner


def _columns(rows: list[Any]) -> list[str]:
    return list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))


def value_set(chance: Chance, rows: list[Any]) -> None:
    if rows:
        holder, key = _place(chance, rows)
        holder[key] = hostile(chance)


def text_set(chance: Chance, rows: list[Any]) -> None:
    """One text becomes a book."""
    if rows:
        holder, key = _place(chance, rows)
        holder[key] = chance.choice("aö字😀 ") * 300_000


def column_set(chance: Chance, rows: list[Any]) -> None:
    if names := _columns(rows):
        name, value = chance.choice(names), hostile(chance)
        alike = chance.random() < 0.5
        for row in rows:
            if isinstance(row, dict) and chance.random() < 0.9:
                row[name] = value if alike else hostile(chance)


def column_dropped(chance: Chance, rows: list[Any]) -> None:
    if names := _columns(rows):
        name = chance.choice(names)
        for row in rows:
            if isinstance(row, dict):
                row.pop(name, None)


def key_renamed(chance: Chance, rows: list[Any]) -> None:
    """A key gets another's name, another case, or a dot, wherever it stands in the rows."""
    names = _columns(rows)
    if not names:
        return
    old = chance.choice([*names, "role", "content", "tool_calls", "id"])
    new = chance.choice([*names, old.upper(), f" {old}", f"{old}.x", "", "role", "messages", "trace_id", "attributes"])

    def rename(value: Any) -> Any:
        if isinstance(value, list):
            return [rename(item) for item in value]
        if isinstance(value, dict):
            return {new if name == old else name: rename(item) for name, item in value.items()}
        return value

    rows[:] = rename(rows)


def columns_swapped(chance: Chance, rows: list[Any]) -> None:
    if len(names := _columns(rows)) > 1:
        one, other = chance.sample(names, 2)
        for row in rows:
            if isinstance(row, dict):
                row[one], row[other] = row.get(other), row.get(one)


def value_copied(chance: Chance, rows: list[Any]) -> None:
    """Something stands where something else should: spans become their own parents, ids meet."""
    if rows:
        for _ in range(chance.choice((1, 10))):
            (source, key), (target, place) = _place(chance, rows), _place(chance, rows)
            target[place] = copy.deepcopy(source[key])


def ids_shared(chance: Chance, rows: list[Any]) -> None:
    """A column takes few values, those that it has or another has."""
    if names := _columns(rows):
        name, other = chance.choice(names), chance.choice(names)
        values = [row.get(other) for row in rows if isinstance(row, dict)][: chance.choice((1, 2, 10))]
        for row in rows:
            if isinstance(row, dict):
                row[name] = copy.deepcopy(chance.choice(values))


def rows_repeated(chance: Chance, rows: list[Any]) -> None:
    if rows:
        for row in chance.choices(rows, k=chance.randint(1, 20)):
            rows.insert(chance.randrange(len(rows)), again := copy.deepcopy(row))
            if chance.random() < 0.5:
                value_set(chance, [again])


def rows_dropped(chance: Chance, rows: list[Any]) -> None:
    kept = chance.choice((0.0, 0.1, 0.5, 0.9))
    rows[:] = [row for row in rows if chance.random() < kept]


def rows_shuffled(chance: Chance, rows: list[Any]) -> None:
    chance.shuffle(rows)


def row_is_none(chance: Chance, rows: list[Any]) -> None:
    if rows:
        rows[chance.randrange(len(rows))] = hostile(chance)


def text_broken(chance: Chance, rows: list[Any]) -> None:
    """Texts, among them JSON in texts, are cut, doubled or written over."""
    for _ in range(chance.choice((1, 30)) if rows else 0):
        holder, key = _place(chance, rows)
        if isinstance(text := holder[key], str):
            broken = chance.choice(BYTES[:6])(chance, text.encode("utf-8", "surrogatepass"))
            holder[key] = broken.decode("utf-8", chance.choice(("replace", "surrogateescape")))


VALUES: list[Callable[[Chance, list[Any]], None]] = [
    *[value_set] * 3, text_set, column_set, column_set, column_dropped, key_renamed, columns_swapped, value_copied, ids_shared,
    rows_repeated, rows_dropped, rows_shuffled, row_is_none, text_broken, text_broken,
]  # fmt: skip


# In the bytes -------------------------------------------------------------------------------------------------------


def _span(chance: Chance, raw: bytes) -> tuple[int, int]:
    """A piece of the file; every other time near its end, where Parquet keeps what all else hangs on."""
    start = chance.randint(0, len(raw))
    if chance.random() < 0.5:
        start = max(0, len(raw) - chance.randint(0, min(3_000, len(raw))))
    return start, min(len(raw), start + chance.choice((1, 8, 100, 5_000)))


def flipped(chance: Chance, raw: bytes) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.choice((1, 3, 20)) if raw else 0):
        changed[min(_span(chance, raw)[0], len(raw) - 1)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(chance: Chance, raw: bytes) -> bytes:
    return raw[: _span(chance, raw)[0]]


def piece_dropped(chance: Chance, raw: bytes) -> bytes:
    start, end = _span(chance, raw)
    return raw[:start] + raw[end:]


def piece_doubled(chance: Chance, raw: bytes) -> bytes:
    start, end = _span(chance, raw)
    return raw[:end] + raw[start:]


def written_over(chance: Chance, raw: bytes) -> bytes:
    start, end = _span(chance, raw)
    return raw[:start] + chance.choice((bytes(end - start), chance.randbytes(end - start))) + raw[end:]


def number_grown(chance: Chance, raw: bytes) -> bytes:
    """Some digits become many, or what JSON does not know."""
    start, _ = _span(chance, raw)
    digits = chance.choice(
        (b"9" * 30, b"1e999", b"NaN", b"-Infinity", b"1" * 5_000, b"0x10", b"1.7976931348623159e308")
    )
    places = [at for at in range(start, min(start + 4_000, len(raw))) if raw[at : at + 1].isdigit()]
    return raw if not places else raw[: places[0]] + digits + raw[places[0] + 1 :]


def brackets(chance: Chance, raw: bytes) -> bytes:
    """Nesting without bottom before some value, closed or not."""
    at = raw.find(b": ", _span(chance, raw)[0])
    depth = chance.choice((50, 1_000, 100_000))
    closed = b"]" * depth + b', "x": ' if chance.random() < 0.7 else b""
    return raw if at < 0 else raw[: at + 2] + b"[" * depth + closed + raw[at + 2 :]


def recoded(chance: Chance, raw: bytes) -> bytes:
    text = raw.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-16", "utf-16-le", "utf-8-sig", "latin-1", "cp1252", "utf-32")), "replace")


def line_ends(chance: Chance, raw: bytes) -> bytes:
    return raw.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n \n", b"", b"\x0b", "\u2028".encode())))


def twice(chance: Chance, raw: bytes) -> bytes:
    return raw + chance.choice((raw, b"\n" + raw, b"]", b"\0", b"\n{}\n", b"garbage"))


def emptied(chance: Chance, raw: bytes) -> bytes:
    return chance.choice((b"", b"\n", b"PAR1", b"PAR1PAR1", b"[]", b"{}", b"\x1f\x8b", b"null", raw[:4]))


BYTES: list[Callable[[Chance, bytes], bytes]] = [
    flipped, cut, piece_dropped, piece_doubled, written_over, number_grown, brackets, flipped, recoded, line_ends, twice,
    emptied, flipped,
]  # fmt: skip


# In the columns -----------------------------------------------------------------------------------------------------

_TYPES = [
    pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int32(), pa.string()), pa.int8(), pa.int64(), pa.uint64(),
    pa.float32(), pa.float64(), pa.bool_(), pa.decimal128(38, 10), pa.date32(), pa.time64("us"), pa.timestamp("s"),
    pa.timestamp("ms", "UTC"), pa.timestamp("us", "Europe/Berlin"), pa.timestamp("ns"), pa.duration("s"), pa.null(),
]  # fmt: skip


def _write_parquet(chance: Chance, path: Path, rows: list[Any], done: list[str]) -> None:
    """Rows as Parquet, whatever they have become; now and then a column of another type, or an odd way of writing."""
    rows = [row if isinstance(row, dict) else {"value": row} for row in rows]
    columns = {name: _array([row.get(name) for row in rows]) for name in _columns(rows)}
    for name in columns:
        if chance.random() < 0.05:
            columns[name] = _retyped(chance, columns[name])
            done.append(f"{name[:40]} as {str(columns[name].type)[:60]}")
    names = [name.encode("utf-8", "replace").decode() for name in columns]
    if names and chance.random() < 0.03:
        names[0] = names[-1]
        done.append("two columns of one name")
    options: dict[str, Any] = {
        "compression": chance.choice(("none", "snappy", "zstd", "gzip", "brotli", "lz4")),
        "row_group_size": chance.choice((1, 7, 1_000)),
        "use_dictionary": chance.random() < 0.7,
        "write_statistics": chance.random() < 0.7,
        "store_schema": chance.random() < 0.7,
        "data_page_version": chance.choice(("1.0", "2.0")),
        "write_page_checksum": chance.random() < 0.2,
    }
    pq.write_table(pa.Table.from_arrays(list(columns.values()), names), path, **options)


def _written(array: pa.Array) -> pa.Array:
    """The same column; what `pa.array` raises, or one of its like, where Parquet can't hold it."""
    pq.write_table(pa.table({"x": array}), pa.BufferOutputStream())
    return array


def _array(values: list[Any]) -> pa.Array:
    """A column of these values; where no type holds them all, as JSON text."""
    try:
        return _written(pa.array(values))
    except (pa.ArrowException, OverflowError, ValueError, TypeError, NotImplementedError, RecursionError):
        texts = [None if value is None else json.dumps(value, default=_iso) for value in values]
        return pa.array([text and text.encode("utf-8", "replace").decode() for text in texts], pa.string())


def _retyped(chance: Chance, array: pa.Array) -> pa.Array:
    """The column as another type: cast, else of other values; where Parquet knows no such type, in a struct."""
    kind = chance.choice(_TYPES)
    numbers = pa.array([chance.randint(-(2**40), 2**40) for _ in range(len(array))], pa.int64())
    other = pa.StructArray.from_arrays([array], ["value"])
    for values in (array, numbers):
        try:
            other = _written(values.cast(kind, safe=False))
            break
        except (pa.ArrowException, NotImplementedError):
            continue
    if chance.random() < 0.2:
        other = pa.ListArray.from_arrays(pa.array(range(len(other) + 1), pa.int32()), other)
    return other
