"""A small literal log in the chat layout."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

MESSAGE = pa.struct(
    [
        ("role", pa.string()),
        ("content", pa.string()),
        ("name", pa.string()),
        ("tool_calls", pa.list_(pa.struct([("id", pa.string()), ("name", pa.string()), ("arguments", pa.string())]))),
        ("tool_call_id", pa.string()),
    ]
)


CHAT = pa.schema(
    [
        ("conversation_id", pa.string()),
        ("bot", pa.string()),
        ("model", pa.string()),
        ("started_at", pa.timestamp("us", tz="UTC")),
        ("outcome", pa.string()),
        ("reward", pa.float64()),
        ("messages", pa.list_(MESSAGE)),
    ]
)


_FAILING = [
    ("my parcel {n} never arrived, where is it", "track_parcel", "I am afraid I can't find that parcel."),
    ("please refund order {n}, the shoes are too small", "refund_order", "Your refund is on its way."),
    ("change the delivery address of order {n} to Main Street", "change_address", "The address is changed."),
]


def write_chat(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """A chat-layout Parquet file with these rows."""
    pq.write_table(pa.Table.from_pylist(list(rows), schema=CHAT), path)
    return path


def small_log() -> list[dict[str, Any]]:
    """48 conversations of one bot over six weeks: three topics that fail, three mechanical empty replies, many that work."""
    start = datetime(2026, 3, 2, 9)
    rows = []
    for n in range(48):
        text, tool, reply = _FAILING[n % 3]
        fails, silent = n % 2 == 0, n in (0, 9, 21)
        call = {"id": f"call-{n}", "name": tool, "arguments": f'{{"order": "{n:04d}"}}'}
        rows.append(
            {
                "conversation_id": f"conv-{n:03d}",
                "bot": "shop",
                "model": "m-2" if n > 24 else "m-1",
                "started_at": start + timedelta(hours=21 * n),
                "outcome": None,
                "reward": None if silent else (0.0 if fails else 1.0),
                "messages": [
                    {"role": "user", "content": text.format(n=n)},
                    {"role": "assistant", "content": None, "tool_calls": [call]},
                    {"role": "tool", "content": '{"status": "ok"}', "tool_call_id": f"call-{n}"},
                    {"role": "assistant", "content": "" if silent else reply},
                ],
            }
        )
    return rows
