"""Taking conversations out of a store for good: out of its parts, of all that was made of them, and of what people said of them.

    begin      the conversations are looked up; erased.json says what is under way, so that a crash at any moment is made good
    erase      judgement first, then each part, in its place; snapshots serve on meanwhile
    finish     at the end of the next build, whose snapshot is without them: older snapshots, imports that only those had,
               kept cases and vectors go

Every build does what is left of an erasure before its own work. The caller holds the store's lock.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.dates import utc_now
from workbench.errors import WorkbenchError
from workbench.judgement.erasing import Gone, flat
from workbench.judgement.records.events import Forgotten
from workbench.judgement.store import Judgement
from workbench.logs.erasures import Erasures
from workbench.logs.integrity import checksums
from workbench.logs.parts import MANIFEST, MEND, REJECTS, conversations_of, opened_run, rewriter, run_files
from workbench.pipeline.beside import CONVERSATIONS, narrow
from workbench.pipeline.holdings import holdings
from workbench.pipeline.snapshots import snapshot_names
from workbench.pipeline.traces import Searcher
from workbench.store import Store, remove, write_json
from workbench.text.masking import mask, shown_id
from workbench.text.naming import FORGOTTEN

LONG_ID = 6
"""Characters from which on a conversation's id is looked for in other words."""
_OWN_ROW = frozenset(("key", "content_hash", "beginnings", "source_file", "source_row"))
"""Columns of a part that the import made, and not the log."""


@dataclass(frozen=True)
class Located:
    """The conversations of a store that a text is the user of, or that name it."""

    keys: frozenset[str] = frozenset()
    """Their keys."""
    ids: frozenset[str] = frozenset()
    """Their ids as logged."""
    users: frozenset[str] = frozenset()
    """Whose they are, by the log, where it says so."""
    imports: frozenset[str] = frozenset()
    """The imports that they are in."""
    total: int = 0
    """How many conversations all imports hold, versions counted apart."""
    words: str = field(default="", repr=False)
    """What their users and tools said, as quotations of it are looked for."""

    @property
    def gone(self) -> Gone:
        """What judgement is to forget with them."""
        return Gone(self.keys, frozenset(each for each in self.ids if len(each) >= LONG_ID), self.words)


def locate(store: Store, text: str, erasures: Erasures | None = None) -> Located:
    """Look a text up in every import, of whatever snapshot; with `erasures` those that these name by their key, too."""
    searcher, keys, total = Searcher(text), set[str](), 0
    digests = {digest for each in erasures.all for digest in each.conversations} if erasures else set()
    for folder in _folders(store):
        for path in run_files(folder):
            with _whole_run(path) as file:
                total += file.metadata.num_rows
                for number in range(file.num_row_groups):
                    rows = file.read_row_group(number)
                    keys.update(_naming_rows(rows, text, searcher))
                    if erasures and digests:
                        keys.update(key for key in rows["key"].to_pylist() if erasures.digest(key) in digests)
    return _described(store, frozenset(keys), total) if keys else Located(total=total)


def again(store: Store, judgement: Judgement, erasures: Erasures, actor: str) -> int:
    """Take out of a store that came back whatever was erased under its keys and users since; how many conversations went.

    A text that was forgotten is known by its digest alone, so it can't be looked for here. The actor is a lead.
    """
    keys = {digest for each in erasures.all for digest in each.conversations}
    users = {each.of for each in erasures.all}
    held = set[str]()
    for folder in _folders(store):
        for path in run_files(folder):
            rows = pq.read_table(path, columns=["key", "user_id"])
            for key, user in zip(rows["key"].to_pylist(), rows["user_id"].to_pylist(), strict=True):
                if erasures.digest(key) in keys or (user and erasures.digest(user) in users):
                    held.add(key)
    judged = {key for key in judgement.erasing.conversation_keys() if erasures.digest(key) in keys}
    if not held and not judged:
        return 0
    nowhere = secrets.token_hex(16)  # what was forgotten is known by its digest alone: no text is looked for
    located = _described(store, frozenset(held), 0) if held else Located()
    located = replace(located, keys=frozenset(held | judged))
    judgement.erasing.forget(nowhere, actor, gone=located.gone, least=None)
    _take_out(store, located, Searcher(nowhere))
    return len(located.keys)


def begin(store: Store, text: str, keys: frozenset[str], actor: str) -> None:
    """Note what is to be erased, before anything is."""
    erasures, _ = Erasures.of(store.root).begun(text, keys, actor, f"{utc_now():%Y-%m-%d}")
    erasures.write(store.root)


def resume(store: Store, judgement: Judgement) -> Forgotten | None:
    """Erase what is under way from judgement and from the parts; None where nothing is. Again it changes nothing.

    Sum up what judgement forgot, of the last of several.
    """
    erasures, forgotten = Erasures.of(store.root), None
    for erasure in erasures.pending:
        text = erasure.text or ""
        located = locate(store, text, replace(erasures, all=(erasure,)))
        forgotten = judgement.erasing.forget(text, erasure.actor or "", gone=located.gone, least=None)
        _take_out(store, located, Searcher(text))
    return forgotten


def finish(store: Store, snapshot: str, parts: Sequence[str]) -> None:
    """Remove what older snapshots kept of it, once one without it serves: then nothing is under way any more."""
    for name in snapshot_names(store):
        if name != snapshot:
            store.snapshot_file(name).unlink(missing_ok=True)
            (store.snapshots / f"{name}.json").unlink(missing_ok=True)
    for left in store.snapshots.glob("S*.duckdb*"):
        if not left.name.startswith(f"{snapshot}."):
            left.unlink(missing_ok=True)
    for folder in _folders(store):
        if folder.name not in parts:
            shutil.rmtree(folder)
    Erasures.of(store.root).done().write(store.root)


def pending(store: Store) -> bool:
    """Whether an erasure is under way, or was interrupted."""
    return bool(Erasures.of(store.root).pending)


def _folders(store: Store) -> list[Path]:
    """The folders of imports; a draft that a kill left is none, and goes whole."""
    return sorted(folder for folder in store.parts.glob("I*") if folder.is_dir())


@contextmanager
def _whole_run(path: Path) -> Iterator[pq.ParquetFile]:
    """A run file to look through; `WorkbenchError` where it is damaged, since nobody can tell then whose conversations it has."""
    try:
        with opened_run(path) as file:
            yield file
    except (OSError, pa.ArrowInvalid) as e:
        raise WorkbenchError(
            f"{path} is damaged, so nobody can tell whose conversations are in it ({e}). {MEND}"
        ) from e


def _naming_rows(rows: pa.Table, text: str, searcher: Searcher) -> Iterator[str]:
    """The keys of the rows whose user is the text, or in which it stands."""
    logged = rows.drop_columns([name for name in _OWN_ROW if name in rows.column_names])
    of_user = pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(rows["user_id"])), text.strip().lower()).fill_null(False)
    yield from rows["key"].filter(of_user).to_pylist()
    if not searcher.in_table(logged):
        return
    for place, key in enumerate(rows["key"].to_pylist()):
        if searcher.in_table(logged.slice(place, 1)):
            yield key


def _described(store: Store, keys: frozenset[str], total: int) -> Located:
    ids, users, imports, words = set[str](), set[str](), set[str](), list[str]()
    for folder in _folders(store):
        for path in run_files(folder):
            with _whole_run(path) as file:
                for number in range(file.num_row_groups):
                    in_group = file.read_row_group(number, ["key"])["key"]
                    wanted = pc.is_in(in_group, pa.array(keys, pa.string()))
                    if not pc.any(wanted).as_py():
                        continue
                    imports.add(folder.name)
                    for conversation in conversations_of(file.read_row_group(number).filter(wanted)):
                        ids.update((conversation.conversation_id, shown_id(conversation.conversation_id)))
                        users.update([conversation.user_id] if conversation.user_id else [])
                        spoken = [turn.content for turn in conversation.turns if turn.role in ("user", "tool")]
                        words += [each for content in spoken for each in (flat(content), flat(mask(content)))]
    return Located(keys, frozenset(ids), frozenset(users), frozenset(imports), total, "\n".join(words))


# ── taking out ──


def _take_out(store: Store, located: Located, searcher: Searcher) -> None:
    keys = pa.array(located.keys, pa.string())
    for folder in _folders(store):
        for path in run_files(folder):
            _narrow_run(path, keys, searcher)
        if (folder / "rejects.parquet").exists():
            _blank_rejects(folder / "rejects.parquet", located.ids, searcher)
        if (folder / MANIFEST).exists():
            _recount(folder, searcher.pattern)
    for answers in (store.root / "judges").glob("*.jsonl"):
        _drop_answers(answers, located.keys, searcher)
    shutil.rmtree(store.unfinished, ignore_errors=True)
    for draft in store.parts.glob(".draft*"):
        remove(draft)
    for left in (*store.root.glob(".restore-*"), store.root / ".duckdb"):
        shutil.rmtree(left, ignore_errors=True)
    for held in holdings(store):
        if held.kind in ("jobs", "uploads") and held.file.exists() and _tells(held.file, located, searcher):
            shutil.rmtree(held.file.parent, ignore_errors=True)


def _tells(file: Path, located: Located, searcher: Searcher) -> bool:
    return searcher.in_file(file) or any(
        Searcher(each).in_file(file) for each in sorted(located.ids)[:20] if len(each) >= LONG_ID
    )


def _narrow_run(path: Path, keys: pa.Array, searcher: Searcher) -> None:
    """Write a run file and what stands beside it again without these conversations, where it holds one."""
    columns = pq.read_table(path, columns=["key", "source_file"])
    keep = pc.invert(pc.is_in(columns["key"], keys))
    if not pc.all(keep).as_py() or searcher.in_array(columns["source_file"]):
        draft = path.with_suffix(".tmp")
        with opened_run(path) as file, rewriter(draft, file) as writer:
            for number in range(file.num_row_groups):
                rows = file.read_row_group(number)
                rows = rows.filter(pc.invert(pc.is_in(rows["key"], keys)))
                names = [searcher.pattern.sub(FORGOTTEN, name) for name in rows["source_file"].to_pylist()]
                at = rows.column_names.index("source_file")
                writer.write_table(rows.set_column(at, "source_file", pa.array(names, pa.string())))
        draft.replace(path)
    _narrow_beside(path, keys, columns["key"])


def _narrow_beside(path: Path, keys: pa.Array, in_run: pa.ChunkedArray) -> None:
    """What was observed has a row for each conversation, in their order. What searches look through has places and no keys: it
    stays as the snapshot that serves has them. What no longer goes with the run file is made again by the build."""
    observed = path.with_name(path.name.replace(CONVERSATIONS, "observations"))
    gone = pc.is_in(in_run, keys)
    if observed.exists():
        rows = pq.read_metadata(observed).num_rows
        if pc.any(gone).as_py() and rows == len(in_run):
            narrow(observed, pc.invert(gone), path)
        elif rows != pq.read_metadata(path).num_rows:  # a crash came between the two
            observed.unlink()
    searched = path.with_name(path.name.replace(CONVERSATIONS, "search-texts"))
    places = pc.indices_nonzero(gone)
    if searched.exists() and len(places):
        rows = pq.read_table(searched, columns=["row"])["row"]
        narrow(searched, pc.invert(pc.is_in(rows, places.cast(rows.type))))


def _blank_rejects(file: Path, ids: frozenset[str], searcher: Searcher) -> None:
    rows = pq.read_table(file).to_pylist()
    kept = [
        {
            name: FORGOTTEN
            if value in ids
            else searcher.pattern.sub(FORGOTTEN, value)
            if isinstance(value, str)
            else value
            for name, value in row.items()
        }
        for row in rows
    ]
    if kept != rows:
        draft = file.with_suffix(".tmp")
        pq.write_table(pa.Table.from_pylist(kept, REJECTS), draft, write_page_checksum=True)
        draft.replace(file)


def _drop_answers(file: Path, keys: frozenset[str], searcher: Searcher) -> None:
    """Write what a judge answered again without what it said of these conversations, or with the text in it."""
    lines = file.read_text("utf-8", "replace").splitlines(keepends=True)
    kept = [line for line in lines if not searcher.pattern.search(line) and not any(key in line for key in keys)]
    if len(kept) < len(lines):
        draft = file.with_suffix(".tmp")
        draft.write_text("".join(kept), "utf-8")
        draft.replace(file)


def _recount(folder: Path, pattern: re.Pattern[str]) -> None:
    """Let a manifest say how many conversations are there, and nothing with the text in it."""
    raw = json.loads((folder / MANIFEST).read_text("utf-8"))
    lengths = [_turns(path) for path in run_files(folder)]
    counted = {"conversations": sum(map(len, lengths)), "turns": sum(pc.sum(each).as_py() or 0 for each in lengths)}
    kept = {name: value if name == "actor" else _replaced(value, pattern) for name, value in raw.items()} | counted
    if raw.get("sha256"):
        kept["sha256"] = checksums(folder)
    if kept != raw:
        write_json(folder / MANIFEST, kept)


def _turns(path: Path) -> pa.ChunkedArray:
    """How many turns each conversation of a run file has."""
    with pq.ParquetFile(path) as file:
        return pc.list_value_length(file.read(columns=["turns.list.element.position"])["turns"])


def _replaced(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(FORGOTTEN, value)
    if isinstance(value, dict):
        return {name: _replaced(part, pattern) for name, part in value.items()}
    return [_replaced(part, pattern) for part in value] if isinstance(value, list) else value


def naming_files(store: Store, text: str, progress: Callable[[str, int, int | None], None]) -> list[Path]:
    """Every file of a store in which a text stands, also those that belong to no kind."""
    searcher, files = Searcher(text), sorted(file for file in store.root.rglob("*") if file.is_file())
    named = []
    for number, file in enumerate(files):
        progress("searching", number, len(files))
        if file.exists() and searcher.in_file(file):
            named.append(file)
    return named
