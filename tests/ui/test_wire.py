"""A socket lasts no longer than what it was opened for."""

import asyncio
from typing import Any

from workbench.ui.wire import Wire

CLOSED = {"type": "websocket.close", "code": 1008, "reason": "The sign-in has ended."}


def test_what_the_browser_sends_after_its_sign_in_ended_reaches_nobody() -> None:
    async def both() -> tuple[list[Any], list[Any]]:
        came, sent = asyncio.Queue[Any](), []
        stands = [True, False]

        async def send(message: Any) -> None:
            sent.append(message)

        wire = Wire(came.get, send, lambda: stands.pop(0) if stands else False)
        came.put_nowait({"type": "websocket.receive", "bytes": b"1"})
        came.put_nowait({"type": "websocket.receive", "bytes": b"2"})
        received = [await wire.receive(), await wire.receive(), await wire.receive()]
        await wire.send({"type": "websocket.send"})
        return received, sent

    received, sent = asyncio.run(both())
    gone = {"type": "websocket.disconnect", "code": 1008}
    assert received == [{"type": "websocket.receive", "bytes": b"1"}, gone, gone]
    assert sent == [CLOSED]


def test_a_silent_socket_is_looked_at_too() -> None:
    async def silent() -> list[Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await asyncio.wait_for(Wire(asyncio.Queue[Any]().get, send, lambda: False, seconds=0.01).receive(), 5)
        return sent

    assert asyncio.run(silent()) == [CLOSED]
