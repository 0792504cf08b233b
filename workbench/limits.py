"""What one visitor, question or build may take, so that the others can go on working.

`serve --limit NAME=VALUE` sets one, or the variable WORKBENCH_LIMITS several: `sessions=40,query_seconds=20`.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Protocol

from workbench.errors import UserError

VARIABLE = "WORKBENCH_LIMITS"
_PAUSE = 0.25


@dataclass(frozen=True)
class Limits:
    """The limits as they stand unless stated otherwise."""

    upload_mb: int = 500
    """The largest file that a browser may hand over."""
    uploads_mb: int = 1_000
    """All files together that one open page may hold in the server's memory."""
    all_uploads_mb: int = 2_000
    """The same of all open pages."""
    sessions: int = 100
    """Pages that may be open at once."""
    query_seconds: int = 60
    """How long one question to the evidence may take before it is stopped."""
    query_memory_mb: int = 2_000
    """The memory that questions to one snapshot may take together."""
    build_memory_percent: int = 70
    """Of the machine's memory, what a build may use before it is stopped."""
    previews: int = 1
    """Previews of logs that are read at once in one store; further ones wait."""

    def apply(self) -> None:
        """Hold to these from now on, here and in the processes that are started from here."""
        os.environ[VARIABLE] = ",".join(f"{name}={value}" for name, value in asdict(self).items())


def current() -> Limits:
    """What the environment states; `UserError` for what is no limit."""
    return stated(os.environ.get(VARIABLE, "").split(","))


def stated(parts: Sequence[str], otherwise: Limits = Limits()) -> Limits:
    """Limits from parts like `sessions=40`; the others as in `otherwise`. `UserError` for what is no limit."""
    given: dict[str, int] = {}
    names = [each.name for each in fields(Limits)]
    for part in filter(None, map(str.strip, parts)):
        name, _, value = part.partition("=")
        if name not in names or not re.fullmatch(r"[1-9][0-9]{0,8}", value):
            raise UserError(f"{part!r} is no limit. A limit is a name and a number: {', '.join(names)}.")
        given[name] = int(value)
    return Limits(**asdict(otherwise) | given)


class Interruptible(Protocol):
    """A question that can be stopped from another thread."""

    def interrupt(self) -> None:
        """Stop it."""


class QueryClock:
    """Stops questions that take too long. One thread looks at those that run; without a limit there is none."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._running: dict[int, tuple[Interruptible, float]] = {}
        self._stopped: set[int] = set()
        self._watch: threading.Thread | None = None

    def limit(self, seconds: float) -> None:
        """From now on a question may take so many seconds; 0: any."""
        self._seconds = seconds
        if seconds and self._watch is None:
            self._watch = threading.Thread(target=self._look, name="query clock", daemon=True)
            self._watch.start()

    @contextmanager
    def running(self, question: Interruptible) -> Iterator[None]:
        """While a question runs; `UserError` where it was stopped."""
        if not self._seconds:
            yield
            return
        place = id(question)
        self._running[place] = question, time.monotonic() + self._seconds
        try:
            yield
        except Exception as e:
            if place in self._stopped:
                raise UserError(
                    f"This took longer than {self._seconds:g} s and was stopped, so that others can go on. Narrow the filter, or "
                    "let it take longer: serve --limit query_seconds=SECONDS."
                ) from e
            raise
        finally:
            self._running.pop(place, None)
            self._stopped.discard(place)

    def _look(self) -> None:
        while True:
            time.sleep(_PAUSE)
            now = time.monotonic()
            for place, (question, until) in list(self._running.items()):
                if now > until:
                    self._stopped.add(place)
                    question.interrupt()


QUERIES = QueryClock()
"""The clock of this process."""
