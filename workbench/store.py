"""The store's layout on disk: the pointer, snapshots, parts, vectors, the build lock.

current.json          the pointer: which snapshot serves, and the parts it was built from
snapshots/S000001.duckdb   immutable evidence, opened read-only; S000001.json beside it lists its parts
parts/I000001/        one import's normalised conversations as Parquet, observations, search texts, rejects.parquet, manifest.json
unfinished/           what a killed import observed of its conversations, until they are read again
judged/               cases as they were judged, by what they depend on; they can be deleted, and are made again
judges/               what models said of conversations, a file a judge
vectors/              embeddings by content hash; model.json says which model and precision
jobs/                 progress and result of running builds
judgement.db          what people said (SQLite)
build.lock            held by the one builder; builder.json says who that is
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote
from uuid import uuid4

from workbench.errors import EvidenceGone, StoreMissing, UserError, full_disk, is_disk_full

DEFAULT_STORE = Path("data/store")
JUDGEMENT_URL = "WORKBENCH_JUDGEMENT_URL"
"""The variable that names the judgement database where it is not the store's own file."""
BUILT_AGAIN = "`python -m workbench analyze` builds the evidence again; the imports and what people said are kept apart from it and safe."
"""What is said wherever only what a build makes is damaged."""
PUBLISHED = "published"
"""The mark of an import that a snapshot came to serve: since when, naive UTC in ISO 8601. It tells what counts where every snapshot is gone."""
_COMMAND = re.compile(r"`(python -m workbench [a-z](?:(?!--store|--help)[^`])*)`")
_SNAPSHOT = re.compile(r"S\d+")
KEPT = "before-restore-"
"""How the backups begin that a restore makes of what stood before."""


@dataclass(frozen=True)
class Pointer:
    """What current.json says."""

    snapshot: str
    """The snapshot that serves, like S000001."""
    parts: list[str] = field(default_factory=list)
    """Ids of the imports that it was built from, in the order of their import."""


@dataclass(frozen=True)
class Store:
    """Paths of one store and the atomic operations on them."""

    root: Path
    """The folder that holds it all; it need not be there yet."""

    @property
    def snapshots(self) -> Path:
        """The folder of snapshots."""
        return self.root / "snapshots"

    @property
    def parts(self) -> Path:
        """The folder of imports."""
        return self.root / "parts"

    @property
    def vectors(self) -> Path:
        """The folder of embeddings."""
        return self.root / "vectors"

    @property
    def unfinished(self) -> Path:
        """The folder of what killed imports observed."""
        return self.root / "unfinished"

    @property
    def jobs(self) -> Path:
        """The folder of running builds."""
        return self.root / "jobs"

    @property
    def judgement_url(self) -> str:
        """Where judgement is: the variable's address, else a file of the store."""
        return os.environ.get(JUDGEMENT_URL) or sqlite_url(self.root / "judgement.db")

    def snapshot_file(self, snapshot: str) -> Path:
        """The file of a snapshot, whether it is there or not."""
        return self.snapshots / f"{snapshot}.duckdb"

    @property
    def is_there(self) -> bool:
        """Whether the folder holds what a store holds: a mistyped path, or any other folder, is none."""
        return any(os.path.exists(self.root / name) for name in ("current.json", "judgement.db", "parts"))

    def require_there(self) -> None:
        """`StoreMissing`, with what the path leads to, where it is no store: a command that only reads makes none of a slip."""
        if self.is_there:
            return
        if not os.path.exists(self.root):
            why = "there is no such folder"
        elif not os.path.isdir(self.root):
            why = "that is a file"
        else:
            why = "that folder " + ("holds none" if os.access(self.root, os.R_OK | os.X_OK) else "can't be looked into")
        raise StoreMissing(
            f"There is no store at {self.root}: {why}. Name another with --store or WORKBENCH_STORE; a first "
            "`python -m workbench import PATH` makes one, or `python -m workbench demo`."
        )

    def create(self) -> None:
        """Make the folders; a folder that can't be written, or that DuckDB can't open files in, is said at once."""
        if "?" in str(self.root.resolve()):
            raise UserError(
                f"The store {self.root} can't be used: its path has a “?”, behind which DuckDB reads options. "
                "Rename that folder, or name another with --store."
            )
        try:
            str(self.root.resolve()).encode()
        except UnicodeEncodeError as e:
            raise UserError(
                f"The store {self.root} can't be used: its path has bytes that are no text, which DuckDB can't open. "
                "Rename that folder, or name another with --store."
            ) from e
        for name in ("current.json", "build.lock"):
            if (self.root / name).is_dir():
                raise UserError(f"{self.root / name} is a folder; it must be a file. Move it away, and try again.")
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)  # whoever shares it with others opens it to them
            for folder in (self.snapshots, self.parts, self.vectors, self.jobs):
                folder.mkdir(parents=True, exist_ok=True)
            probe = self.root / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except FileExistsError as e:
            raise UserError(f"{e.filename} is a file; it must be a folder. Move it away, and try again.") from e
        except OSError as e:
            if is_disk_full(e):
                raise UserError(full_disk(self.root)) from e
            raise UserError(
                f"The store {self.root} can't be written ({e.strerror}). Check its permissions, or name another with --store."
            ) from e

    @property
    def read_only(self) -> bool:
        """Whether this process can read the store and not write it, as a replica of the app that serves one built elsewhere."""
        return self.root.is_dir() and not os.access(self.root, os.W_OK)

    def open(self) -> None:
        """Make the folders, or see that a store that can only be read can be served; `UserError` with what is missing."""
        if not self.read_only:
            self.create()
        elif not os.environ.get(JUDGEMENT_URL):
            raise UserError(
                f"The store {self.root} can only be read from here, and judgement has no other place. Serve it with {JUDGEMENT_URL} "
                "naming a PostgreSQL database, or check the store's permissions."
            )

    def pointer(self) -> Pointer | None:
        """The current pointer; None before the first build, or when its snapshot is gone."""
        try:
            raw = json.loads((self.root / "current.json").read_text("utf-8"))
        except FileNotFoundError:
            return None
        except IsADirectoryError as e:
            raise UserError(
                f"{self.root / 'current.json'} is a folder; it must be a file. Move it away. {BUILT_AGAIN}"
            ) from e
        except (OSError, ValueError) as e:
            raise UserError(f"{self.root / 'current.json'} can't be read ({e}). {BUILT_AGAIN}") from e
        if not isinstance(raw, dict) or not _SNAPSHOT.fullmatch(str(raw.get("snapshot"))):
            raise UserError(f"{self.root / 'current.json'} names no snapshot. {BUILT_AGAIN}")
        if not isinstance(raw.get("parts", []), list):
            raise UserError(f"{self.root / 'current.json'} lists no imports. {BUILT_AGAIN}")
        pointer = Pointer(str(raw["snapshot"]), [str(part) for part in raw.get("parts", [])])
        return pointer if self.snapshot_file(pointer.snapshot).exists() else None

    @property
    def holds_imports(self) -> bool:
        """Whether a snapshot came to serve any import that is there."""
        return any(self.parts.glob(f"*/{PUBLISHED}"))

    def last_parts(self) -> list[str] | None:
        """The imports that the pointer names though its snapshot is gone; None where there is no readable pointer."""
        try:
            return [str(part) for part in json.loads((self.root / "current.json").read_text("utf-8"))["parts"]]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def require_pointer(self) -> Pointer:
        """The current pointer, or `StoreMissing`, or `EvidenceGone` where there are imports, with what to do next."""
        pointer = self.pointer()
        if pointer is None and self.holds_imports:
            named = self.root / "current.json"
            gone = f"the snapshot that {named} names is not there" if named.exists() else f"{named} is not there"
            raise EvidenceGone(f"The store {self.root} has imports and no evidence: {gone}. {BUILT_AGAIN}")
        if pointer is None:
            raise StoreMissing(
                f"There is no evidence in the store {self.root} yet. "
                "Import logs with `python -m workbench import PATH`, or try the demo with `python -m workbench demo`."
            )
        return pointer

    def switch(self, pointer: Pointer) -> None:
        """Point to another snapshot, atomically."""
        write_json(self.root / "current.json", asdict(pointer))


def served_store() -> Store:
    """The store that the app of this process serves."""
    return Store(Path(os.environ.get("WORKBENCH_STORE") or DEFAULT_STORE))


def with_store_named(text: str, root: Path) -> str:
    """A text whose commands, in backticks, name the store that they are about, so that they can be typed as they stand.

    The usual store needs no name.
    """
    if root.absolute() == DEFAULT_STORE.absolute():
        return text
    return _COMMAND.sub(lambda command: f"`{command[1]} --store {shlex.quote(str(root))}`", text)


def sqlite_url(file: Path) -> str:
    """The address of an SQLite file; quoted, since an address reads %41 as A."""
    return f"sqlite:///{quote(str(file))}"


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write JSON so that a reader sees the old text or the new one, and a crash leaves no half.

    A file's name may hold bytes that are no text; they are spelled as JSON itself does, and read back as they were.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8", errors="backslashreplace") as file:
            json.dump(value, file, ensure_ascii=False, indent=1, default=str)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


@contextmanager
def whole_file(out: Path, private: bool = False) -> Iterator[BinaryIO]:
    """A binary file beside `out` that takes its place at the end; after an error nothing is left of it.

    A `private` one is its owner's alone to read, where the system has owners. Raises `UserError` where `out` can't be written.
    """
    part = out.with_name(f".{uuid4().hex}.part")
    try:
        if not out.parent.is_dir():
            raise UserError(f"{out}: the folder {out.parent} does not exist. Create it, or name another file.")
        # A name that the file system can't hold is an error already here.
        if out.exists() and not out.is_file():
            raise UserError(f"{out}: not a regular file. Name a file to write to.")
        with part.open("xb") as file:
            if private:
                part.chmod(0o600)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        if is_disk_full(error):
            raise UserError(f"{out}: can't be written. {full_disk(out.parent)}") from error
        raise UserError(f"{out}: can't be written ({error.strerror}). Free some space or name another file.") from error
    finally:
        with suppress(OSError):
            part.unlink()
