"""The address that tells a load balancer whether to send people here: `ok`, or 503 and what is wrong in words of a fixed list."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse

from workbench.admin.servable import Servable

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

READY = "/ready"
SECONDS_TO_ANSWER = 3.0
"""How long a look may take before its silence is the answer."""
SECONDS_KEPT = 5.0
"""How long an answer is given again, since anybody may ask."""


class Ready:
    """ASGI middleware that answers the address itself and hands on all else."""

    def __init__(self, app: ASGIApp, servable: Servable) -> None:
        self.app = app
        self._looks = (
            Look(servable.store_faults, "store does not answer"),
            Look(servable.judgement_faults, "judgement does not answer"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != READY:
            await self.app(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await PlainTextResponse("Method not allowed\n", 405)(scope, receive, send)
            return
        faults = [fault for look in self._looks for fault in await look.now()]
        answer = PlainTextResponse("\n".join(faults) or "ok", 503 if faults else 200, {"cache-control": "no-store"})
        await answer(scope, receive, send)


class Look:
    """One look, taken once at a time however many ask; its last answer holds a while."""

    def __init__(
        self,
        look: Callable[[], list[str]],
        silence: str,
        patience: float = SECONDS_TO_ANSWER,
        kept: float = SECONDS_KEPT,
    ) -> None:
        self._look, self._silence, self._patience, self._kept = look, silence, patience, kept
        self._running: asyncio.Task[list[str]] | None = None
        self._began = 0.0

    async def now(self) -> list[str]:
        """What is wrong; `silence` where the look takes too long."""
        if self._running is None or (self._running.done() and time.monotonic() - self._began >= self._kept):
            self._began = time.monotonic()
            self._running = asyncio.ensure_future(run_in_threadpool(self._look))
        done, _ = await asyncio.wait({self._running}, timeout=self._patience)
        return self._running.result() if done else [self._silence]
