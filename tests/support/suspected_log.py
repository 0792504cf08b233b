"""A small log in which some fail by the log, some are only suspected, and some are fine."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

_START = datetime(2026, 3, 2, 9)
_WORDS = "carrier parcel depot street evening courier window balcony letter package".split()


def _talk(name: str, asked: str, failed_call: bool, days: int, reward: float | None) -> dict[str, Any]:
    """A conversation in which the bot's one look-up goes well, or comes back with an error of its own words."""
    call = {"id": "c", "name": "track_parcel", "arguments": f'{{"order": "{name}"}}'}
    broken = f"Error: {_WORDS[days % 10]} {_WORDS[days // 10]} unavailable"
    return {
        "conversation_id": name,
        "bot": "shop",
        "model": "m-1",
        "started_at": _START + timedelta(days=days),
        "reward": reward,
        "messages": [
            {"role": "user", "content": asked},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "content": broken if failed_call else '{"status": "ok"}', "tool_call_id": "c"},
            {"role": "assistant", "content": f"It is on its way, says order {name}."},
        ],
    }


def suspected_log() -> list[dict[str, Any]]:
    """23 conversations of one bot: 7 that fail, 8 that are suspected by a single tool error, 2 that erred and went well, 6 that are fine."""
    return [
        *(_talk(f"lost-{n}", "my parcel never arrived, where is it", False, n, 0.0) for n in range(4)),
        *(_talk(f"held-{n}", "my parcel never arrived, where is it", True, 4 + n, None) for n in range(3)),
        *(
            _talk(f"shoes-{n}", "please refund the shoes, they are too small for me", True, 10 + n, None)
            for n in range(5)
        ),
        *(
            _talk(f"known-{n}", "change the delivery address to Main Street", True, 20 + n, float(n > 2))
            for n in range(5)
        ),
        *(_talk(f"fine-{n}", "what are your opening hours on Sunday", False, 30 + n, None) for n in range(6)),
    ]
