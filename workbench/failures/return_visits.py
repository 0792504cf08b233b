"""Who came back: the same user with a similar request within 72 hours. It needs a pseudonym of the user, times and vectors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from workbench.embedding.vectors import Vectors
from workbench.text.formatting import duration

WITHIN = timedelta(hours=72)
LEAST_ALIKE = 0.6
"""Cosine from which two requests of one user count as the same matter."""
MOST_VISITS = 50
"""Conversations within those hours from which on a name is no one person's ("anonymous", a test machine)."""


class Visit(NamedTuple):
    """One conversation of one bot: its key, its user, when it began and ended (naive UTC)."""

    key: str
    user: str | None
    started_at: datetime | None
    ended_at: datetime | None


def returns(visits: Sequence[Visit], requests: Vectors) -> dict[str, str]:
    """The conversations after which the user came back, by key, with when and how alike in words.

    `requests` has a unit row for each visit, zero where there is no text. Only the next similar visit counts.
    """
    by_user: dict[str, list[int]] = defaultdict(list)
    for i, visit in enumerate(visits):
        if visit.user and visit.started_at and requests[i].any():
            by_user[visit.user].append(i)
    came_back: dict[str, str] = {}
    for rows in by_user.values():
        rows.sort(key=lambda i: (visits[i].started_at or datetime.min, visits[i].key))
        starts = [visits[i].started_at or datetime.min for i in rows]
        if any(later - first <= WITHIN for first, later in zip(starts, starts[MOST_VISITS:], strict=False)):
            continue
        for place, i in enumerate(rows):
            left = visits[i].ended_at or visits[i].started_at or datetime.min
            for j in rows[place + 1 :]:
                after = (visits[j].started_at or datetime.min) - left
                if after > WITHIN:
                    break
                alike = float(requests[i] @ requests[j])
                if after > timedelta(0) and alike >= LEAST_ALIKE:
                    came_back[visits[i].key] = (
                        f"the same user asked for something similar {duration(after.total_seconds())} later (likeness {alike:.2f})"
                    )
                    break
    return came_back
