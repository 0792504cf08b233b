"""The reading of an import in pieces that can be worked on anywhere, one after another's results being those of the whole.

Rows that are conversations are read a file at a time. Rows that are messages are dealt out by their conversation first, a file
at a time, into the shares that `shards` deals them into, and then read a share at a time. What other formats join, as spans
of a trace, is known only once all rows were seen: they are one piece.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from workbench.engine.engine import Engine
from workbench.logs.files import shards
from workbench.logs.files.source import Log, Source, Tally
from workbench.logs.formats import READERS, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.times import today_at_least

ROWS_ALONE = frozenset({"atif", "chat", "chatgpt", "inspect", "rasa", "tau"})
"""Formats whose rows are conversations."""
ROWS_DEALT = frozenset({"turns"})
"""Formats whose rows belong to a conversation by what they say themselves."""
Item = LoggedConversation | Reject | Repeat


@dataclass(frozen=True)
class Piece:
    """Some rows of an import, for a worker to read."""

    format: str
    """The name of their reader."""
    sources: list[Source]
    """All files of that reader, so that each keeps its place; of those that the piece is not about, no row is read."""
    options: ReadOptions
    """How to read."""
    scratch: Path
    """A folder on storage that all workers share."""


@dataclass(frozen=True)
class Learned:
    """What a reader notes of a file beside its conversations."""

    place: int
    """The place of the file."""
    notes: list[str]
    """As in `Source`."""
    tallies: Counter[Tally]
    """As in `Source`."""


def read_in_pieces(
    engine: Engine, format: str, sources: list[Source], options: ReadOptions, scratch: Path
) -> Iterator[Item]:
    """What the reader of this format gives for these files, which were checked; `Source` learns what it learns from it."""
    if not engine.spreads or not sources:
        yield from READERS[format].read(sources, options, scratch)
        return
    for item in engine.flat(read_piece, list(_pieces(engine, format, sources, options, scratch))):
        if isinstance(item, Learned):
            source = sources[item.place]
            source.notes += (note for note in item.notes if note not in source.notes)
            source.tallies += item.tallies
        else:
            yield item


def read_piece(piece: Piece) -> Iterator[Item | Learned]:
    """The conversations of a piece, what costs most worked out, and what it leaves to be noted."""
    for source in piece.sources:
        source.notes.clear()
        source.tallies.clear()
    own = piece.scratch / uuid4().hex  # a worker that is thought dead may still write
    own.mkdir()
    with today_at_least(piece.options.today):
        for item in READERS[piece.format].read(piece.sources, piece.options, own):
            if isinstance(item, LoggedConversation):
                _ = item.conversation.content_hash, item.conversation.beginnings
            yield item
    shutil.rmtree(own)
    for place, source in enumerate(piece.sources):
        if source.notes or source.tallies:
            yield Learned(place, source.notes, source.tallies)


def deal_piece(piece: Piece) -> Path:
    """Deal the rows of a piece's one file out to its shares, and give the folder that they lie in."""
    (dealing,) = (source.log for source in piece.sources if isinstance(source.log, _Dealing))
    dealing.folder.mkdir()
    for _ in READERS[piece.format].read(piece.sources, piece.options, piece.scratch):
        pass  # what is dealt elsewhere is not read here
    return dealing.folder


def _pieces(engine: Engine, format: str, sources: list[Source], options: ReadOptions, scratch: Path) -> Iterator[Piece]:
    if format in ROWS_ALONE and len(sources) > 1:
        for place in range(len(sources)):
            yield _piece(format, sources, options, scratch, {place: sources[place].log})
        return
    shares = shards.share_count(sources)
    if format not in ROWS_DEALT or shares == 1:
        yield Piece(format, sources, options, scratch)
        return
    dealing = [
        _piece(format, sources, options, scratch, {place: _Dealing(source.log, shares, scratch / uuid4().hex)})
        for place, source in enumerate(sources)
    ]
    dealt = dict(enumerate(engine.each(deal_piece, dealing)))
    for share in range(shares):
        logs: dict[int, Log] = {
            place: _Dealt(source.log, path)
            for place, source in enumerate(sources)
            if (path := _share(dealt[place], share)).exists()
        }
        yield _piece(format, sources, options, scratch, logs)


def _piece(format: str, sources: Sequence[Source], options: ReadOptions, scratch: Path, logs: dict[int, Log]) -> Piece:
    """A piece that reads of the files at these places only these logs."""
    return Piece(
        format,
        [
            replace(source, log=logs[place] if place in logs else _Silent(source.log))
            for place, source in enumerate(sources)
        ],
        options,
        scratch,
    )


def _share(folder: Path, share: int) -> Path:
    return folder / f"{share:05d}"


class _Outline:
    """What a log is, without its rows."""

    def __init__(self, log: Log) -> None:
        self.path, self.name, self.container = log.path, log.name, log.container
        self.columns, self.outline, self.rows = log.columns, log.outline, log.rows
        self.rejects: Sequence[Reject] = ()

    @property
    def unpacked(self) -> int:
        """Nothing, so that what rows there are make one share."""
        return 0

    def check(self, look: Callable[[Any], None]) -> None:
        """It was checked as a whole."""

    def read(self) -> Iterator[tuple[int, JsonObject]]:
        """No rows."""
        return iter(())

    def deal(self, columns: Sequence[str], share: Callable[[JsonObject], int], paths: Sequence[Path]) -> None:
        """No rows."""

    def dealt(self, path: Path) -> Iterator[tuple[int, JsonObject]]:
        """No rows."""
        return iter(())


class _Silent(_Outline):
    """A log that another piece reads."""


class _Dealing(_Outline):
    """A log that is dealt out to as many shares as all files together are, into a folder of its own."""

    def __init__(self, log: Log, shares: int, folder: Path) -> None:
        super().__init__(log)
        self._log, self._shares, self.folder = log, shares, folder

    @property
    def unpacked(self) -> int:
        """So much that `shards.share_count` of this log among silent ones is that of all of them."""
        return (self._shares - 1) * shards.SHARE

    def deal(self, columns: Sequence[str], share: Callable[[JsonObject], int], paths: Sequence[Path]) -> None:
        """Into the folder, and not to the paths: whoever dealt reads none of it."""
        self._log.deal(columns, share, [_share(self.folder, place) for place in range(len(paths))])


class _Dealt(_Outline):
    """The rows of one share of a log."""

    def __init__(self, log: Log, path: Path) -> None:
        super().__init__(log)
        self._log, self._path = log, path

    def read(self) -> Iterator[tuple[int, JsonObject]]:
        """The rows that were dealt there."""
        return self._log.dealt(self._path)
