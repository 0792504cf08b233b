"""A row of the ranked list."""

from __future__ import annotations

from dataclasses import replace

from workbench.bench.cluster_rows import ClusterRow


def row(cluster: str, size: int, **changes: object) -> ClusterRow:
    """A cluster of the bot "shop" that nobody has looked at and that shows no trend."""
    base = ClusterRow(
        cluster=cluster, kind="topical", name="refund, shoes: mixed outcomes", keywords=["refund", "shoes"],
        sentence="please refund my shoes", theme=None, bot="shop", size=size, failures=size, eligible=4 * size,
        failure_rate=0.25, rate_low=0.2, rate_high=0.3, excess=0.1, trend="flat", escalating=False, status="new",
        severity=None, severity_source=None, signature="", root_cause=None, root_cause_source=None, owner=None,
        first_seen=None, last_seen=None, examples=[], recent=size, priority=size,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]
