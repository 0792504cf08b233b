"""What the conversations of one bot show, as columns: a year of them as objects would take seconds and gigabytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.failures.signals.observation import Hashes, Observation, hashes

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Observations:
    """The observations of one bot's conversations: of each field of `Observation` a column, in one order."""

    keys: Sequence[str]
    """The conversations."""
    content_hashes: Sequence[str]
    """What stands for everything that was logged of each."""
    users: Sequence[str | None]
    """The pseudonyms of the users."""
    started_at: Times
    """When each began, microseconds; NaT where the log doesn't say."""
    ended_at: Times
    """When each ended."""
    turns: Numbers
    """The number of turns."""
    waits: Sequence[bytes]
    """How long the replies took, packed."""
    slowest: Floats
    """The longest of these waits in seconds; NaN where there is none."""
    feedback_scores: Floats
    """The scores that users gave; NaN where there is none."""
    has_documents: npt.NDArray[np.bool_]
    """Whether the bot was given documents."""
    tools: Sequence[Sequence[str]]
    """The tools that the bot called, each once."""
    sentences: Sequence[bytes]
    """The users' sentences, packed, in rising order of their hashes."""
    beginnings: Sequence[bytes]
    """Eight bytes a turn."""
    before_last_reply: Numbers
    """The number of turns before the bot's last reply."""
    agreed: Numbers
    """The changes before which the user agreed to something."""
    unasked: Numbers
    """The changes before which the user did not."""
    named: Sequence[Sequence[str]]
    """The arguments of changes, once for each id that user or bot had named before."""
    shown: Sequence[Sequence[str]]
    """Those for each id that only a result had shown."""
    unsourced: Sequence[Sequence[str]]
    """Those for each id that stood nowhere before."""

    @classmethod
    def of(cls, rows: Sequence[Observation]) -> Observations:
        """The same observations as columns."""
        return cls(
            [row.key for row in rows],
            [row.content_hash for row in rows],
            [row.user_id for row in rows],
            np.array([row.started_at for row in rows], "datetime64[us]"),
            np.array([row.ended_at for row in rows], "datetime64[us]"),
            np.array([row.turns for row in rows], np.int64),
            [row.waits for row in rows],
            np.array([row.slowest for row in rows], np.float64),
            np.array([row.feedback_score for row in rows], np.float64),
            np.array([row.has_documents for row in rows], np.bool_),
            [row.tools for row in rows],
            [row.sentences for row in rows],
            [row.beginnings for row in rows],
            np.array([row.before_last_reply for row in rows], np.int64),
            np.array([row.agreed for row in rows], np.int64),
            np.array([row.unasked for row in rows], np.int64),
            [row.named for row in rows],
            [row.shown for row in rows],
            [row.unsourced for row in rows],
        )

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def all_sentences(self) -> Hashes:
        """The packed sentences of all, one conversation's after another's."""
        return hashes(self.sentences)

    @cached_property
    def sentence_ends(self) -> Numbers:
        """Where the sentences of each conversation end among `all_sentences`."""
        return np.cumsum([len(packed) // 8 for packed in self.sentences], dtype=np.int64)

    def observed(self, row: int, bot: str) -> Observation:
        """One of them as an object."""
        started_at, ended_at, turns, slowest, score, has_documents, before_last_reply, agreed, unasked = self._plain[
            row
        ]
        return Observation(
            self.keys[row],
            self.content_hashes[row],
            bot,
            self.users[row],
            started_at,
            ended_at,
            turns,
            self.waits[row],
            None if slowest != slowest else slowest,  # NaN alone is not itself
            None if score != score else score,
            has_documents,
            tuple(self.tools[row]),
            self.sentences[row],
            self.beginnings[row],
            before_last_reply,
            agreed,
            unasked,
            tuple(self.named[row]),
            tuple(self.shown[row]),
            tuple(self.unsourced[row]),
        )

    @cached_property
    def _plain(self) -> list[tuple[Any, ...]]:
        """Of each row what numpy holds, as values of Python: one by one that takes many times as long."""
        columns = (
            self.started_at,
            self.ended_at,
            self.turns,
            self.slowest,
            self.feedback_scores,
            self.has_documents,
            self.before_last_reply,
            self.agreed,
            self.unasked,
        )
        return list(zip(*(column.tolist() for column in columns), strict=True))
