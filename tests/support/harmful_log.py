"""A shop whose bot refunds: rightly, wrongly with thanks, wrongly with a complaint, and twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.support.health_logs import MONDAY, build
from workbench.bench.bench import Bench


def harmful(folder: Path) -> Bench:
    """Eighteen refunds: twelve right ones; of the wrong ones four were thanked for, one was complained of, one was made twice."""
    rows = [
        *(_refund(f"fine-{n}", n, 1.0, "Thanks, bye") for n in range(12)),
        *(_refund(f"refund-{n}", 12 + n, 0.0, "Thanks, that is all") for n in range(4)),
        _refund("angry", 16, 0.0, "This is wrong, I never asked for that, unacceptable"),
        _refund("twice", 17, None, "Thank you, ann@example.org will tell.", times=2),
    ]
    return build(folder, rows)


def _refund(name: str, n: int, reward: float | None, last: str, times: int = 1) -> dict[str, Any]:
    turns: list[dict[str, Any]] = [{"role": "user", "content": f"Please refund order {n}, the shoes are too small"}]
    for time in range(times):
        call = {"id": f"call-{time}", "name": "refund_order", "arguments": f'{{"order": "{n}"}}'}
        turns += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "content": '{"status": "ok"}', "tool_call_id": f"call-{time}"},
        ]
    turns += [{"role": "assistant", "content": "Your refund is on its way."}, {"role": "user", "content": last}]
    started = MONDAY + timedelta(hours=n)
    return {
        "conversation_id": name,
        "bot": "shop",
        "model": "m-1",
        "started_at": started,
        "reward": reward,
        "messages": turns,
    }
