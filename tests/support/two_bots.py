"""Two bots that fail alike, in one of which the fix was verified."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.support.health_logs import build
from tests.support.small_log import small_log
from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.judgement.records.tickets import FixFigures
from workbench.tickets import tickets


def two_bots(folder: Path) -> Bench:
    """The small log of the shop, and the same of the desk; nobody said anything yet."""
    return build(folder, [row | {"bot": bot} for bot in ("shop", "desk") for row in small_log()])


def alike(bench: Bench) -> tuple[ClusterRow, ClusterRow]:
    """The largest cluster of the shop, and of the desk, both labelled as a tool's fault."""
    rows = [
        max((row for row in bench.clusters() if row.bot == bot), key=lambda row: row.size) for bot in ("shop", "desk")
    ]
    for row in rows:
        bench.label(row.cluster, cause="tool-fault")
    shop, desk = (next(row for row in bench.clusters() if row.cluster == each.cluster) for each in rows)
    return shop, desk


def mended(bench: Bench, cluster: str, status: str = "verified", remedy: str = "Asks again, at bo@example.com.") -> str:
    """A ticket for a cluster whose fix was judged; its FIX-id."""
    ticket = tickets.create(bench, tickets.draft(bench, [cluster])).ticket
    tickets.fix(bench, ticket, day=date(2026, 4, 1), remedy=remedy)
    figures = FixFigures("fixed", 12, 40, 0, 50, "2026-04-12T00:00:00")
    bench.tickets.set_status(ticket, status, figures=figures)
    return ticket
