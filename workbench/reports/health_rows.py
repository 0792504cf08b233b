"""A bot's weeks and releases as they are downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.reports.health import Counts, Drift, Health


@dataclass(frozen=True)
class HealthWeekRow:
    """One ISO week of a bot as it is downloaded; shares have 95 % bounds (Wilson), None where nothing is known."""

    bot: str
    """The bot, as logged."""
    week: str
    """An ISO week, like 2025-W31."""
    incomplete: bool
    """Whether the log begins or ends within the week."""
    conversations: int
    """How many conversations."""
    failures: int | None
    """How many of them fail."""
    suspected: int | None
    """How many are suspected beside those."""
    failing_share: float | None
    """Failures of those judged."""
    failing_low: float | None
    """Its lower bound."""
    failing_high: float | None
    """Its upper bound."""
    outcomes_known: int
    """Conversations whose outcome is known."""
    outcomes_derived: int
    """Those of them whose outcome is derived, not logged."""
    contained: int | None
    """Those that ended without a transfer, among known outcomes."""
    containment: float | None
    """Their share of known outcomes."""
    containment_low: float | None
    """Its lower bound."""
    containment_high: float | None
    """Its upper bound."""
    rated: int
    """Conversations that a user rated."""
    rated_badly: int | None
    """Those of them rated badly."""
    requests_compared: int | None
    """Requests that were compared with the four weeks before."""
    requests_unlike: int | None
    """Those of them that are unlike."""
    unlike_low: float | None
    """The lower bound of their share."""
    unlike_high: float | None
    """The upper bound."""
    drifts: bool | None
    """Whether the week is flagged."""


@dataclass(frozen=True)
class ReleaseRow:
    """One release of a bot as it is downloaded; `change` is its failing share less that of the release `before` it."""

    bot: str
    """The bot, as logged."""
    release: str | None
    """The release, as logged; None where the log names none."""
    first_seen: datetime | None
    """Its first conversation, naive UTC."""
    last_seen: datetime | None
    """Its last conversation, naive UTC."""
    conversations: int
    """How many conversations."""
    failures: int | None
    """How many of them fail."""
    suspected: int | None
    """How many are suspected beside those."""
    failing_share: float | None
    """Failures of those judged."""
    failing_low: float | None
    """Its lower bound."""
    failing_high: float | None
    """Its upper bound."""
    outcomes_known: int
    """Conversations whose outcome is known."""
    outcomes_derived: int
    """Those of them whose outcome is derived, not logged."""
    contained: int | None
    """Those that ended without a transfer, among known outcomes."""
    containment: float | None
    """Their share of known outcomes."""
    containment_low: float | None
    """Its lower bound."""
    containment_high: float | None
    """Its upper bound."""
    rated: int
    """Conversations that a user rated."""
    rated_badly: int | None
    """Those of them rated badly."""
    before: str | None
    """The release that was first seen before it."""
    change: float | None
    """Its failing share less that one's."""
    p: float | None
    """Of the two-proportion test."""
    stands: bool | None
    """Whether it stands, after Benjamini-Hochberg."""


def week_rows(health: Health, drifted: Drift | None = None) -> list[HealthWeekRow]:
    """A bot's weeks as they are downloaded."""
    drifts = {week.week: week for week in drifted.comparable} if drifted else {}
    return [
        HealthWeekRow(
            bot=health.bot,
            week=week.week,
            incomplete=week.incomplete,
            **figures(week.counts),
            requests_compared=drifts[week.week].compared if week.week in drifts else None,
            requests_unlike=drifts[week.week].unlike if week.week in drifts else None,
            unlike_low=drifts[week.week].bounds[0] if week.week in drifts else None,
            unlike_high=drifts[week.week].bounds[1] if week.week in drifts else None,
            drifts=drifts[week.week].flagged if week.week in drifts else None,
        )
        for week in health.weeks
    ]


def release_rows(health: Health) -> list[ReleaseRow]:
    """A bot's releases as they are downloaded."""
    return [
        ReleaseRow(
            bot=health.bot,
            release=release.release,
            first_seen=release.first_seen,
            last_seen=release.last_seen,
            **figures(release.counts),
            before=release.before,
            change=release.change,
            p=release.p,
            stands=release.stands if release.change is not None else None,
        )
        for release in health.releases
    ]


def figures(counts: Counts) -> dict[str, Any]:
    """Counts and shares by the names of their columns."""
    return {
        "conversations": counts.conversations,
        "failures": counts.failures if counts.judged else None,
        "suspected": counts.suspected if counts.judged else None,
        "failing_share": counts.failing.value,
        "failing_low": counts.failing.bounds[0],
        "failing_high": counts.failing.bounds[1],
        "outcomes_known": counts.known,
        "outcomes_derived": counts.derived,
        "contained": counts.contained if counts.known else None,
        "containment": counts.containment.value,
        "containment_low": counts.containment.bounds[0],
        "containment_high": counts.containment.bounds[1],
        "rated": counts.rated,
        "rated_badly": counts.rated_badly if counts.rated else None,
    }
