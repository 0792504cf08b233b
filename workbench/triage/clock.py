"""The clock of a triage session."""

from __future__ import annotations

import threading


class Clock:
    """The time of one session, in all and on each cluster, in seconds. Safe for threads.

    It runs only while a screen shows it: each `tick` adds what went by since the one before, at most five seconds, so
    that two screens count once and a closed laptop not at all. `now` is a monotonic time.
    """

    LAPSE = 5.0

    def __init__(self, total: float = 0.0) -> None:
        self.total = total
        self.running = True
        self._on: dict[str, float] = {}
        self._last: float | None = None
        self._lock = threading.Lock()

    def tick(self, cluster: str, now: float) -> None:
        """Count the time since the last tick to the cluster on screen."""
        with self._lock:
            gone = 0.0 if self._last is None else min(max(now - self._last, 0.0), self.LAPSE)
            self._last = now
            if self.running:
                self.total += gone
                self._on[cluster] = self._on.get(cluster, 0.0) + gone

    def on(self, cluster: str) -> float:
        """The time spent on a cluster."""
        return self._on.get(cluster, 0.0)


def clock_face(seconds: float) -> str:
    """A time like "3:05" or "1:02:45"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
