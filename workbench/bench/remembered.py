"""What was worked out of evidence and judgement, remembered until either changes: the one place for that, with one rule.

A result is of one version, which changes with the snapshot, with every act of judgement and with the day. What is remembered
is shared by all pages and people, so nobody may change it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

T = TypeVar("T")

MOST = 96
"""Results that are remembered; of more, those asked for longest ago go."""


class Remembered:
    """Results of the version that stands now. Safe for threads; two that ask the same at once both work it out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version: Hashable = None
        self._results: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, version: Hashable, name: Hashable, work_out: Callable[[], T]) -> T:
        """The result of this name and version, worked out where it is not remembered."""
        with self._lock:
            if self._version != version:
                self._version = version
                self._results.clear()
            if name in self._results:
                self._results.move_to_end(name)
                return cast(T, self._results[name])  # a name is that of one kind of result
        result = work_out()
        with self._lock:
            if self._version == version:
                self._results[name] = result
                while len(self._results) > MOST:
                    self._results.popitem(last=False)
        return result
