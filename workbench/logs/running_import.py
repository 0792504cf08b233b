"""One running import: each row counted, conversations that came before left out, the others handed to the part that is written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.engine.engine import Engine
from workbench.errors import WorkbenchError
from workbench.logs.erasures import Banned, Erasures
from workbench.logs.formats import READERS, LoggedConversation, ReadOptions, Reject, Repeat, Source, SourceFile
from workbench.logs.gaps import GAPS, missing
from workbench.logs.integrity import checksums
from workbench.logs.manifest import Manifest
from workbench.logs.parts import MANIFEST, REJECTS, REJECTS_FILE, Progress, Runs, Watch, drop
from workbench.logs.pieces import read_in_pieces
from workbench.logs.scrubbing import SCRUBBED, scrubbed, scrubbed_reject
from workbench.logs.values.times import AHEAD, last_ahead
from workbench.logs.versions import Version
from workbench.store import write_json
from workbench.text import formatting
from workbench.text.masking import mask, shown_id

FEWEST_AHEAD = 5
"""Rows later than today from which on they speak against this machine's clock; fewer may be placeholders."""
MAX_REJECTS_KEPT = 100_000
"""Rejected rows that are listed; more are only counted."""
ERASED = "Left out, as erased from this store earlier: "
"""How a note of an import begins that met what was erased."""
MAX_ROLES_KEPT, ROLE_SIGNS = 100, 40


class RunningImport:
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
        """Read every row into the part's folder, which is there and empty; its manifest is written last."""
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
