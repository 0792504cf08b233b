"""Logs into a part: files are opened and recognised, their rows read, and what became of each is written down with it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from workbench.engine.engine import LOCAL, Engine
from workbench.errors import RefusedFile, UserError, WorkbenchError
from workbench.logs.erasures import Erasures
from workbench.logs.files.find import last_changed
from workbench.logs.files.remote import local_copies
from workbench.logs.formats import (
    READERS,
    ColumnMapping,
    ReadOptions,
    Source,
    SourceFile,
    find_files,
    load_mapping,
    open_source,
    partition,
    recognise,
)
from workbench.logs.manifest import Manifest
from workbench.logs.parts import Progress, Watch
from workbench.logs.running_import import RunningImport
from workbench.logs.values.times import EPOCH, today_at_least, zone
from workbench.logs.versions import Version
from workbench.memory import rare_collections


def write_part(
    folder: Path,
    paths: Sequence[str | Path],
    options: ReadOptions,
    stored: Mapping[str, Version],
    progress: Progress,
    actor: str,
    import_id: str,
    engine: Engine = LOCAL,
    erased: Erasures | None = None,
    watch: Watch | None = None,
) -> Manifest:
    """Read the logs at `paths` into the part `folder`, which must not exist, and say what became of each row.

    `stored` has what the store holds, by the conversations' keys: the same content again is a duplicate, and so is one that goes
    on there; other content is a new version, and so is the same under other rules of `fails_when`. What was `erased` is rejected.
    `progress(stage, done, total)` has the stages `fetching` (remote files), `checking`
    (files) and `reading` (rows). `watch` sees what is written. UserError, naming each file's reason, when nothing could be read; no folder is left
    on any error.
    """
    zone(options.timezone)
    mapping = load_mapping(options.mapping) if options.mapping else None
    with local_copies(paths, folder.with_name(f"{folder.name}-remote"), progress, engine) as (local, names):

        def read(today: datetime | None) -> RunningImport:
            """The import by a clock that says at least so."""
            with today_at_least(today):
                readable, refused = _open_all(local, names, options, mapping, progress, engine)
                if not readable:
                    raise UserError("Nothing could be read.\n" + "\n".join(str(refusal) for refusal in refused))
                manifest = _manifest(readable, refused, names, options, mapping, actor, import_id)
                by_this_clock = replace(options, today=today)
                running = RunningImport(folder, manifest, by_this_clock, stored, progress, engine, erased)
                _run(running, readable, watch)
                return running

        running = read(max(options.today or EPOCH, last_changed(find_files(local)[0])))
        if (last := running.behind()) is not None:
            shutil.rmtree(folder)
            running = read(last)
            running.say_clock_is_behind(last)
        return running.manifest


def _manifest(
    readable: Sequence[tuple[SourceFile, Source]],
    refused: Sequence[RefusedFile],
    names: Mapping[Path, str],
    options: ReadOptions,
    mapping: ColumnMapping | None,
    actor: str,
    import_id: str,
) -> Manifest:
    return Manifest(
        import_id=import_id,
        created_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        actor=actor,
        format=", ".join(dict.fromkeys(file.format for file, _ in readable)),
        files=[{**asdict(file), "path": names.get(file.path, str(file.path))} for file, _ in readable],
        refused=[{"file": refusal.file, "reason": refusal.reason} for refusal in refused],
        options={
            **{name: value for name, value in asdict(options).items() if name not in ("today", "scrub")},
            **({"scrub": True} if options.scrub else {}),
            "mapping": options.mapping and str(options.mapping),
            **({"fails_when": mapping.fails_when} if mapping else {}),
        },
        notes=[f"{file.name}: the file has no rows." for file, _ in readable if file.rows == 0],
    )


def _run(running: RunningImport, readable: Sequence[tuple[SourceFile, Source]], watch: Watch | None) -> None:
    """Read into the import's folder, of which nothing is left on any error."""
    folder = running.folder
    folder.mkdir(parents=True)
    try:
        with rare_collections():
            running.run(readable, watch)
    except BaseException as e:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(e, OSError):
            problem = f"The import can't be written to {folder.parent} ({e.strerror or e}). Is the disk full?"
            raise WorkbenchError(problem) from e
        raise


def _open_all(
    paths: Sequence[str | Path],
    names: Mapping[Path, str],
    options: ReadOptions,
    mapping: ColumnMapping | None,
    progress: Progress,
    engine: Engine,
) -> tuple[list[tuple[SourceFile, Source]], list[RefusedFile]]:
    files, refused = find_files(paths)
    readable: list[tuple[SourceFile, Source]] = []
    unopened = [_Unopened(path, names.get(path), partition(path, paths), options.format, mapping) for path in files]
    progress("checking", 0, len(files))
    for done, opened in enumerate(engine.each(_open, unopened), 1):
        if isinstance(opened, RefusedFile):
            refused.append(opened)
        else:
            readable.append(opened)
        progress("checking", done, len(files))
    return readable, refused


@dataclass(frozen=True)
class _Unopened:
    """A file that may be a log."""

    path: Path
    name: str | None
    folders: Mapping[str, str | None]
    format: str
    mapping: ColumnMapping | None


def _open(file: _Unopened) -> tuple[SourceFile, Source] | RefusedFile:
    """A file opened, recognised and decoded once, or why it isn't read."""
    path = file.path
    try:
        source = open_source(path, file.mapping, file.name, file.folders)
        format, why = recognise(source, file.format, file.mapping)
        source.times = READERS[format].TIMES
        source.check()
        size = path.stat().st_size
        return SourceFile(source.name, path.resolve(), source.sha256(), size, source.log.rows, format, why), source
    except RefusedFile as refusal:
        return refusal
