"""One import's normalised conversations on disk: written as they stream in, read back by row group.

conversations-0000.parquet …   runs of at most 20,000 conversations; `turns` is a list of structs, `metadata` JSON
rejects.parquet                the rows that could not be taken
manifest.json                  what was read; written last, so a folder without it is no part
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.engine.engine import LOCAL, Engine
from workbench.errors import RefusedFile, UserError, WorkbenchError
from workbench.logs.erasures import Banned, Erasures
from workbench.logs.files.find import last_changed
from workbench.logs.files.remote import local_copies
from workbench.logs.formats import (
    READERS,
    ColumnMapping,
    LoggedConversation,
    ReadOptions,
    Reject,
    Repeat,
    Source,
    SourceFile,
    find_files,
    load_mapping,
    open_source,
    partition,
    recognise,
)
from workbench.logs.gaps import GAPS, missing
from workbench.logs.integrity import checksums
from workbench.logs.manifest import Manifest
from workbench.logs.parts import MANIFEST, REJECTS, REJECTS_FILE, Progress, Runs, Watch, drop
from workbench.logs.pieces import read_in_pieces
from workbench.logs.scrubbing import SCRUBBED, scrubbed, scrubbed_reject
from workbench.logs.values.times import AHEAD, EPOCH, last_ahead, today_at_least, zone
from workbench.logs.versions import Version
from workbench.memory import rare_collections
from workbench.store import write_json
from workbench.text import formatting
from workbench.text.masking import mask, shown_id

FEWEST_AHEAD = 5
"""Rows later than today from which on they speak against this machine's clock; fewer may be placeholders."""
MAX_REJECTS_KEPT = 100_000
ERASED = "Left out, as erased from this store earlier: "
"""How a note of an import begins that met what was erased."""
MAX_ROLES_KEPT, ROLE_SIGNS = 100, 40


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

        def read(today: datetime | None) -> _Import:
            """The import by a clock that says at least so."""
            with today_at_least(today):
                readable, refused = _open_all(local, names, options, mapping, progress, engine)
                if not readable:
                    raise UserError("Nothing could be read.\n" + "\n".join(str(refusal) for refusal in refused))
                manifest = _manifest(readable, refused, names, options, mapping, actor, import_id)
                by_this_clock = replace(options, today=today)
                running = _Import(folder, manifest, by_this_clock, stored, progress, engine, erased)
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


def _run(running: _Import, readable: Sequence[tuple[SourceFile, Source]], watch: Watch | None) -> None:
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


class _Import:
    """One running import: counts rows, finds duplicates, hands conversations to the writer."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        options: ReadOptions,
        stored: Mapping[str, Version],
        progress: Progress,
        engine: Engine,
        erased: Erasures | None = None,
    ) -> None:
        self.engine = engine
        self.banned = Banned(erased) if erased else None
        self.digest = erased.digest if erased and options.scrub else None
        self.folder = folder
        self.manifest = manifest
        self.options = options
        self.stored = stored
        self.progress = progress
        self.rules = manifest.rules
        self.idle_rules = [rule for rule in self.rules if rule.column in (manifest.options.get("fails_when") or {})]
        self.seen: dict[str, _Seen] = {}
        self.outdated: list[str] = []
        self.older = self.rejudged = self.erased = self.ahead = 0
        self.rejects: list[Reject] = []
        self.without = dict.fromkeys(GAPS, 0)
        self.roles: set[str] = set()

    def run(self, readable: Sequence[tuple[SourceFile, Source]], watch: Watch | None = None) -> None:
        total = sum(file.rows for file, _ in readable)
        scratch = self.folder / "scratch"
        scratch.mkdir()
        with Runs(self.folder, watch) as runs:
            for name in READERS:
                sources = [source for file, source in readable if file.format == name]
                for reject in (reject for source in sources for reject in source.log.rejects):
                    self._take(reject, runs)
                for count, item in enumerate(read_in_pieces(self.engine, name, sources, self.options, scratch)):
                    self._take(item, runs)
                    if count % 500 == 0:
                        self.progress("reading", self._rows(), total)
        self.manifest.notes += (note for _, source in readable for note in source.all_notes())
        shutil.rmtree(scratch)
        self._finish(total)

    def behind(self) -> datetime | None:
        """Up to when the log goes, where most of it is later than this machine's clock: then it is the clock that is wrong."""
        if self.ahead < FEWEST_AHEAD or self.ahead * 2 <= self._rows():
            return None
        return last_ahead(reject.reason for reject in self.rejects)

    def say_clock_is_behind(self, last: datetime) -> None:
        """Note that most of the log was later than today, and was taken."""
        self.manifest.notes.append(
            f"This machine's clock says {datetime.now(UTC):%Y-%m-%d}, but most of the log is later, up to {last:%Y-%m-%d}: "
            "the clock seems to be wrong, so the log was taken as it is. Set the clock."
        )
        write_json(self.folder / MANIFEST, asdict(self.manifest))

    def _rows(self) -> int:
        return self.manifest.rows_kept + self.manifest.rows_rejected + self.manifest.rows_duplicate

    def _take(self, item: LoggedConversation | Reject | Repeat, runs: Runs) -> None:
        if isinstance(item, LoggedConversation):
            self._take_conversation(item, runs)
        elif isinstance(item, Reject):
            item = scrubbed_reject(item) if self.digest else item
            self.manifest.rows_rejected += item.rows
            self.ahead += AHEAD in item.reason and item.rows
            if len(self.rejects) < MAX_REJECTS_KEPT:
                self.rejects.append(item)
        else:
            self.manifest.rows_duplicate += 1

    def _take_conversation(self, logged: LoggedConversation, runs: Runs) -> None:
        conversation = logged.conversation
        if (
            bot := shown_id(conversation.bot)
        ) != conversation.bot:  # a bot's name is read everywhere, so it comes in masked
            conversation = logged.conversation = replace(conversation, bot=bot)
        if self.banned and (reason := self.banned.reason(conversation)):
            self._take(Reject(logged.file, logged.row, None, reason, "", logged.rows), runs)
            self.erased += 1
            return
        if self.digest:
            conversation = logged.conversation = scrubbed(conversation, self.digest)
        self.idle_rules = [rule for rule in self.idle_rules if rule.fails(rule.value(conversation)) is None]
        version = Version.of(conversation, self.rules)
        seen = _Seen(
            version,
            logged.file,
            logged.row,
            logged.rows,
            len(conversation.turns),
            tuple(missing(conversation, logged.joined)),
        )
        earlier, stored = self.seen.get(conversation.key), self.stored.get(conversation.key)
        if earlier is not None:
            same = earlier.version.content_hash == version.content_hash
            if same or earlier.version.goes_on_from(version):
                self._take_duplicate(logged)
                return
            if not version.goes_on_from(earlier.version):
                self._take(_conflict(logged, earlier), runs)
                return
            if earlier.kept:
                self._count(earlier, -1)
                self.outdated.append(earlier.version.content_hash)
                self.manifest.rows_duplicate += earlier.rows
                self.manifest.duplicates += 1
        self.seen[conversation.key] = seen
        if stored is not None and self._is_there(stored, version):
            self._take_duplicate(logged)
            return
        seen.kept = True
        self._count(seen, 1)
        if len(self.roles) < MAX_ROLES_KEPT:
            self.roles.update(turn.role for turn in conversation.turns)
        runs.add(logged)

    def _is_there(self, stored: Version, version: Version) -> bool:
        """Whether the store has this already, and this import does not ask to judge it by other rules."""
        if stored.goes_on_from(version):
            self.older += 1
            return True
        if stored.content_hash != version.content_hash:
            return False
        anew = "fails_when" in self.manifest.options and set(stored.rules) != set(self.rules)
        self.rejudged += anew
        return not anew

    def _take_duplicate(self, logged: LoggedConversation) -> None:
        self.manifest.rows_duplicate += logged.rows
        self.manifest.duplicates += 1

    def _count(self, seen: _Seen, by: int) -> None:
        """Count a conversation as kept, or (`by` -1) as kept no longer."""
        self.manifest.rows_kept += by * seen.rows
        self.manifest.conversations += by
        self.manifest.turns += by * seen.turns
        for gap in seen.lacks:
            self.without[gap] += by

    def _notes(self) -> Iterator[str]:
        """What became of conversations that came again otherwise than as they were, and of rules that judge none."""
        if outdated := len(set(self.outdated)):
            single = outdated == 1
            yield (
                f"{formatting.count(outdated, 'older state')} of conversations {'stands' if single else 'stand'} in this import "
                f"beside a longer one, which counts."
            )
        if self.erased:
            yield f"{ERASED}{formatting.count(self.erased, 'conversation')}. The rejected rows say when."
        if self.older:
            single = self.older == 1
            yield (
                f"{formatting.count(self.older, 'conversation')} {'goes' if single else 'go'} on in the store already: "
                f"{'its older state adds' if single else 'their older states add'} nothing."
            )
        if self.rejudged:
            conditions = " or ".join(f"{rule.column} {rule.condition}" for rule in self.rules)
            verb = "was there already and is" if self.rejudged == 1 else "were there already and are"
            yield f"{formatting.count(self.rejudged, 'conversation')} {verb} judged anew: failed when {conditions}."
        for rule in self.idle_rules if self.seen else ():
            yield (
                f"fails_when {rule.column} {rule.condition}: no conversation has a value there that it could judge, so it "
                "makes none fail. Check the column's name."
            )

    def _finish(self, total: int) -> None:
        manifest = self.manifest
        if self.outdated:
            drop(self.folder, self.outdated)
        manifest.notes += self._notes()
        if self.digest:
            manifest.notes = [*map(mask, manifest.notes), SCRUBBED]
        manifest.rows_read = total
        if self._rows() != total:
            raise WorkbenchError(
                f"{total:,} rows were read, but {self._rows():,} are accounted for. This is our fault."
            )
        share = max(manifest.conversations, 1)
        manifest.gaps = {gap: round(count / share, 4) for gap, count in self.without.items()}
        manifest.roles = sorted(mask(role)[:ROLE_SIGNS] for role in self.roles)[:MAX_ROLES_KEPT]
        listed = sum(reject.rows for reject in self.rejects)
        if manifest.rows_rejected > listed:
            manifest.notes.append(f"Of {manifest.rows_rejected:,} rejected rows, {listed:,} are listed.")
        pq.write_table(
            pa.Table.from_pylist([asdict(reject) for reject in self.rejects], REJECTS),
            self.folder / REJECTS_FILE,
            write_page_checksum=True,
        )
        manifest.sha256 = checksums(self.folder)
        for path in self.folder.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        write_json(self.folder / MANIFEST, asdict(manifest))
        self.progress("reading", total, total)


@dataclass
class _Seen:
    """A conversation of this import: its state so far, where it stands, and what it was counted as."""

    version: Version
    file: str
    row: int
    rows: int
    turns: int
    lacks: tuple[str, ...]
    kept: bool = False


def _conflict(logged: LoggedConversation, earlier: _Seen) -> Reject:
    identity = logged.conversation.conversation_id
    reason = (
        f"the same conversation stands in this import with different content; {earlier.file}, row {earlier.row} is kept"
    )
    return Reject(logged.file, logged.row, "conversation_id", reason, identity[:2000], logged.rows)
