"""Rows to export."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from workbench.bench.failure_rows import FailureRow

FAILURE = FailureRow(
    conversation_id="000123",
    bot="airline",
    started_at=datetime(2025, 8, 1, 16, 20, 44, 321269),
    week="2025-W31",
    release=None,
    outcome="failed",
    failing_turn=0,
    signals=["tool.error", "user.repeat"],
    signature="get_user_details → error",
    score=1.5,
    theme=None,
    cluster="FC-0007",
    cluster_name="refund, cancel: carries out cancel_reservation (8/10)",
    strand=None,
    root_cause=None,
    root_cause_source=None,
    severity=None,
    status="new",
    owner=None,
    ticket=None,
    ticket_key=None,
    request_excerpt='I said "now",\nplease',
    reply_excerpt="",
    link=None,
)


def with_request(text: str) -> FailureRow:
    return replace(FAILURE, request_excerpt=text)
