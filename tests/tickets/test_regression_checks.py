"""A ticket's regression set beside the logs that came since its fix."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from typing import Any

import pytest

from tests.support.scorecards import build
from workbench.bench.bench import Bench
from workbench.tickets import tickets
from workbench.tickets.regression_checks import RegressionRun, in_words, run_regression

FIXED = date(2026, 4, 1)


def row(name: str, day: datetime, request: str, failed: bool, reply: str = "") -> dict[str, Any]:
    """A conversation of one request and one reply."""
    messages = [
        {"role": "user", "content": request},
        {"role": "assistant", "content": reply if failed else "It is done."},
    ]
    return {
        "conversation_id": name,
        "bot": "shop",
        "started_at": day,
        "reward": 0.0 if failed else 1.0,
        "messages": messages,
    }


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Four requests with an empty reply before 1 April; after it one goes well, one fails again, one otherwise, one never comes."""
    before, after = datetime(2026, 3, 2), datetime(2026, 4, 6)
    asked = {name: f"please {name} my parcel {name} today" for name in ("refund", "track", "stop", "wrap")}
    rows = [row(f"old {name}", before, request, failed=True) for name, request in asked.items()]
    rows += [
        row("new refund", after, asked["refund"], failed=False),
        row("new track", after, asked["track"], failed=True),
        row("new track 2", after, asked["track"], failed=False),
        row("new stop", after, asked["stop"], failed=True, reply="I can't do that."),
        row("new other", after, "where is the nearest shop", failed=False),
    ]
    with closing(build(tmp_path_factory.mktemp("checks") / "store", rows)) as opened:
        yield opened


def checked(bench: Bench) -> RegressionRun:
    """The run for a ticket of the empty replies, fixed on 1 April."""
    cluster = next(cluster.cluster for cluster in bench.clusters() if "empty reply" in cluster.name)
    made = tickets.create(bench, tickets.draft(bench, [cluster]))
    tickets.fix(bench, made.ticket, day=FIXED)
    return run_regression(bench, made.ticket)


def test_each_request_of_the_set_is_told_by_how_it_went_since_the_fix(bench: Bench) -> None:
    run = checked(bench)
    assert {
        check.conversation_id: (check.result, check.asked, check.failing)
        for check in run.checks
        if check.conversation_id != "new track"
    } == {
        "old refund": ("holds", 1, []),
        "old track": ("fails again", 2, ["new track"]),
        "old stop": ("fails otherwise", 1, ["new stop"]),
        "old wrap": ("not asked again", 0, []),
    }
    assert not run.passes
    assert "old track fails again: new track" in in_words(run)
