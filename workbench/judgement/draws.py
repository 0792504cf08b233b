"""Random samples of conversations, fixed when they are drawn: what an estimate or a check rests on."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.judgement.journal import JournalPart
from workbench.judgement.kinds import DRAW
from workbench.judgement.records.reading import CheckScope, Draw, ReadingScope


class Draws(JournalPart):
    """The random samples of a judgement store."""

    def add(
        self, conversations: Sequence[str], *, actor: str, population: int, seed: int, scope: ReadingScope | CheckScope
    ) -> Draw:
        """Keep a random sample under the next number. It never changes: an estimate rests on it.

        It may be empty where its scope holds a reading list that has no random part.
        """
        with self._journal.changing(actor) as change:
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

    def all(self) -> list[Draw]:
        """Every random sample, the oldest first."""
        return self._journal.all(DRAW)
