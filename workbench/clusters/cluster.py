"""A cluster of one bot's failures as the build makes it, with what is said of it: the one shape between a group and its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from workbench.clusters.naming import Name
from workbench.clusters.strands import Strands
from workbench.embedding.vectors import Vectors
from workbench.stats import wilson


@dataclass(frozen=True)
class Week:
    """Failures of a cluster among its eligible conversations in one ISO week."""

    week: str
    """The ISO week, like 2026-W05."""
    eligible: int
    """Eligible conversations that began in it."""
    failures: int
    """Members among them."""


@dataclass(frozen=True)
class SharedFact:
    """What members have in common."""

    text: str
    """The fact in words."""
    count: int
    """Members that show it."""
    base_rate: float | None
    """Its share among all other conversations of the bot; None where there are none."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """A cluster of one bot. Rows are those of the bot's cases, counted from 0."""

    bot: str
    """The bot whose failures they are."""
    kind: str
    """mechanical or topical."""
    mechanical_key: str | None
    """What all members of a mechanical cluster share."""
    name: Name
    """What it is called, with its keywords."""
    keys: list[str]
    """The members' conversation keys."""
    members: list[int]
    """The members' rows, failing and suspected ones, in the order of `keys`."""
    passages: Vectors
    """Each member's passage as a unit vector, (members, d)."""
    centroid: Vectors
    """The mean passage as a unit vector, (d,)."""
    similarity: list[float]
    """Each member's cosine to the centroid."""
    medoid: int
    """The row most typical of it."""
    examples: list[int]
    """Up to three rows to read first: the medoid, and typical ones far from it."""
    eligible: list[int]
    """Rows of the conversations with a similar request (for a mechanical cluster: all), leave one out."""
    failures: int
    """Failing members among the eligible."""
    excess: float | None
    """Its rate less the failure rate of the bot's other conversations that went the same way; None without either."""
    facts: list[SharedFact]
    """What at least a third of the members share, the most distinctive first."""
    severity: str | None
    """The commonest severity that is suggested for its members."""
    signature: str
    """How its members went, for people."""
    weeks: list[Week]
    """Counts by the week of the event, oldest first."""
    trend: str | None
    """new, rising, falling or flat; None without times."""
    change: tuple[float, float]
    """z and p of the last complete week against the four before."""
    first_seen: datetime | None
    """When its first failing member began; where none fails its first member."""
    last_seen: datetime | None
    """When the last of these began."""
    strands: Strands = field(default_factory=Strands)
    """Its parts along the other axis."""
    theme: str | None = None
    """The group of clusters that it is shown in."""
    id: str = ""
    """Its id for life, like FC-0007; empty until the register gave it one."""
    suspected: list[int] = field(default_factory=list)
    """The rows of those members that are only suspected: no figure above counts them, unless no member fails."""

    @property
    def failing(self) -> list[int]:
        """The rows of the failing members, in the order of `members`."""
        suspected = set(self.suspected)
        return [row for row in self.members if row not in suspected]

    @property
    def rate(self) -> tuple[float, float, float] | None:
        """Rate and its 95 % Wilson bounds; None where there is nothing to compare with, or no member fails."""
        if not self.eligible or not self.failing:
            return None
        return (self.failures / len(self.eligible), *wilson(self.failures, len(self.eligible)))
