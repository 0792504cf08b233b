"""A socket that lasts no longer than what it was opened for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Send

POLICY_VIOLATION = 1008  # RFC 6455; before the handshake a server answers it with 403
SECONDS_BETWEEN_LOOKS = 3.0


class Wire:
    """One socket's messages, until `stands` says no: then it is closed, and nothing passes either way.

    Each message from the browser is looked at before it passes, and a silent socket every few seconds.
    """

    def __init__(
        self, receive: Receive, send: Send, stands: Callable[[], bool], seconds: float = SECONDS_BETWEEN_LOOKS
    ) -> None:
        self._receive, self._send, self._stands, self._seconds = receive, send, stands, seconds
        self._next: asyncio.Future[Message] | None = None
        self._closed = False

    async def receive(self) -> Message:
        """The browser's next message, or that it has gone."""
        while not self._closed:
            self._next = self._next or asyncio.ensure_future(self._receive())
            await asyncio.wait({self._next}, timeout=self._seconds)
            if not self._stands():
                await self._close()
            elif self._next.done():
                message, self._next = self._next.result(), None
                return message
        return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}

    async def send(self, message: Message) -> None:
        """Send the browser a message, where the socket still stands."""
        if not self._closed:
            await self._send(message)

    async def _close(self) -> None:
        self._closed = True
        if self._next:
            self._next.cancel()
        await self._send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "The sign-in has ended."})
