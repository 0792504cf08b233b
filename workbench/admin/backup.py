"""One file that holds what can't be built again, made while people work, and put back only after it was checked.

A backup is a ZIP file: `judgement.db` (an SQLite database, whichever engine it came from), `mappings/` (how logs were
read), `erased.json` (what was forgotten and stays out), with `imports` also `parts/` (the imported conversations, for when the logs themselves may be gone), and
`manifest.json`, which names the schema, the last event and the SHA-256 of each file.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from workbench.admin.backup_file import (
    CHUNK,
    FILE,
    FORMAT,
    JUDGEMENT,
    MANIFEST,
    Contents,
    copied,
    is_backup,
    is_database,
    opened,
    unpacked,
)
from workbench.errors import Damaged, Denied, UserError, full_disk, is_disk_full
from workbench.judgement.migrations import HEAD
from workbench.judgement.records.events import ChainCheck
from workbench.judgement.store import Judgement
from workbench.logs.erasures import ERASED, Erasures
from workbench.logs.integrity import require_whole
from workbench.logs.parts import Part
from workbench.pipeline import erasure
from workbench.pipeline.build_lock import sole_builder
from workbench.pipeline.recovery import recover_after_restore
from workbench.store import KEPT, Store, sqlite_url, whole_file

_COMPRESSED = (".db", ".toml", ".json")


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    contents: Contents
    """What the backup holds."""
    kept: str | None
    """The backup of what stood before, or the damaged database that was set aside."""
    imports: list[str]
    """Those that came back."""
    left_out: list[str]
    """Those that did not, as the store has imports."""
    erased: int = 0
    """Conversations that were erased from the store before and are in the backup: they were taken out of it again."""
    forgotten_since: int = 0
    """Erasures of the store since the day of the backup: their texts may stand in it, and only whoever knows them can look."""
    strange_erasures: int = 0
    """Erasures of the backup that hold no more: this store has a secret of its own, so their digests say nothing here."""


def backup(store: Store, out: Path, *, actor: str, imports: bool = False) -> Contents:
    """Write a backup of the store to the file `out`, whole or not at all; a backup that stood there is replaced.

    It shows what is masked elsewhere, so it takes a lead, and is an event once roles were given. Raises `UserError` where
    `out` is another kind of file, or can't be written, or where an import is gone; `Denied` for all but a lead.
    """
    if out.exists() and not is_backup(out):
        raise UserError(f"{out} is there and is no backup. Name another file, so that nothing is lost.")
    store.require_there()
    with ExitStack() as stack:
        judgement = None
        with suppress(Damaged):
            judgement = stack.enter_context(closing(Judgement(store.judgement_url)))
            _require_lead(judgement, actor)
        contents = _write_file(store, out, actor, imports)
        with suppress(Damaged):
            if judgement is not None and any(person.role for person in judgement.pod.people()):
                _note(judgement, "made", contents, actor)
        return contents


def download(store: Store, actor: str) -> bytes:
    """A backup without imports, for a browser. It shows what is masked elsewhere, so it takes a lead, and is an event."""
    with closing(Judgement(store.judgement_url)) as judgement:
        _require_lead(judgement, actor)
        file = io.BytesIO()
        _note(judgement, "downloaded", _write(store, file, actor, imports=False), actor)
    return file.getvalue()


def file_name(store: Store) -> str:
    """The name to offer for a backup that is made now."""
    return f"workbench-{store.root.resolve().name}-{datetime.now(UTC):%Y%m%d-%H%M}.zip"


def restore(store: Store, file: Path, *, actor: str, waiting: Callable[[str], None] = lambda builder: None) -> Restored:
    """Put what a backup holds in the place of what the store holds; apps that serve the store follow by themselves.

    A copy of the database, as faults, restores and migrations leave it in the store, is taken as well.
    Everything is checked first: each file's hash, the schema, the chain of events. What stood before is kept in the
    store as `before-restore-….zip`, a damaged database under another name. Imports come back only into a store that has
    none. Nothing is built meanwhile; `waiting` is called where a build must end first. Raises `UserError` with nothing
    changed where something is wrong with the backup, `Denied` for all but a lead.
    """
    if not (from_database := is_database(file)):
        with opened(file):
            pass
    store.create()  # not for a file that is no backup
    with _told_where_the_disk_is_full(store), sole_builder(store, waiting), _draft(store) as draft:
        contents = copied(file, draft) if from_database else unpacked(file, draft)
        contents = replace(contents, events=_check_chain(file, draft / JUDGEMENT).events)
        erased = _erase_again(draft, store, actor)
        about = {"made_at": contents.made_at, "made_by": contents.made_by, "events": contents.events}
        kept = _put_judgement(draft, store, about, actor)
        _put_mappings(draft / "mappings", store.root / "mappings")
        strange = _put_erasures(draft, store)
        back = _put_imports(draft / "parts", store)
        with closing(Judgement(store.judgement_url)) as judgement:
            recover_after_restore(store, judgement)
    since = sum(each.day >= contents.made_at[:10] for each in Erasures.of(store.root).all)
    left_out = [name for name in contents.imports if name not in back]
    return Restored(contents, kept, back, left_out, erased, since, strange)


# ── making one ──


def _require_lead(judgement: Judgement, actor: str) -> None:
    """`Denied` for all but a lead, and the attempt is an event."""
    try:
        judgement.pod.require_role(actor, "lead")
    except Denied:
        judgement.journal.append_event("denied", "backup", None, actor=actor, least=None)
        raise


def _note(judgement: Judgement, what: str, contents: Contents, actor: str) -> None:
    contained = {"made_at": contents.made_at, "events": contents.events}
    judgement.journal.append_event(what, "backup", contained, actor=actor)


def _write_file(store: Store, out: Path, actor: str, imports: bool) -> Contents:
    with whole_file(out, private=True) as file:
        return _write(store, file, actor, imports)


def _write(store: Store, file: BinaryIO, actor: str, imports: bool) -> Contents:
    pointer = store.pointer()
    names = (pointer.parts if pointer else store.last_parts() or []) if imports else []
    if gone := [name for name in names if not (store.parts / name / "manifest.json").exists()]:
        raise UserError(
            f"{', '.join(gone)} can't be backed up: gone from {store.parts}. Import those files again, or leave --imports out."
        )
    require_whole(Part(name, store.parts / name) for name in names)
    with tempfile.TemporaryDirectory(prefix="workbench-backup-") as folder:
        copy = Path(folder) / JUDGEMENT
        with closing(Judgement(store.judgement_url)) as judgement:
            judgement.copies.copy_to(copy)
        chain = _checked(copy)
        sources = {JUDGEMENT: copy} | {
            f"mappings/{mapping.name}": mapping for mapping in (store.root / "mappings").glob("*.toml")
        }
        if (store.root / ERASED).exists():
            sources[ERASED] = store.root / ERASED
        sources |= {
            f"parts/{name}/{part.name}": part for name in names for part in sorted((store.parts / name).iterdir())
        }
        with zipfile.ZipFile(file, "w") as archive:
            files = {name: _add(archive, name, path) for name, path in sources.items() if FILE.fullmatch(name)}
            where = f"at event {chain.broken}: " if chain.broken else ""
            broken = None if chain.intact else f"{where}{chain.problem}"
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            contents = Contents(FORMAT, now, actor, HEAD, chain.events, broken, names, files)
            archive.writestr(MANIFEST, json.dumps(asdict(contents), ensure_ascii=False, indent=1))
    return contents


def _checked(copy: Path) -> ChainCheck:
    """What the check of a copied database finds; a damaged one is backed up as it is, and said to be."""
    try:
        with closing(Judgement(sqlite_url(copy))) as copied:
            return copied.journal.verify_chain()
    except Damaged:
        return ChainCheck(0, None, "the database is damaged")


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, str | int]:
    """Copy one file into the archive; its hash and size as they are in there."""
    info = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED if path.suffix in _COMPRESSED else zipfile.ZIP_STORED
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return {"sha256": digest.hexdigest(), "bytes": size}


# ── checking one ──


@contextmanager
def _told_where_the_disk_is_full(store: Store) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        if is_disk_full(e):
            raise UserError(f"{full_disk(store.root)} What stood before stands.") from e
        raise


@contextmanager
def _draft(store: Store) -> Iterator[Path]:
    """A folder in the store to unpack into; what a killed restore left is removed."""
    for left in store.root.glob(".restore-*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=store.root) as name:
        yield Path(name)


def _check_chain(file: Path, copy: Path) -> ChainCheck:
    chain = _checked(copy)  # an older schema is migrated here
    if not chain.intact:
        where = f" at {chain.broken}" if chain.broken else ""
        raise UserError(
            f"In {file} the chain of events breaks{where}: {chain.problem}. Nothing was restored; take an earlier backup."
        )
    return chain


# ── putting it back ──


def _erase_again(draft: Path, store: Store, actor: str) -> int:
    """Take out of what is to come back whatever was erased from this store; how many conversations went."""
    erasures = Erasures.of(store.root)
    if not erasures.all:
        return 0
    with closing(Judgement(sqlite_url(draft / JUDGEMENT))) as judgement:
        return erasure.again(Store(draft), judgement, erasures, actor)


def _put_judgement(draft: Path, store: Store, about: dict[str, Any], actor: str) -> str | None:
    """Put the draft's judgement in the place of the store's; the name of what keeps that, None where it was empty.

    A file that can't be worked with is set aside, and an empty one takes its place.
    """
    file = draft / JUDGEMENT
    try:
        with closing(Judgement(store.judgement_url)) as judgement:
            judgement.pod.require_role(actor, "lead")
            _make_room(draft / "parts", store)
            return judgement.copies.restore_from(file, about, actor=actor, keep=lambda: _keep(store, judgement, actor))
    except Damaged as e:
        if e.file == file:
            raise
        aside = _set_aside(e.file)
    _make_room(draft / "parts", store)
    with closing(Judgement(store.judgement_url, anew=True)) as judgement:
        return judgement.copies.restore_from(file, about, actor=actor, keep=lambda: aside)


def _keep(store: Store, judgement: Judgement, actor: str) -> str | None:
    """A backup of what stands, in the store; None where nobody said anything yet. A damaged store is kept all the same."""
    with suppress(UserError):
        if judgement.journal.sequence() == 0:
            return None
    kept = store.root / f"{KEPT}{_stamp()}.zip"
    _write_file(store, kept, actor, imports=False)
    return kept.name


def _set_aside(file: Path) -> str | None:
    """Give a damaged database another name; that name, None where it is gone."""
    kept = f"{file.name}.damaged-{_stamp()}"
    there = file.exists()
    for ending in ("", "-wal", "-shm"):
        part = file.with_name(file.name + ending)
        if os.path.lexists(part):  # a link that leads nowhere is in the way, too
            os.replace(part, file.with_name(kept + ending))
    return kept if there else None


def _put_mappings(draft: Path, folder: Path) -> None:
    """Add the mappings that are not there; one that is there stays, since imports refer to it."""
    folder.mkdir(exist_ok=True)
    for file in draft.glob("*.toml"):
        if not (folder / file.name).exists():
            shutil.copyfile(file, folder / file.name)


def _put_erasures(draft: Path, store: Store) -> int:
    """Let what the backup's store forgot stay out of this one, too; how many erasures can't, as their digests are keyed otherwise."""
    ours, theirs = Erasures.of(store.root), Erasures.of(draft)
    if not theirs.all:
        return 0
    if ours.all and ours.secret != theirs.secret:
        return len(theirs.all)
    forgotten = {each.of for each in ours.all}
    replace(theirs, all=(*ours.all, *(each for each in theirs.all if each.of not in forgotten))).write(store.root)
    return 0


def _make_room(draft: Path, store: Store) -> None:
    """Remove what a killed import left where an import is to come back: without its manifest, a folder is no import."""
    if not _takes_imports(draft, store):
        return
    for folder in draft.iterdir():
        left = store.parts / folder.name
        if left.exists():
            try:
                shutil.rmtree(left)
            except OSError as e:
                raise UserError(f"{left} is in the way ({e.strerror}). Nothing was restored; move it away.") from e


def _takes_imports(draft: Path, store: Store) -> bool:
    return draft.is_dir() and not any(store.parts.glob("*/manifest.json"))


def _put_imports(draft: Path, store: Store) -> list[str]:
    """Move the imports into a store that has none; `analyze` builds the evidence from them."""
    if not _takes_imports(draft, store):
        return []
    names = sorted(folder.name for folder in draft.iterdir())
    for name in names:
        os.replace(draft / name, store.parts / name)
    return names


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
