"""Failure modes that people make of readers' notes: named, defined, merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

from workbench.errors import UserError
from workbench.judgement.journal import Change, JournalPart
from workbench.judgement.kinds import MODE
from workbench.judgement.records.reading import Mode, ModeChange


class FailureModes(JournalPart):
    """The failure modes of a judgement store."""

    def create(self, name: str, notes: Sequence[tuple[str, str]], *, actor: str, definition: str = "") -> Mode:
        """Name a failure mode; `notes` are (conversation key, reader) of the notes that it is made of."""
        with self._journal.changing(actor) as change:
            number = f"FM-{change.next_number('mode'):04}"
            return _put(change, Mode(number, name, definition, [list(note) for note in notes]), "named")

    def edit(self, mode: str, *, actor: str, **changes: Unpack[ModeChange]) -> Mode:
        """Rename a mode, define it, change its notes, or say which cause or cluster it became."""
        with self._journal.changing(actor) as change:
            return _put(change, replace(_existing(mode, change.get(MODE, mode)), **changes), "edited")

    def merge(self, mode: str, into: str, *, actor: str) -> Mode:
        """Count a mode's notes with another mode from now on; the mode keeps them, so that an undo parts the two again."""
        with self._journal.changing(actor) as change:
            gone, kept = _existing(mode, change.get(MODE, mode)), _existing(into, change.get(MODE, into))
            while kept.merged_into:
                kept = _existing(kept.merged_into, change.get(MODE, kept.merged_into))
            if kept.mode == mode:
                raise UserError(f"{into} is {mode} already." if into != mode else "A mode can't be merged into itself.")
            return _put(change, replace(gone, merged_into=kept.mode), "merged")

    def all(self) -> list[Mode]:
        """Every failure mode, the merged ones too, the oldest first."""
        return self._journal.all(MODE)


def _put(change: Change, mode: Mode, what: str) -> Mode:
    if not mode.name.strip():
        raise UserError("A failure mode needs a name.")
    notes = {tuple(note) for note in mode.notes}
    for other in change.all(MODE):
        if other.mode != mode.mode and notes & {tuple(note) for note in other.notes}:
            raise UserError(f"A note belongs to one failure mode, and {other.mode} ({other.name}) holds one of these.")
    mode = replace(mode, name=mode.name.strip(), definition=mode.definition.strip(), by=change.actor, at=change.at)
    return _existing(mode.mode, change.put(MODE, (mode.mode,), mode, what))


def _existing(name: str, mode: Mode | None) -> Mode:
    if mode is None:
        raise UserError(f"There is no failure mode {name}.")
    return mode
