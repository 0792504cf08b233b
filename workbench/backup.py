"""One file that holds what can't be built again, made while people work, and put back only after it was checked.

A backup is a ZIP file: `judgement.db` (an SQLite database, whichever engine it came from), `mappings/` (how logs were
read), with `imports` also `parts/` (the imported conversations, for when the logs themselves may be gone), and
`manifest.json`, which names the schema, the last event and the SHA-256 of each file.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from workbench.errors import Damaged, UserError, WorkbenchError
from workbench.evidence import reading
from workbench.exports.whole_file import whole_file
from workbench.healing import record_proposals
from workbench.judgement import Judgement
from workbench.migrations import HEAD
from workbench.store import Store

FORMAT = 1
MANIFEST, JUDGEMENT = "manifest.json", "judgement.db"
CHUNK = 1 << 20
_FILE = re.compile(r"judgement\.db|mappings/[\w-]+\.toml|parts/I\d+/[\w.-]+")
_COMPRESSED = (".db", ".toml", ".json")


@dataclass(frozen=True)
class Contents:
    """What a backup holds. `files` is {name: {"sha256", "bytes"}}, `broken` what was wrong with the chain when it was made."""

    format: int = FORMAT
    made_at: str = ""
    made_by: str = ""
    schema: str = ""
    events: int = 0
    broken: str | None = None
    imports: list[str] = field(default_factory=list)
    files: dict[str, dict[str, str | int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Restored:
    """What a restore did. `imports` are what came back, `left_out` what did not.

    `kept` names the backup of what stood before, or the damaged database that was set aside.
    """

    contents: Contents
    kept: str | None
    imports: list[str]
    left_out: list[str]


def backup(store: Store, out: Path, *, actor: str, imports: bool = False) -> Contents:
    """Write a backup of the store to the file `out`, whole or not at all; a backup that stood there is replaced.

    Raises `UserError` where `out` is another kind of file, or can't be written.
    """
    if out.exists() and not zipfile.is_zipfile(out):
        raise UserError(f"{out} is there and is no backup. Name another file, so that nothing is lost.")
    with whole_file(out) as file:
        return _write(store, file, actor, imports)


def download(store: Store, judgement: Judgement, actor: str) -> bytes:
    """A backup without imports, for a browser. It shows what is masked elsewhere, so it takes a lead, and is an event."""
    judgement.allow(actor, "lead")
    file = io.BytesIO()
    contents = _write(store, file, actor, imports=False)
    judgement.tell("downloaded", "backup", {"made_at": contents.made_at, "events": contents.events}, actor=actor)
    return file.getvalue()


def file_name(store: Store) -> str:
    """The name to offer for a backup that is made now."""
    return f"workbench-{store.root.resolve().name}-{datetime.now(UTC):%Y%m%d-%H%M}.zip"


def restore(store: Store, file: Path, *, actor: str, waiting: Callable[[], None] = lambda: None) -> Restored:
    """Put what a backup holds in the place of what the store holds; apps that serve the store follow by themselves.

    Everything is checked first: each file's hash, the schema, the chain of events. What stood before is kept in the
    store as `before-restore-….zip`, a damaged database under another name. Imports come back only into a store that has
    none. Nothing is built meanwhile; `waiting` is called where a build must end first. Raises `UserError` with nothing
    changed where something is wrong with the backup, `Denied` for all but a lead.
    """
    store.create()
    with store.build_lock(waiting), _draft(store) as draft:
        contents = _read(file, draft)
        _check_chain(file, draft / JUDGEMENT)
        present, damaged = _present(store)
        with closing(present) as judgement:
            judgement.allow(actor, "lead")
            told = {"made_at": contents.made_at, "made_by": contents.made_by, "events": contents.events}
            kept = judgement.restore_from(
                draft / JUDGEMENT, told, actor=actor, keep=lambda: _keep(store, judgement, actor)
            )
            _put_mappings(draft / "mappings", store.root / "mappings")
            back = _put_imports(draft / "parts", store)
            _heal(store, judgement)
    return Restored(contents, kept or damaged, back, [name for name in contents.imports if name not in back])


# ── making one ──


def _write(store: Store, file: BinaryIO, actor: str, imports: bool) -> Contents:
    if not store.root.is_dir():
        store.require_pointer()
    pointer = store.pointer()
    names = (pointer.parts if pointer else store.last_parts() or []) if imports else []
    with tempfile.TemporaryDirectory(prefix="workbench-backup-") as folder:
        copy = Path(folder) / JUDGEMENT
        with closing(Judgement(store.judgement_url)) as judgement:
            judgement.copy_to(copy)
        with closing(Judgement(f"sqlite:///{copy}")) as copied:
            chain = copied.verify_chain()
        found = {JUDGEMENT: copy} | {f"mappings/{one.name}": one for one in (store.root / "mappings").glob("*.toml")}
        found |= {f"parts/{name}/{one.name}": one for name in names for one in sorted((store.parts / name).iterdir())}
        with zipfile.ZipFile(file, "w") as archive:
            files = {name: _add(archive, name, path) for name, path in found.items() if _FILE.fullmatch(name)}
            broken = None if chain.intact else f"at event {chain.broken}: {chain.problem}"
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            contents = Contents(FORMAT, now, actor, HEAD, chain.events, broken, names, files)
            archive.writestr(MANIFEST, json.dumps(asdict(contents), ensure_ascii=False, indent=1))
    return contents


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
def _draft(store: Store) -> Iterator[Path]:
    """A folder in the store to unpack into; what a killed restore left is removed."""
    for left in store.root.glob(".restore-*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=store.root) as name:
        yield Path(name)


def _read(file: Path, draft: Path) -> Contents:
    """Unpack a backup into an empty folder, and check that each file is there as it was written."""
    with _opened(file) as archive:
        contents = _contents(file, archive)
        for name, told in contents.files.items():
            if not _FILE.fullmatch(name):
                raise UserError(f"{file} holds {name!r}, which belongs to no backup. Nothing was restored.")
            target = draft / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if _unpack(archive, name, target, int(told["bytes"])) != told["sha256"]:
                raise UserError(f"{file} is damaged: {name} is not as it was written. Nothing was restored.")
    if JUDGEMENT not in contents.files:
        raise UserError(f"{file} holds no {JUDGEMENT}, so it is no backup. Nothing was restored.")
    return contents


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError as e:
        raise UserError(f"There is no file {file}.") from e
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError) as e:
        raise UserError(f"{file} is no backup, or a damaged one ({e}). Nothing was restored.") from e
    except OSError as e:
        raise UserError(f"{file} can't be restored ({e.strerror or e}). Nothing was restored.") from e


def _contents(file: Path, archive: zipfile.ZipFile) -> Contents:
    try:
        raw = json.loads(archive.read(MANIFEST))
        contents = Contents(**{one.name: raw[one.name] for one in fields(Contents)})
        newer = contents.format > FORMAT or contents.schema > HEAD
    except (ValueError, TypeError) as e:
        raise UserError(f"{file} is no backup: its {MANIFEST} can't be read ({e}). Nothing was restored.") from e
    if newer:
        raise UserError(
            f"{file} was made by a newer workbench (schema {contents.schema}, this one knows {HEAD}). "
            "Restore it with that version."
        )
    return contents


def _unpack(archive: zipfile.ZipFile, name: str, target: Path, size: int) -> str:
    """Unpack one file, no more of it than its size says; the SHA-256 of what came."""
    digest, left = hashlib.sha256(), size + 1
    with archive.open(name) as source, target.open("xb") as out:
        while left > 0 and (chunk := source.read(min(CHUNK, left))):
            out.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def _check_chain(file: Path, copy: Path) -> None:
    with closing(Judgement(f"sqlite:///{copy}")) as judgement:  # an older schema is migrated here
        chain = judgement.verify_chain()
    if not chain.intact:
        raise UserError(
            f"In {file} the chain of events breaks at {chain.broken}: {chain.problem}. "
            "Nothing was restored; take an earlier backup."
        )


# ── putting it back ──


def _present(store: Store) -> tuple[Judgement, str | None]:
    """The store's judgement as it is; where its file is damaged, an empty one, and the name under which the file is kept."""
    try:
        return Judgement(store.judgement_url), None
    except Damaged as e:
        file, kept = e.file, f"{e.file.name}.damaged-{_stamp()}"
        for ending in ("", "-wal", "-shm"):
            part = file.with_name(file.name + ending)
            if part.exists():
                os.replace(part, file.with_name(kept + ending))
        return Judgement(store.judgement_url), kept


def _keep(store: Store, judgement: Judgement, actor: str) -> str | None:
    """A backup of what stands, in the store; None where nobody said anything yet."""
    if judgement.sequence() == 0:
        return None
    kept = store.root / f"before-restore-{_stamp()}.zip"
    backup(store, kept, actor=actor)
    return kept.name


def _put_mappings(draft: Path, folder: Path) -> None:
    """Add the mappings that are not there; one that is there stays, since imports refer to it."""
    folder.mkdir(exist_ok=True)
    for file in draft.glob("*.toml"):
        if not (folder / file.name).exists():
            shutil.copyfile(file, folder / file.name)


def _put_imports(draft: Path, store: Store) -> list[str]:
    """Move the imports into a store that has none; `analyze` builds the evidence from them."""
    if not draft.is_dir() or any(store.parts.glob("*/manifest.json")):
        return []
    names = sorted(folder.name for folder in draft.iterdir())
    for name in names:
        os.replace(draft / name, store.parts / name)
    return names


def _heal(store: Store, judgement: Judgement) -> None:
    """Let the register know the snapshot that serves, which the backup may be older than."""
    pointer = store.pointer()
    with suppress(WorkbenchError):  # a damaged or older snapshot is not restore's to mend; `analyze` builds another
        if pointer is not None:
            with reading(store.snapshot_file(pointer.snapshot)) as evidence:
                record_proposals(evidence, judgement)


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
