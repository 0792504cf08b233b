"""Conversations that somebody has open, read and masked once: a long one takes seconds, and every click asks for it again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from workbench.bench.conversation_detail import SignalHit
from workbench.bench.wording import signal_title
from workbench.conversation import Conversation
from workbench.conversation.masked import masked_when_read
from workbench.conversation.transcript import Folds, folds
from workbench.evidence.analysis_tables import SignalRecord
from workbench.text.masking import mask

MOST_TURNS = 250_000
"""Turns that are kept open in all; beyond them the conversation asked for longest ago goes. One of any length is kept."""


@dataclass(frozen=True)
class Opened:
    """A conversation as it may be shown."""

    logged: Conversation
    """It as it was logged: for whom it was revealed to, and for nobody else."""
    conversation: Conversation
    """It, masked; its turns when they are looked at."""
    folds: Folds
    """Its turns as they are read."""
    signals: list[SignalHit]
    """What was observed in it, masked."""

    @classmethod
    def of(cls, logged: Conversation, signals: Sequence[SignalRecord]) -> Opened:
        """A logged conversation with its signals, opened."""
        shown = masked_when_read(logged)
        return cls(logged, shown, folds(shown, logged), [_hit(signal) for signal in signals])


class OpenedConversations:
    """Those asked for last, of one snapshot. Safe for threads; two that ask the same at once both open it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshot: Hashable = None
        self._opened: OrderedDict[str, Opened] = OrderedDict()

    def get(self, snapshot: Hashable, key: str, read: Callable[[], Opened | None]) -> Opened | None:
        """The conversation of this key in this snapshot, read where it is not open; None where there is none."""
        with self._lock:
            if self._snapshot != snapshot:
                self._snapshot = snapshot
                self._opened.clear()
            if key in self._opened:
                self._opened.move_to_end(key)
                return self._opened[key]
        opened = read()
        if opened is None:
            return None
        with self._lock:
            if self._snapshot == snapshot:
                self._opened[key] = opened
                while len(self._opened) > 1 and self._turns() > MOST_TURNS:
                    self._opened.popitem(last=False)
        return opened

    def _turns(self) -> int:
        return sum(len(opened.conversation.turns) for opened in self._opened.values())


def _hit(row: SignalRecord) -> SignalHit:
    return SignalHit(
        row.code, signal_title(row.code), row.family, row.strength, row.weight, row.position, mask(row.evidence)
    )
