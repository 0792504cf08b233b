"""Which conversations a fix is judged by: before and after it by event time, settled, and with the mix of requests of before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from workbench.evidence.conversation_rows import DatedConversation
from workbench.tickets.fix_rule import LEAST_BEFORE, Period

_LATE = 0.01
"""The share of latecomers from which on a log is taken to be one that settles late."""

_LONGEST = timedelta(days=28)
"""The longest time that is waited for latecomers."""

_DAY = 86_400_000_000
"""A day's microseconds."""

_KINDS = 6
"""The most kinds of request that the mix is counted in."""

_FAILURES_A_KIND = 5
"""Failures before the fix that a kind of request should have, on average."""

_DRAWN = 2
"""Failures that the overall rate counts for beside those of a kind of request."""

_SEEN = 2_000
"""Requests by which the kinds are told apart; the others are put to the nearest."""


@dataclass(frozen=True)
class Exposure:
    """The two periods of a fix."""

    before: Period
    """From the first failure to the fix; where older releases ran beside the fixed one long enough, theirs since then."""
    after: Period
    """From the fix to the last conversation that the logs hold completely."""
    side_by_side: bool
    """Whether both periods are one time, in which older releases ran beside the fixed one."""
    unsettled: int
    """Conversations after the fix that are too recent to count, as this log's failures come in late."""
    undated: int
    """Eligible conversations without a time, which can't be counted."""


def exposure(
    rows: Sequence[DatedConversation],
    failing: Callable[[DatedConversation], bool],
    fixed_at: datetime | None,
    fixed_release: str | None,
    since: datetime | None = None,
) -> Exposure:
    """The periods before and after a fix among eligible conversations.

    `failing` says which failed in the cluster's way, `fixed_at` when the fix took hold (None: not yet). `since` leaves out what
    came after the fix up to that time, for a fix that came back and is judged anew.
    """
    dated = sorted(((row.started_at, row) for row in rows if row.started_at), key=lambda pair: pair[0])
    undated = len(rows) - len(dated)
    onset = next((at for at, row in dated if failing(row)), None)
    earlier = [row for at, row in dated if (fixed_at is None or at < fixed_at) and onset and at >= onset]
    if fixed_at is None or not dated:
        return Exposure(
            _period(earlier, onset, fixed_at, failing), _period([], fixed_at, None, failing), False, 0, undated
        )
    start = max(fixed_at, since) if since else fixed_at
    older = {row.release for row in earlier} - {fixed_release} if fixed_release else set()
    later = [(at, row) for at, row in dated if at >= start and (since is None or at > since)]
    settled = dated[-1][0] - settling([row for _, row in dated])
    counted = [row for at, row in later if at <= settled]
    after = [row for row in counted if row.release not in older]
    beside = [row for row in counted if row.release in older]
    side_by_side = sum(map(failing, beside)) >= LEAST_BEFORE
    before = beside if side_by_side else earlier
    unsettled = sum(row.release not in older for at, row in later if at > settled)
    return Exposure(
        _period(before, start if side_by_side else onset, None if side_by_side else fixed_at, failing),
        _period(after, start, after[-1].started_at if after else None, failing, standardised(before, after, failing)),
        side_by_side,
        unsettled,
        undated,
    )


def settling(rows: Sequence[DatedConversation]) -> timedelta:
    """How long it takes until the logs of a time are complete; `rows` have times.

    A latecomer came with a later import than another conversation of its day. Zero where fewer than one in a hundred are late,
    else the time by which 95 % of the latecomers were there, counted to the last event of their import, at most four weeks.
    """
    if not rows:
        return timedelta()
    names, imports = np.unique([row.import_id for row in rows], return_inverse=True)
    moments = np.array([row.started_at for row in rows], "datetime64[us]").astype(np.int64)
    through = np.full(len(names), np.iinfo(np.int64).min)
    np.maximum.at(through, imports, moments)
    days, day = np.unique(moments // _DAY, return_inverse=True)
    first = np.full(len(days), len(names))
    np.minimum.at(first, day, imports)
    earliest = first[day]
    is_late = (imports != earliest) & (moments < through[earliest])
    late = (through[imports] - moments)[is_late] / 1e6
    if len(late) < _LATE * len(rows):
        return timedelta()
    return min(timedelta(seconds=float(np.percentile(late, 95))), _LONGEST)


def standardised(
    before: Sequence[DatedConversation],
    after: Sequence[DatedConversation],
    failing: Callable[[DatedConversation], bool],
) -> float | None:
    """As how many conversations with the mix of requests of `before` those of `after` count; None where the mix can't be told.

    Requests are of so many kinds as have about five failures each (k-means over their vectors).
    """
    kinds = min(_KINDS, sum(map(failing, before)) // _FAILURES_A_KIND)
    both = [*before, *after]
    if kinds < 2 or not after or any(row.vector is None for row in both):
        return None
    kind = _kinds(np.asarray([row.vector for row in both], np.float32), kinds)
    failed = np.array([failing(row) for row in before])
    return standard_exposure(failed, kind[: len(before)], kind[len(before) :])


def standard_exposure(failed: NDArray[np.bool_], was: NDArray[np.intp], now: NDArray[np.intp]) -> float:
    """The requests of kinds `now`, (m,), as a number of requests of the mix `was`, (n,), of which some `failed`, (n,).

    A request of a kind that failed twice as often before counts as two (indirect standardisation: Breslow and Day, "Statistical
    methods in cancer research", II, 2). A kind's rate is drawn towards the overall one, which counts for two failures.
    """
    kinds = int(max(was.max(), now.max())) + 1
    overall = failed.mean()
    total = np.bincount(was, minlength=kinds)
    rates = (np.bincount(was, weights=failed, minlength=kinds) + _DRAWN) / (total + _DRAWN / overall)
    return float(rates[now].sum() / rates[was].mean())


def _kinds(vectors: NDArray[np.float32], kinds: int) -> NDArray[np.intp]:
    """Of each request its kind, (n,); the same for the same requests."""
    from sklearn.cluster import KMeans

    step = max(1, len(vectors) // _SEEN)
    model = KMeans(kinds, n_init=1, random_state=0).fit(vectors[::step])
    kind: NDArray[np.intp] = model.predict(vectors)
    return kind


def _period(
    rows: Sequence[DatedConversation],
    start: datetime | None,
    end: datetime | None,
    failing: Callable[[DatedConversation], bool],
    exposed: float | None = None,
) -> Period:
    return Period(start, end, len(rows), sum(map(failing, rows)), sum(row.failed for row in rows), exposed)
