"""Labels counted: which causes, how severe, of which bot and week, and how much of it somebody read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.bench.failure_rows import LabelRow
from workbench.judgement.taxonomy import SEVERITIES

NO_CAUSE = "no cause yet"
"""Stands for the code of what carries a severity or a note alone."""
NO_SEVERITY = "none"
"""Stands for the severity of what carries none."""
NO_WEEK = "no time"
"""Stands for the week of what the log gives no time."""


@dataclass(frozen=True)
class LabelFilter:
    """Which labels are asked for, beside the filter of the conversations; an empty tuple means all."""

    cause: tuple[str, ...] = ()
    """Codes of causes and dispositions."""
    severity: tuple[str, ...] = ()
    """S1 to S4."""
    person: tuple[str, ...] = ()
    """Who said the cause."""

    def passes(self, row: LabelRow) -> bool:
        """Whether a label is one of them."""
        asked = ((self.cause, code(row)), (self.severity, row.severity or ""), (self.person, row.labelled_by or ""))
        return all(not wanted or value in wanted for wanted, value in asked)


@dataclass(frozen=True)
class LabelCount:
    """How often a cause was said, in all and by some part of it."""

    code: str
    """The cause's or the disposition's; `NO_CAUSE` without one."""
    bot: str
    """The bot, as logged; empty for all."""
    labelled: int
    """Conversations that carry it."""
    read: int
    """Those of them that somebody read: labelled themselves, or with a reader's verdict. The rest has it from its cluster."""
    parts: dict[str, int]
    """Conversations by severity or by week, in the order of the columns; a part without any is absent."""

    @property
    def share_read(self) -> float:
        """The share of 1 that somebody read."""
        return self.read / self.labelled


def code(row: LabelRow) -> str:
    """What a label says it is."""
    return row.root_cause or row.disposition or NO_CAUSE


def by_severity(rows: Sequence[LabelRow]) -> list[LabelCount]:
    """Cause × severity, the most frequent cause first."""
    return _counted(rows, lambda row: (code(row), ""), lambda row: row.severity or NO_SEVERITY)


def by_week(rows: Sequence[LabelRow]) -> list[LabelCount]:
    """Cause × bot × week of the conversation, the most frequent first."""
    return _counted(rows, lambda row: (code(row), row.bot), lambda row: row.week or NO_WEEK)


def severities(counts: Sequence[LabelCount]) -> list[str]:
    """The columns of `by_severity`: all of S1 to S4, and `NO_SEVERITY` where some carry none."""
    without = any(NO_SEVERITY in count.parts for count in counts)
    return [*SEVERITIES, *([NO_SEVERITY] if without else [])]


def weeks(counts: Sequence[LabelCount]) -> list[str]:
    """The columns of `by_week`: the weeks that there are, the oldest first."""
    return sorted({week for count in counts for week in count.parts})


def people(rows: Sequence[LabelRow]) -> list[str]:
    """Who said something, by name."""
    return sorted({row.labelled_by for row in rows if row.labelled_by})


def _counted(
    rows: Sequence[LabelRow], group: Callable[[LabelRow], tuple[str, str]], part: Callable[[LabelRow], str]
) -> list[LabelCount]:
    groups: dict[tuple[str, str], list[LabelRow]] = {}
    for row in rows:
        groups.setdefault(group(row), []).append(row)
    counts = [
        LabelCount(
            cause, bot, len(members), sum(map(_read, members)), dict(sorted(Counter(map(part, members)).items()))
        )
        for (cause, bot), members in groups.items()
    ]
    return sorted(counts, key=lambda count: (-count.labelled, count.code, count.bot))


def _read(row: LabelRow) -> bool:
    return row.said_of == "conversation" or bool(row.read_by)
