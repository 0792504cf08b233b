"""A ticket's regression set as checks against new logs: was each of its requests asked again since the fix, and how did it go?

Nothing is sent to a bot. A request counts as asked again where the log of the same bot has one that is nearly the same, by the cosine
of the two; what fails there in the ticket's clusters, or in what these became, fails again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workbench.bench.bench import Bench
from workbench.evidence.conversation_rows import DatedConversation
from workbench.tickets.frozen_evidence import Replay, read_evidence
from workbench.tickets.verification import fixed_at_of, lineage

SAME_REQUEST = 0.9
"""The cosine from which two requests count as the same one; at 0.6 they are about the same thing."""

CheckResult = Literal["holds", "fails again", "fails otherwise", "not asked again", "not in the data"]


@dataclass(frozen=True)
class RegressionCheck:
    """One conversation of a regression set beside the new logs."""

    conversation_id: str
    """Its id, as logged."""
    cluster: str
    """The FC-id that it is in the set for."""
    result: CheckResult
    """What became of its request; the worst where it was asked several times."""
    asked: int
    """How many new conversations ask the same."""
    failing: list[str] = field(default_factory=list)
    """The ids of those that fail again, as logged; where there are none, of those that fail otherwise."""


@dataclass(frozen=True)
class RegressionRun:
    """A ticket's regression set beside the logs that came since."""

    ticket: str
    """Like FIX-0001."""
    since: datetime
    """From when on conversations are new: the fix, else when the ticket was made; naive UTC."""
    checks: list[RegressionCheck]
    """Each conversation of the set, in its order."""

    def count(self, result: CheckResult) -> int:
        """How many checks had this result."""
        return sum(check.result == result for check in self.checks)

    @property
    def passes(self) -> bool:
        """Whether at least one request was asked again and none failed again."""
        return self.count("holds") + self.count("fails otherwise") > 0 and not self.count("fails again")


def run_regression(bench: Bench, ticket: str) -> RegressionRun:
    """Check a ticket's regression set against what was logged since its fix; raises `UserError` where there is no such ticket."""
    current = bench.tickets.get(ticket)
    replays = read_evidence(current.evidence).regression
    bots = {context.bot for context in bench.evidence.contexts([replay.key for replay in replays]).values()}
    rows = [row for bot in sorted(bots) for row in bench.evidence.history(bot)]
    since = fixed_at_of(current, rows) or current.created_at
    new = [row for row in rows if row.started_at is not None and row.started_at >= since]
    if current.fixed_release and not current.fixed_date:
        new = [row for row in new if row.release == current.fixed_release]
    by_key = {row.key: row for row in rows}
    fixed = lineage(bench, current.clusters)
    checks = [_checked(replay, by_key.get(replay.key), new, fixed) for replay in replays]
    ids = {key: context.conversation_id for key, context in bench.evidence.contexts(_failing(checks)).items()}
    return RegressionRun(
        current.ticket,
        since,
        [
            RegressionCheck(
                check.conversation_id,
                check.cluster,
                check.result,
                check.asked,
                [ids.get(key, key) for key in check.failing],
            )
            for check in checks
        ],
    )


def in_words(run: RegressionRun) -> str:
    """What came of a run, in sentences."""
    if not run.checks:
        return f"{run.ticket} has no regression set: its clusters had no failures when it was made."
    lines = [
        f"{run.ticket}: of {len(run.checks)} requests of its regression set, since {run.since:%Y-%m-%d}: "
        f"{run.count('holds')} asked again without failing, {run.count('fails again')} failing again, "
        f"{run.count('fails otherwise')} failing otherwise, {run.count('not asked again')} not asked again"
        + (f", {run.count('not in the data')} no longer in the data." if run.count("not in the data") else ".")
    ]
    lines += [
        f"{check.conversation_id} {check.result}: {', '.join(check.failing)}" for check in run.checks if check.failing
    ]
    return "\n".join(lines)


def _checked(
    replay: Replay, logged: DatedConversation | None, new: Sequence[DatedConversation], fixed: set[str]
) -> RegressionCheck:
    """One check, with the keys of what failed."""
    if logged is None or logged.vector is None:
        return RegressionCheck(replay.conversation_id, replay.cluster, "not in the data", 0)
    vector = logged.vector
    same = [
        row
        for row in new
        if row.key != replay.key and row.vector is not None and float(row.vector @ vector) >= SAME_REQUEST
    ]
    again = [row.key for row in same if row.cluster in fixed and row.failed]
    otherwise = [row.key for row in same if row.failed]
    result: CheckResult = (
        "not asked again" if not same else "fails again" if again else "fails otherwise" if otherwise else "holds"
    )
    return RegressionCheck(replay.conversation_id, replay.cluster, result, len(same), again or otherwise)


def _failing(checks: Sequence[RegressionCheck]) -> list[str]:
    return [key for check in checks for key in check.failing]
