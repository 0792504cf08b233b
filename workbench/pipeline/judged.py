"""Judged cases, kept in the store under a fingerprint of all that they depend on, so that the same is not judged twice.

judged/VERSION/000001.parquet …   cases as columns (`JudgedRecord`), a file a run of judging; VERSION is the program's
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.evidence.columns import arrow_schema, arrow_table
from workbench.failures.case import Case
from workbench.failures.signals import BotNorms, Observations
from workbench.logs.parts import ZSTD_LEVEL
from workbench.pipeline.judged_records import JudgedRecord, record_of
from workbench.pipeline.source_version import source_version
from workbench.store import Store, remove

JUDGED_BY = (
    "conversation",
    "failures",
    "logs/parts.py",
    "pipeline/analyse.py",
    "pipeline/judged.py",
    "pipeline/judged_records.py",
    "text",
)
"""The source files that decide how a case is judged and kept."""
RUN = 2_000
"""Cases after which those judged so far are safe from a kill."""
_STALE_SHARE = 0.25
"""The share of cases that no build asks for any more from which on the files are written again."""


def fingerprints(seen: Observations, norms: BotNorms, off: Collection[str], beside: Sequence[bytes]) -> list[bytes]:
    """16 bytes for each conversation of a bot over all that its case depends on beside the program.

    Of the bot's norms only what a conversation meets counts (`BotNorms.met_by`), so that norms that move leave most cases as they
    were. `off` are the signals that are switched off, `beside` stands for what else each conversation is judged by.
    """
    met = seen.turns >= norms.long_from if norms.long_from is not None else np.zeros(len(seen), bool)
    slow = seen.slowest >= norms.slow_from if norms.slow_from is not None else np.zeros(len(seen), bool)
    unasked = (seen.unasked > 0) & norms.confirms
    kind = 8 * unasked + 4 * met + 2 * slow + ~np.isnan(seen.feedback_scores)
    kinds = [_hash((_met(norms, *each), sorted(off))) for each in product((False, True), repeat=4)]
    recurring, everywhere = (_met_sentences(seen, sentences) for sentences in (norms.recurring, norms.everywhere))
    tools = [_tools(norms, names) for names in seen.tools] if norms.tools else [b""] * len(seen)
    ids = [
        _met_arguments(norms, *names) if any(names) else b"" for names in zip(seen.shown, seen.unsourced, strict=True)
    ]
    columns = zip(seen.keys, seen.content_hashes, kind.tolist(), recurring, everywhere, tools, ids, beside, strict=True)
    return [
        hashlib.blake2b(
            b"\0".join(
                (
                    key.encode("utf-8", "surrogatepass"),
                    content.encode(),
                    kinds[number],
                    len(often).to_bytes(4, "little"),
                    often,
                    everywhere_too,
                    called,
                    arguments,
                    more,
                )
            ),
            digest_size=16,
        ).digest()
        for key, content, number, often, everywhere_too, called, arguments, more in columns
    ]


def _met(norms: BotNorms, is_unasked: bool, is_long: bool, is_slow: bool, is_rated: bool) -> object:
    """What every conversation meets of norms, and what one does that is long, slow, rated, or changed what nobody agreed to."""
    return (
        is_unasked,
        (is_long, norms.usual_length if is_long or norms.brief else None),
        (is_slow, norms.usual_wait if is_slow else None),
        norms.feedback_scale if is_rated else None,
        (norms.retrieves, norms.has_tools, norms.calls_tools, norms.writes),
    )


def _met_sentences(seen: Observations, sentences: Collection[int]) -> list[bytes]:
    """For each conversation those of its sentences that are among these, packed."""
    if not sentences:
        return [b""] * len(seen)
    among = np.isin(seen.all_sentences, np.array(sorted(sentences), np.uint64))
    before = np.concatenate([[0], np.cumsum(among)])
    ends = (8 * before[seen.sentence_ends]).tolist()
    packed = seen.all_sentences[among].tobytes()
    return [packed[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _tools(norms: BotNorms, names: Sequence[str]) -> bytes:
    kinds = sorted((name, norms.tools[name]) for name in names if name in norms.tools)
    return _hash(kinds) if kinds else b""


def _met_arguments(norms: BotNorms, shown: Sequence[str], unsourced: Sequence[str]) -> bytes:
    """What stands for the arguments of a conversation's changes whose ids came from elsewhere than is usual."""
    named, sourced = norms.named_arguments.intersection(shown), norms.sourced_arguments.intersection(unsourced)
    return _hash((sorted(named), sorted(sourced))) if named or sourced else b""


def _hash(value: object) -> bytes:
    return hashlib.blake2b(repr(value).encode("utf-8", "backslashreplace"), digest_size=16).digest()


def beside_norms(rules: object, new_from: int, human: object, others: object) -> bytes:
    """What stands for what else a conversation is judged by: its log's rules, what others repeat
    of it, what people said, and what `others` tell of it (`FromOthers`)."""
    return _hash((rules, new_from, human, others))


class JudgedCases:
    """The judged cases of a store. Only the one builder of a store uses it."""

    def __init__(self, store: Store) -> None:
        root = store.root / "judged"
        self._folder = root / source_version(*JUDGED_BY)
        for other in root.iterdir() if root.is_dir() else ():
            if other != self._folder:
                remove(other)
        self._folder.mkdir(parents=True, exist_ok=True)
        for draft in self._folder.glob("*.tmp"):
            draft.unlink()
        self._waiting: list[JudgedRecord] = []
        self._asked: set[bytes] = set()
        self._kept: set[bytes] = set()
        for file in self._files():
            try:
                self._kept.update(_fingerprints(file).to_pylist())
            except (OSError, pa.ArrowInvalid):  # damaged: its cases are judged again
                file.unlink()

    def take(self, wanted: Iterable[bytes]) -> pa.Table:
        """The kept cases among those of these fingerprints, each once, as rows of `JudgedRecord`, in no order."""
        asked = set(wanted)
        self._asked |= asked
        tables = [arrow_schema(JudgedRecord).empty_table()]
        if not asked.isdisjoint(self._kept):
            tables += [_rows_of(file, asked) for file in self._files()]
        table = pa.concat_tables(tables)
        if table.num_rows <= len(asked & self._kept):
            return table
        last = {each: row for row, each in enumerate(table["fingerprint"].to_pylist())}  # one kept twice, after a kill
        return table.take(pa.array(sorted(last.values())))

    def add(self, depends_on: bytes, case: Case) -> None:
        """Keep a case that was judged just now."""
        self._asked.add(depends_on)
        self._waiting.append(record_of(depends_on, case))
        if len(self._waiting) >= RUN:
            self.flush()

    def flush(self) -> None:
        """Make what was added safe from a kill."""
        if self._waiting:
            self._write(arrow_table(JudgedRecord, self._waiting))
            self._kept.update(record.fingerprint for record in self._waiting)
            self._waiting = []

    def forget_unasked(self, all_of_them: bool = False) -> None:
        """Drop the cases that this build did not ask for, once they are a good part of all, or (`all_of_them`) in any case."""
        self.flush()
        stale = self._kept - self._asked
        if not stale or (not all_of_them and len(stale) <= _STALE_SHARE * len(self._kept)):
            return
        for file in self._files():
            rows = _rows_of(file, self._asked)
            if rows.num_rows:
                self._write(rows)
            file.unlink(missing_ok=True)  # gone where it was damaged
        self._kept &= self._asked

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.parquet"))

    def _write(self, rows: pa.Table) -> None:
        number = max((int(file.stem) for file in self._files()), default=0) + 1
        draft = self._folder / f"{number:06d}.tmp"
        pq.write_table(rows, draft, compression="zstd", compression_level=ZSTD_LEVEL, write_page_checksum=True)
        draft.replace(draft.with_suffix(".parquet"))


def _rows_of(file: Path, asked: set[bytes]) -> pa.Table:
    """The rows of a file that are asked for; none, and the file goes, where it is damaged: its cases are judged again."""
    try:
        # Arrow would make a table of all that is asked for each of many small files.
        wanted = [each in asked for each in _fingerprints(file).to_pylist()]
        if any(wanted):
            return pq.read_table(file, page_checksum_verification=True).filter(pa.array(wanted))
    except (OSError, pa.ArrowInvalid):
        file.unlink()
    return arrow_schema(JudgedRecord).empty_table()


def _fingerprints(file: Path) -> pa.ChunkedArray:
    return pq.read_table(file, columns=["fingerprint"], page_checksum_verification=True)["fingerprint"]
