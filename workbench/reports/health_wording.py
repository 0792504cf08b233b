"""A bot's health in words and rows: for the page, the terminal and downloads."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from workbench.failures.gaps import blind_signals
from workbench.logs.gaps import lacks
from workbench.reports.health import Counts, Drift, Health, Release
from workbench.reports.health_rows import figures, release_rows, week_rows
from workbench.reports.share import Share
from workbench.text.escaping import visible
from workbench.text.formatting import count, day, interval, percent, signed

COUNTED = "Correlation, not cause: traffic may differ between releases, in what is asked and by whom."


def in_sentences(counts: Counts) -> str:
    """How a bot's conversations went, in sentences; what is not known is said to be unknown."""
    parts = [
        f"{counts.failures:,} of {counts.judged:,} fail."
        if counts.judged
        else "None of them was analysed yet, so nothing says which fail."
    ]
    if counts.suspected:
        parts.append(f"{count(counts.suspected, 'more is suspected', 'more are suspected')}, and counted in no rate.")
    if counts.judged and counts.logged < counts.judged:
        parts.append(
            "The log says of none whether it failed: only what signals find counts, and what they miss looks fine."
            if not counts.logged
            else f"Of {counts.judged - counts.logged:,} the log does not say whether they failed: there only what signals find counts."
        )
    if not counts.known:
        parts.append("How they ended is unknown: nothing in the log says it, so containment is unknown, too.")
    else:
        unknown = counts.unknown.hits
        parts.append(f"Of {counts.known:,} known outcomes {counts.contained:,} are contained;")
        parts.append(f"{count(unknown, 'is', 'are')} unknown and left out." if unknown else "none is unknown.")
        if counts.derived:
            parts.append(
                f"{count(counts.derived, 'of the known ones is', 'of the known ones are')} derived, not logged."
                if counts.derived < counts.known
                else "All of them are derived, none is logged."
            )
    return " ".join(parts)


def blind(health: Health) -> str:
    """What no conversation of a bot has, in a sentence; empty where each thing is there somewhere."""
    titles = [lack.gap.title.lower() for lack in lacks(health.without) if lack.share == 1]
    return f"No conversation has: {', '.join(titles)}. What that hides is said at the end." if titles else ""


def named(release: str | None) -> str:
    """A release as it is shown."""
    return visible(release) if release else "not logged"


def unlike(drifted: Drift) -> str:
    """Which weeks stand out, in a sentence."""
    if not drifted.comparable:
        return "Too few requests to tell whether what is asked drifts."
    if not drifted.flagged:
        return f"Of {count(len(drifted.comparable), 'week')} that can be told none stands out: what is asked is like what was asked before."
    weeks = [f"{week.week} ({percent(week.share)}, {interval(*week.bounds)})" for week in drifted.flagged]
    return f"Unlike the four weeks before: {'; '.join(weeks)}."


def in_words(health: Health, drifted: Drift) -> str:
    """A bot's health in lines for a terminal, without its tables."""
    gaps = [
        f"{lack.gap.title} ({percent(lack.share)} without): {lack.blind}"
        for lack in lacks(health.without, health.roles)
    ]
    lines = [
        f"{health.bot}: {in_sentences(health.total)}",
        "" if health.weeks else "The log has no times: no weeks, no drift.",
    ]
    lines += [unlike(drifted) if health.weeks else "", COUNTED if health.named else "The log names no release."]
    return visible("\n".join([line for line in lines if line] + ["What its log lacks:"] * bool(gaps) + gaps))


COLUMNS = ("conversations", "failing", "suspected", "contained", "outcome unknown", "rated badly")
WEEK_COLUMNS = ("week", *COLUMNS, "requests unlike")
RELEASE_COLUMNS = ("release", "first seen", *COLUMNS, "against the one before")


def cells(counts: Counts) -> tuple[str, ...]:
    """The `COLUMNS` of a table on a terminal."""
    return (
        f"{counts.conversations:,}",
        _share(counts.failing),
        f"{counts.suspected:,}",
        _share(counts.containment),
        percent(counts.unknown.value),
        _share(counts.disliked),
    )


def week_cells(health: Health, drifted: Drift) -> list[tuple[str, ...]]:
    """The `WEEK_COLUMNS`, a row a week."""
    drifts = {drift.week: f"{percent(drift.share)} ({interval(*drift.bounds)})" for drift in drifted.comparable}
    return [
        (week.week + (" (incomplete)" if week.incomplete else ""), *cells(week.counts), drifts.get(week.week, ""))
        for week in health.weeks
    ]


def release_cells(health: Health) -> list[tuple[str, ...]]:
    """The `RELEASE_COLUMNS`, a row a release."""
    return [
        (named(release.release), day(release.first_seen), *cells(release.counts), _tested(release))
        for release in health.releases
    ]


def change(release: Release) -> str:
    """How a release's failing share differs from the one before it, like "+8.0 points"; empty where it can't be told."""
    return "" if release.change is None else f"{signed(100 * release.change)} points"


def _tested(release: Release) -> str:
    return change(release) + ", beyond chance" * release.stands


def _share(share: Share) -> str:
    return "unknown" if share.value is None else f"{percent(share.value)} ({interval(*share.bounds)})"


def as_json(health: Health, drifted: Drift) -> dict[str, Any]:
    """All of it as one object: the totals, a row a week and a release as they are downloaded, examples, and what the log lacks."""
    return {
        "bot": health.bot,
        **figures(health.total),
        "outcomes_unknown": health.total.unknown.hits,
        "weeks": [asdict(row) for row in week_rows(health, drifted)],
        "releases": [asdict(row) for row in release_rows(health)],
        "unlike": {week: [asdict(excerpt) for excerpt in examples] for week, examples in drifted.examples.items()},
        "requests_compared": drifted.compared,
        "requests": drifted.requests,
        "lacks": [
            {"title": lack.gap.title, "share": lack.share, "blind": lack.blind, "silent": list(blind_signals(lack))}
            for lack in lacks(health.without, health.roles)
        ],
    }
