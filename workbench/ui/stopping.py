"""A server that is told to stop stops, also where a browser is just opening a socket: uvicorn waits for that one without an end.

Nothing is lost by an end that does not wait: what was saved is on disk, and a build is a process of its own.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

PATIENCE = 5.0
"""Seconds that connections have to close by themselves."""


@asynccontextmanager
async def ends_in_time(patience: float = PATIENCE) -> AsyncIterator[None]:
    """While this holds, a SIGTERM or SIGINT that a server takes as a request to stop ends the process itself so many seconds later.

    To be entered in the main thread, where the server has installed its handlers.
    """
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(loop.call_later, patience, _end, number)
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in handlers:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _end(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
