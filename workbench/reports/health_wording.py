"""A bot's health in words and rows: for the page, the terminal and downloads."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from workbench.logs.gaps import lacks
from workbench.reports.health import Counts, Drift, Health, HealthWeekRow, Release, ReleaseRow, Share
from workbench.text.escaping import visible
from workbench.text.formatting import count, day, interval, percent

COUNTED = "Correlation, not cause: traffic may differ between releases, in what is asked and by whom."


def told(counts: Counts) -> str:
    """How a bot's conversations went, in sentences; what is not known is said to be unknown."""
    said = [
        f"{counts.failures:,} of {counts.judged:,} fail."
        if counts.judged
        else "None of them was analysed yet, so nothing says which fail."
    ]
    if counts.judged and counts.logged < counts.judged:
        said.append(
            "The log says of none whether it failed: only what signals find counts, and what they miss looks fine."
            if not counts.logged
            else f"Of {counts.judged - counts.logged:,} the log does not say whether they failed: there only what signals find counts."
        )
    if not counts.known:
        said.append("How they ended is unknown: nothing in the log says it, so containment is unknown, too.")
    else:
        unknown = counts.unknown.hits
        said.append(f"Of {counts.known:,} known outcomes {counts.contained:,} are contained;")
        said.append(f"{count(unknown, 'is', 'are')} unknown and left out." if unknown else "none is unknown.")
        if counts.derived:
            said.append(
                f"{count(counts.derived, 'of the known ones is', 'of the known ones are')} derived, not logged."
                if counts.derived < counts.known
                else "All of them are derived, none is logged."
            )
    return " ".join(said)


def blind(found: Health) -> str:
    """What no conversation of a bot has, in a sentence; empty where each thing is there somewhere."""
    titles = [lack.gap.title.lower() for lack in lacks(found.without) if lack.share == 1]
    return f"No conversation has: {', '.join(titles)}. What that hides is said at the end." if titles else ""


def named(release: str | None) -> str:
    """A release as it is shown."""
    return visible(release) if release else "not logged"


def unlike(drifted: Drift) -> str:
    """Which weeks stand out, in a sentence."""
    if not drifted.told:
        return "Too few requests to tell whether what is asked drifts."
    if not drifted.flagged:
        return f"Of {count(len(drifted.told), 'week')} that can be told none stands out: what is asked is like what was asked before."
    said = [f"{one.week} ({percent(one.share)}, {interval(*one.bounds)})" for one in drifted.flagged]
    return f"Unlike the four weeks before: {'; '.join(said)}."


def in_words(found: Health, drifted: Drift) -> str:
    """A bot's health in lines for a terminal, without its tables."""
    gaps = [f"{one.gap.title} ({percent(one.share)} without): {one.blind}" for one in lacks(found.without, found.roles)]
    lines = [f"{found.bot}: {told(found.total)}", "" if found.weeks else "The log has no times: no weeks, no drift."]
    lines += [unlike(drifted) if found.weeks else "", COUNTED if found.named else "The log names no release."]
    return visible("\n".join([line for line in lines if line] + ["What its log lacks:"] * bool(gaps) + gaps))


COLUMNS = ("conversations", "failing", "contained", "outcome unknown", "rated badly")
WEEK_COLUMNS = ("week", *COLUMNS, "requests unlike")
RELEASE_COLUMNS = ("release", "first seen", *COLUMNS, "against the one before")


def cells(counts: Counts) -> tuple[str, ...]:
    """The `COLUMNS` of a table on a terminal."""
    return (
        f"{counts.conversations:,}",
        _share(counts.failing),
        _share(counts.containment),
        percent(counts.unknown.value),
        _share(counts.disliked),
    )


def week_cells(found: Health, drifted: Drift) -> list[tuple[str, ...]]:
    """The `WEEK_COLUMNS`, a row a week."""
    drifts = {one.week: f"{percent(one.share)} ({interval(*one.bounds)})" for one in drifted.told}
    return [
        (one.week + (" (incomplete)" if one.incomplete else ""), *cells(one.counts), drifts.get(one.week, ""))
        for one in found.weeks
    ]


def release_cells(found: Health) -> list[tuple[str, ...]]:
    """The `RELEASE_COLUMNS`, a row a release."""
    return [(named(one.release), day(one.first_seen), *cells(one.counts), _tested(one)) for one in found.releases]


def change(one: Release) -> str:
    """How a release's failing share differs from the one before it, like "+8.0 points"; empty where it can't be told."""
    return "" if one.change is None else f"{100 * one.change:+.1f} points".replace("-", "−")


def _tested(one: Release) -> str:
    return change(one) + ", beyond chance" * one.stands


def _share(share: Share) -> str:
    return "unknown" if share.value is None else f"{percent(share.value)} ({interval(*share.bounds)})"


def week_rows(found: Health, drifted: Drift | None = None) -> list[HealthWeekRow]:
    """A bot's weeks as they are downloaded."""
    drifts = {week.week: week for week in drifted.told} if drifted else {}
    return [
        HealthWeekRow(
            bot=found.bot,
            week=one.week,
            incomplete=one.incomplete,
            **_columns(one.counts),
            requests_compared=drifts[one.week].compared if one.week in drifts else None,
            requests_unlike=drifts[one.week].unlike if one.week in drifts else None,
            unlike_low=drifts[one.week].bounds[0] if one.week in drifts else None,
            unlike_high=drifts[one.week].bounds[1] if one.week in drifts else None,
            drifts=drifts[one.week].flagged if one.week in drifts else None,
        )
        for one in found.weeks
    ]


def release_rows(found: Health) -> list[ReleaseRow]:
    """A bot's releases as they are downloaded."""
    return [
        ReleaseRow(
            bot=found.bot,
            release=one.release,
            first_seen=one.first_seen,
            last_seen=one.last_seen,
            **_columns(one.counts),
            before=one.before,
            change=one.change,
            p=one.p,
            stands=one.stands if one.change is not None else None,
        )
        for one in found.releases
    ]


def as_json(found: Health, drifted: Drift) -> dict[str, Any]:
    """All of it as one object: the totals, a row a week and a release as they are downloaded, examples, and what the log lacks."""
    return {
        "bot": found.bot,
        **_columns(found.total),
        "outcomes_unknown": found.total.unknown.hits,
        "weeks": [asdict(row) for row in week_rows(found, drifted)],
        "releases": [asdict(row) for row in release_rows(found)],
        "unlike": {week: [asdict(one) for one in examples] for week, examples in drifted.examples.items()},
        "requests_compared": drifted.compared,
        "requests": drifted.requests,
        "lacks": [
            {"title": one.gap.title, "share": one.share, "blind": one.blind, "silent": list(one.silent)}
            for one in lacks(found.without, found.roles)
        ],
    }


def _columns(counts: Counts) -> dict[str, Any]:
    return {
        "conversations": counts.conversations,
        "failures": counts.failures if counts.judged else None,
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
