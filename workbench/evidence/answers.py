"""What a snapshot answered, kept while it is asked for: a snapshot never changes, so the same question has the same answer."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from typing import TypeVar, cast

T = TypeVar("T")

KEPT_BYTES = 256 << 20
"""What all answers that are kept take together, about; of more, those asked for longest ago go."""
_CELL_BYTES = 64
"""What a value of an answer takes as an object of Python, about."""


class Answers:
    """The answers of one snapshot. Safe for threads; two that ask the same at once both get an answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, tuple[object, int]] = OrderedDict()
        self._bytes = 0

    def get(self, question: bytes | None, ask: Callable[[], T], size: Callable[[T], int]) -> T:
        """The answer to a question, asked anew where it is not kept; `size` gives the bytes of one. Without a question nothing is kept."""
        if question is None:
            return ask()
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
                return cast(T, self._kept[question][0])  # a question names the type of its answer
        answer = ask()
        self._keep(question, answer, size(answer))
        return answer

    def _keep(self, question: bytes, answer: object, size: int) -> None:
        if size > KEPT_BYTES // 2:
            return
        with self._lock:
            self._bytes += size - self._kept.pop(question, (None, 0))[1]
            self._kept[question] = answer, size
            while self._bytes > KEPT_BYTES:
                self._bytes -= self._kept.popitem(last=False)[1][1]


def question(kind: str, sql: str, values: object) -> bytes | None:
    """16 bytes that stand for a query with its bound values; None where those are not plain values."""
    try:
        text = json.dumps([kind, sql, values], default=_dated)
    except TypeError:
        return None
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def cells(rows: int, columns: int) -> int:
    """The bytes of so many values, about."""
    return rows * columns * _CELL_BYTES


def _dated(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no plain value")
