"""The acts of all conversations of one bot as columns: a year of them as objects would take seconds and gigabytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from workbench.conversation.tool_calls import CallKind, repeatable
from workbench.failures.acts import Act

KINDS: tuple[CallKind, ...] = ("read", "write", "handover")
_READ, _WRITE = KINDS.index("read"), KINDS.index("write")


@dataclass(frozen=True, eq=False)
class Courses:
    """What was done in the conversations of one bot, a row an act, in their order within each conversation."""

    count: int
    """How many conversations there are, those without acts among them."""
    rows: NDArray[np.intp]
    """The conversation of each act, rising."""
    names: Sequence[str]
    """The distinct tools."""
    tools: NDArray[np.intp]
    """The tool of each act, a place among `names`."""
    positions: NDArray[np.int64]
    """Its turn."""
    kinds: NDArray[np.intp]
    """What it does, a place among `KINDS`."""
    by_user: NDArray[np.bool_]
    """Whether the user made it."""
    digests: NDArray[np.int64]
    """What stands for tool and arguments of changes."""

    @classmethod
    def of(cls, conversations: Sequence[Sequence[Act]]) -> Courses:
        """The acts of conversations that are given one by one."""
        listed = list(chain.from_iterable(conversations))
        places = {name: place for place, name in enumerate(dict.fromkeys(act.tool for act in listed))}
        return cls(
            len(conversations),
            np.repeat(np.arange(len(conversations)), [len(done) for done in conversations]),
            list(places),
            np.array([places[act.tool] for act in listed], np.intp),
            np.array([act.position for act in listed], np.int64),
            np.array([KINDS.index(act.kind) for act in listed], np.intp),
            np.array([act.by_user for act in listed], np.bool_),
            np.array([act.digest for act in listed], np.int64),
        )

    @cached_property
    def lasting(self) -> NDArray[np.bool_]:
        """Of each act whether it changes something for good: what undoes itself when done twice, like a toggle, does not."""
        undone = np.array([repeatable(name) for name in self.names], np.bool_)
        lasting: NDArray[np.bool_] = self.kinds == _WRITE
        return lasting & ~undone[self.tools] if len(undone) else lasting

    @cached_property
    def deeds(self) -> NDArray[np.bool_]:
        """Of each act whether it is the bot's and more than a look-up: a change or a hand-over."""
        deeds: NDArray[np.bool_] = (self.kinds != _READ) & ~self.by_user
        return deeds
