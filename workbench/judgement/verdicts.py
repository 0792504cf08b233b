"""Reading: what readers found in conversations, the random samples they read, and the failure modes made of their notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Unpack

from workbench.errors import UserError
from workbench.judgement.journal import Change, Journal
from workbench.judgement.records import VERDICTS, Draw, Mode, ModeChange, Verdict, VerdictChange
from workbench.judgement.tables import DRAW, MODE, VERDICT


class Reading(Journal):
    """The verdicts, random draws and failure modes of a judgement store."""

    def read(
        self,
        conversation: str,
        *,
        actor: str,
        source: str = "direct",
        draw: str | None = None,
        about: dict[str, Any] | None = None,
        **said: Unpack[VerdictChange],
    ) -> Verdict:
        """Add to what the actor found in a conversation (its key); what is not given stays.

        `source`, `draw` and `about` are kept from the first time. Only a failed conversation has a failing turn.
        Raises `UserError` where no verdict was ever given, and for one that is not in `VERDICTS`.
        """
        with self._change(actor) as change:
            known = change.get(VERDICT, conversation, change.actor)
            if known is None:
                if "verdict" not in said:
                    raise UserError(f"Say first how it went: {', '.join(VERDICTS)}.")
                known = Verdict(conversation, change.actor, source=source, draw=draw, about=about or {})
            verdict = replace(known, **said, at=change.at)
            if verdict.verdict not in VERDICTS:
                raise UserError(f"{verdict.verdict!r} is no verdict. There are: {', '.join(VERDICTS)}.")
            failing_turn = verdict.failing_turn if verdict.verdict == "failed" else None
            verdict = replace(verdict, note=verdict.note.strip(), failing_turn=failing_turn)
            if known.version and replace(verdict, at=known.at) == known:
                return known  # the same again says nothing new
            return change.put(VERDICT, (conversation, change.actor), verdict, f"read: {verdict.verdict}") or verdict

    def unread(self, conversation: str, *, actor: str) -> None:
        """Take back what the actor found in a conversation; `UserError` where they said nothing of it."""
        with self._change(actor) as change:
            if change.get(VERDICT, conversation, change.actor) is None:
                raise UserError(f"{change.actor} gave no verdict on this conversation.")
            change.put(VERDICT, (conversation, change.actor), None, "verdict taken back")

    def verdicts(self) -> dict[str, list[Verdict]]:
        """What readers found, by conversation key; of each conversation the oldest verdict first."""
        found: dict[str, list[Verdict]] = {}
        for verdict in sorted(self._all(VERDICT), key=lambda one: (one.at, one.reader)):
            found.setdefault(verdict.conversation, []).append(verdict)
        return found

    def draw(
        self, conversations: Sequence[str], *, actor: str, population: int, seed: int, scope: dict[str, Any]
    ) -> Draw:
        """Keep a random sample under the next number. It never changes: an estimate rests on it.

        It may be empty where its scope holds a reading list that has no random part.
        """
        with self._change(actor) as change:
            draw = Draw(
                f"RD-{change.next_number('draw'):04}",
                scope,
                population,
                list(conversations),
                seed,
                change.actor,
                change.at,
            )
            return change.put(DRAW, (draw.draw,), draw, "drawn") or draw

    def draws(self) -> list[Draw]:
        """Every random sample, the oldest first."""
        return self._all(DRAW)

    def make_mode(self, name: str, notes: Sequence[tuple[str, str]], *, actor: str, definition: str = "") -> Mode:
        """Name a failure mode; `notes` are (conversation key, reader) of the notes that it is made of."""
        with self._change(actor) as change:
            number = f"FM-{change.next_number('mode'):04}"
            return _put(change, Mode(number, name, definition, [list(note) for note in notes]), "named")

    def edit_mode(self, mode: str, *, actor: str, **changes: Unpack[ModeChange]) -> Mode:
        """Rename a mode, define it, change its notes, or say which cause or cluster it became."""
        with self._change(actor) as change:
            return _put(change, replace(_found(mode, change.get(MODE, mode)), **changes), "edited")

    def merge_mode(self, mode: str, into: str, *, actor: str) -> Mode:
        """Count a mode's notes with another mode from now on; the mode keeps them, so that an undo parts the two again."""
        with self._change(actor) as change:
            gone, kept = _found(mode, change.get(MODE, mode)), _found(into, change.get(MODE, into))
            while kept.merged_into:
                kept = _found(kept.merged_into, change.get(MODE, kept.merged_into))
            if kept.mode == mode:
                raise UserError(f"{into} is {mode} already." if into != mode else "A mode can't be merged into itself.")
            return _put(change, replace(gone, merged_into=kept.mode), "merged")

    def modes(self) -> list[Mode]:
        """Every failure mode, the merged ones too, the oldest first."""
        return self._all(MODE)


def _put(change: Change, mode: Mode, what: str) -> Mode:
    if not mode.name.strip():
        raise UserError("A failure mode needs a name.")
    notes = {tuple(note) for note in mode.notes}
    for other in change.all(MODE):
        if other.mode != mode.mode and notes & {tuple(note) for note in other.notes}:
            raise UserError(f"A note belongs to one failure mode, and {other.mode} ({other.name}) holds one of these.")
    mode = replace(mode, name=mode.name.strip(), definition=mode.definition.strip(), by=change.actor, at=change.at)
    return _found(mode.mode, change.put(MODE, (mode.mode,), mode, what))


def _found(name: str, mode: Mode | None) -> Mode:
    if mode is None:
        raise UserError(f"There is no failure mode {name}.")
    return mode


def settled(verdicts: Iterable[Verdict]) -> str | None:
    """What readers found in one conversation, "fine" or "failed"; None where none is sure, or they disagree."""
    said = {verdict.verdict for verdict in verdicts} - {"unsure"}
    return said.pop() if len(said) == 1 else None
