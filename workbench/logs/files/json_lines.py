"""JSON from outside: lines, one list, or one object, plain or gzipped, as plain Python rows within limits.

A file is first cut into the texts of its rows, which keeps a bad row to itself, and each is then parsed. Nothing of
it counts before it was read once from end to end: what is no UTF-8, unpacks without end or can't be cut into rows is
refused; a row that can't be parsed is a reject with its number (of the line; in a list, of the item).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from workbench.errors import RefusedFile
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.normalise import parse_json
from workbench.logs.values.records import BadValue, Reject, add_reject, shallower
from workbench.memory import memory_ceiling

MAX_ROW = 64 << 20
MAX_MEMORY = 1 << 30
FREE_UNPACKING = 256 << 20
MAX_RATIO = 200  # unpacked bytes to packed ones, beyond the free quarter of a gigabyte
MAX_UNPACKED = 64 << 30
SAMPLE_ROWS, SAMPLE_BYTES = 100, 4 << 20
OUTLINE_DEPTH = 6
_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|\0[^\0]|[^\0]\0")
# What lies between two brackets: anything but brackets and quotes, and whole strings.
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_TO_BRACKET_OR_COMMA = re.compile(rb'(?:[^"\[\]{},]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
Row = tuple[int, JsonObject]


class _Text(NamedTuple):
    """The text of one row: its number from 1, its first byte's place in the unpacked file, and what is wrong with it."""

    number: int
    offset: int
    raw: bytes
    problem: str = ""
    last: bool = False


@dataclass(frozen=True)
class _Bad:
    """A row that can't be parsed, and why."""

    number: int
    error: BadValue


class JsonLog:
    """One JSON file: the columns of its first rows at once, its rows after `check`."""

    container = "json"

    def __init__(self, path: Path, name: str) -> None:
        """Read the first rows; RefusedFile where there are none that can be read."""
        self.path = path
        self.name = name
        self.bytes = path.stat().st_size
        self.rows = 0
        self.unpacked = 0
        self.rejects: list[Reject] = []
        self._too_deep: set[int] = set()  # how deep is too deep depends on the stack: `check` decides once
        self._start = 0  # of the text, behind a byte order mark
        if self.bytes == 0:
            raise RefusedFile(name, "the file is empty (0 bytes). Export it again.")
        with path.open("rb") as file:
            self._packed = file.read(2) == _GZIP
        with self._refusing(), memory_ceiling(MAX_MEMORY):
            self._in_lines = self._is_lines()
            self.sample = self._first_rows()
        self.columns = list(dict.fromkeys(column for row in self.sample for column in row))  # null in all of these, too
        self.outline = outline(self.sample)

    # --- what readers call ------------------------------------------------------------------------------------------

    def check(self, look: Callable[[JsonFields], None]) -> None:
        """Parse every row once and show it to `look`; fills `rows`, `rejects`; RefusedFile for what breaks a limit."""
        self.rows, self.rejects, self._too_deep = 0, [], set()
        with self._refusing(), memory_ceiling(MAX_MEMORY), shallower():
            for item in self._parsed():
                self.rows += 1
                if isinstance(item, _Bad):
                    add_reject(self.rejects, item.error.reject(self.name, item.number))
                    if isinstance(item.error.__cause__, RecursionError):
                        self._too_deep.add(item.number)
                else:
                    look(item[1])

    def read(self) -> Iterator[Row]:
        """Each good row with its number from 1: the line's, in a JSON list the item's. Its nulls are left out."""
        with self._refusing():
            for item in self._parsed():
                if not isinstance(item, _Bad) and item[0] not in self._too_deep:
                    yield item

    def deal(self, columns: Sequence[str], share: Callable[[JsonObject], int], paths: Sequence[Path]) -> None:
        """Write each good row to the path that `share` numbers; `columns` are those that it looks at."""
        with ExitStack() as open_files, self._refusing():
            files: dict[int, BinaryIO] = {}
            for text in self._texts():
                item = self._row(text)
                if item is None or isinstance(item, _Bad) or item[0] in self._too_deep:
                    continue
                number, fields = item
                place = share(fields)
                if place not in files:
                    files[place] = open_files.enter_context(paths[place].open("wb"))
                files[place].write(b"%d %d\n%b\n" % (number, len(text.raw), text.raw))

    def dealt(self, path: Path) -> Iterator[Row]:
        """The rows that `deal` wrote to a path."""
        with path.open("rb") as file:
            while header := file.readline():
                number, length = map(int, header.split())
                item = self._row(_Text(number, 0, file.read(length)))
                file.read(1)
                if item is not None and not isinstance(item, _Bad):
                    yield item

    # --- rows -------------------------------------------------------------------------------------------------------

    def _first_rows(self) -> list[JsonObject]:
        """Some rows, with their nulls. Names of files don't always tell: one that gives more bad rows than good by its
        lines is cut by its brackets, and the other way round, where that gives better ones."""
        rows, bad, refusal = self._sampled()
        if bad > len(rows) or refusal is not None:
            self._in_lines = not self._in_lines
            others, others_bad, _ = self._sampled()
            if others and others_bad <= (0 if rows else len(others)):
                return others
            self._in_lines = not self._in_lines
        if refusal is not None:
            raise refusal
        return rows

    def _sampled(self) -> tuple[list[JsonObject], int, RefusedFile | None]:
        """The first rows, how many among them are bad, and why there is none."""
        rows: list[JsonObject] = []
        first_bad, bad = None, 0
        try:
            for text in self._texts():
                item = self._object(text)
                if isinstance(item, _Bad):
                    first_bad, bad = first_bad or item, bad + 1
                elif item is not None:
                    rows.append(item)
                if rows and (len(rows) == SAMPLE_ROWS or text.offset > SAMPLE_BYTES):
                    break
        except RefusedFile as refusal:
            return [], bad, refusal
        if rows:
            return rows, bad, None
        reason = "it holds no row. Export it again."
        if first_bad is not None:
            reason = f"none of its rows can be read: row {first_bad.number} {first_bad.error.reason}."
        return [], bad, RefusedFile(self.name, reason)

    def _parsed(self) -> Iterator[Row | _Bad]:
        for text in self._texts():
            item = self._row(text)
            if item is not None:
                yield item

    def _row(self, text: _Text) -> Row | _Bad | None:
        """One row without its nulls; None where a line is blank; RefusedFile with the byte's place where it is no UTF-8."""
        value = self._object(text)
        if value is None or isinstance(value, _Bad):
            return value
        return text.number, {name: item for name, item in value.items() if item is not None}

    def _object(self, text: _Text) -> JsonObject | _Bad | None:
        try:
            if text.problem:
                raise BadValue(None, text.problem)
            words = self._decoded(text).strip()
            if not words:
                return None
            value = parse_json(words, None)
            if self._in_lines and _is_dialogue(value):
                return {"messages": value}
            if not isinstance(value, dict):
                raise BadValue(None, "is no JSON object", words)
        except BadValue as e:
            return _Bad(text.number, e)
        return value

    def _decoded(self, text: _Text) -> str:
        try:
            return text.raw.decode("utf-8")
        except UnicodeDecodeError as e:
            if text.last and e.reason == "unexpected end of data":
                cut = text.raw.decode("utf-8", "replace")
                raise BadValue(None, "is cut off in the middle of a character", cut) from e
            raise RefusedFile(
                self.name,
                f"byte {text.offset + e.start:,} (0x{text.raw[e.start]:02x}) is no UTF-8. Save it as UTF-8, and try again.",
            ) from e

    # --- bytes ------------------------------------------------------------------------------------------------------

    def _is_lines(self) -> bool:
        """Whether each line is a row. JSON Lines often carry the name .json, and what is named .jsonl may be a list."""
        head = next(self._chunks(), b"").lstrip()
        first = head.partition(b"\n")[0].strip()
        if head.startswith(b"["):
            return first != b"[" and self._named_lines()
        if self._named_lines():
            return True
        try:
            parse_json(first.decode("utf-8", "replace"), None)
        except BadValue:
            return False
        return True

    def _named_lines(self) -> bool:
        return self.path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))

    def _texts(self) -> Iterator[_Text]:
        return self._lines() if self._in_lines else self._values()

    def _lines(self) -> Iterator[_Text]:
        parts: list[bytes] = []
        number, offset, size = 1, self._start, 0
        for chunk in self._chunks():
            for place, part in enumerate(chunk.split(b"\n")):
                if place:
                    yield _line(number, offset, size, parts)
                    number, offset, size = number + 1, offset + size + 1, 0
                    parts.clear()
                size += len(part)
                if size <= MAX_ROW:
                    parts.append(part)
                else:
                    parts.clear()
        yield _line(number, offset, size, parts)._replace(last=True)

    def _values(self) -> Iterator[_Text]:
        """The items of a list, or whole objects one after the other, cut by their brackets alone."""
        chunks = self._chunks()
        buffer, base = b"", self._start  # `base` is the place of the buffer's first byte in the file
        number, start, at, depth, in_list = 1, 0, 0, 0, False
        while True:
            pattern = _TO_BRACKET_OR_COMMA if in_list and depth == 0 else _TO_BRACKET
            at = pattern.match(buffer, at).end()  # type: ignore[union-attr]
            sign = buffer[at : at + 1]
            if sign in (b"", b'"'):  # the buffer's end, or a string that goes on beyond it
                if len(buffer) - start > MAX_ROW:
                    raise RefusedFile(self.name, f"item {number} is longer than {MAX_ROW >> 20} MB. Split the file.")
                more = b"".join(_some(chunks, len(buffer) - start))
                if not more:
                    break
                buffer, base, at, start = buffer[start:] + more, base + start, at - start, 0
                continue
            at += 1
            if sign in b"[{" and depth == 0 and not in_list:
                self._nothing_between(buffer[start : at - 1], base + start)
                start, in_list, depth = (at, True, 0) if sign == b"[" else (at - 1, False, 1)
            elif sign in b"[{":
                depth += 1
            elif sign == b"," or (depth == 0 and in_list):
                if sign == b"," or buffer[start : at - 1].strip():
                    yield _Text(number, base + start, buffer[start : at - 1])
                    number += 1
                start, in_list = at, sign == b","
            elif depth == 0:
                self._nothing_between(buffer[start:at], base + start)
            else:
                depth -= 1
                if depth == 0 and not in_list:
                    yield _Text(number, base + start, buffer[start:at])
                    number, start = number + 1, at
        if not in_list and not depth:
            self._nothing_between(buffer[start:], base + start)
        elif buffer[start:].strip():
            yield _Text(number, base + start, buffer[start:], last=True)
            number += 1
        if in_list and not depth:
            yield _Text(number, base + len(buffer), b"", "is missing: the file ends before its list is closed")

    def _nothing_between(self, raw: bytes, offset: int) -> None:
        if rest := raw.strip():
            at = offset + raw.index(rest[:1])
            raise RefusedFile(self.name, f"this is no JSON: byte {at:,} stands outside of any list or object.")

    def _chunks(self) -> Iterator[bytes]:
        """The unpacked bytes without a byte order mark; RefusedFile for UTF-16 and for bombs."""
        self.unpacked = 0
        with self.path.open("rb") as raw, gzip.open(raw) if self._packed else raw as file:
            while chunk := file.read(_CHUNK):
                if self.unpacked == 0:
                    if _UTF_16.match(chunk):
                        raise RefusedFile(
                            self.name, "byte 0 begins UTF-16, not UTF-8. Save it as UTF-8, and try again."
                        )
                    self._start = len(_BOM) if chunk.startswith(_BOM) else 0
                    self.unpacked = self._start
                    chunk = chunk[self._start :]
                self.unpacked += len(chunk)
                self._check_unpacking()
                yield chunk

    def _check_unpacking(self) -> None:
        too_dense = self._packed and self.unpacked > FREE_UNPACKING and self.unpacked > MAX_RATIO * self.bytes
        if too_dense or self.unpacked > MAX_UNPACKED:
            size = f"{self.bytes / (1 << 20):,.1f} MB" + " unpack" * self._packed
            raise RefusedFile(
                self.name,
                f"its {size} to more than {self.unpacked >> 20:,} MB, which is more than a log needs. Split it.",
            )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Turn what can go wrong with a file as a whole into its refusal."""
        try:
            yield
        except MemoryError as e:
            raise RefusedFile(
                self.name, f"one of its rows needs more than {MAX_MEMORY >> 20:,} MB of memory. Leave it out."
            ) from e
        except (EOFError, zlib.error, gzip.BadGzipFile) as e:
            raise RefusedFile(self.name, f"the gzip file is damaged, or only a part of one ({e}).") from e


def _is_dialogue(value: Any) -> bool:
    """Whether a line is a list of messages, which are those of a conversation."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and ("role" in item or {"from", "value"} <= item.keys()) for item in value)
    )


def _line(number: int, offset: int, size: int, parts: list[bytes]) -> _Text:
    if size > MAX_ROW:
        return _Text(number, offset, b"", f"is longer than {MAX_ROW >> 20} MB")
    return _Text(number, offset, b"".join(parts))


def _some(chunks: Iterator[bytes], least: int) -> Iterator[bytes]:
    """At least so many bytes: a long string is looked through again from its beginning, so the buffer must grow fast."""
    size = 0
    for chunk in chunks:
        yield chunk
        size += len(chunk)
        if size > least:
            return


def outline(rows: Sequence[JsonFields]) -> frozenset[str]:
    """The dotted names of all fields in the rows, at most six levels deep; lists add no name: `messages.role`."""
    names: set[str] = set()

    def look(value: Any, name: str, depth: int) -> None:
        if depth > OUTLINE_DEPTH:
            return
        if isinstance(value, list):
            for item in value[:20]:
                look(item, name, depth + 1)
        elif isinstance(value, Mapping):
            for inner, item in value.items():
                names.add(path := f"{name}.{inner}" if name else str(inner))
                look(item, path, depth + 1)

    for row in rows:
        look(row, "", 0)
    return frozenset(names)
