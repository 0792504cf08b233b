"""How many pages may be open, and what their uploads may take."""

import asyncio
from typing import Any

import pytest

from workbench.limits import Limits
from workbench.ui import visitors
from workbench.ui.visitors import Visitors

MB = 1 << 20
LIMITS = Limits(upload_mb=5, uploads_mb=8, all_uploads_mb=12, sessions=2)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """What open pages hold in memory, in the place of a running server's."""
    kept: dict[str, int] = {}
    monkeypatch.setattr(visitors, "held", lambda: kept)
    monkeypatch.setattr(visitors, "free_closed", lambda: None)
    return kept


def put(gate: Visitors, session: str, length: str | None) -> Any:
    """The status of an upload."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    headers = [] if length is None else [(b"content-length", length.encode())]
    scope = {"type": "http", "method": "PUT", "path": f"/_stcore/upload_file/{session}/f", "headers": headers}
    asyncio.run(gate(scope, receive, send))
    return sent[0].get("status", sent[0]["type"])


async def served(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "in"})


@pytest.mark.parametrize(
    ("length", "status"),
    [(str(5 * MB), "in"), (str(6 * MB), 413), (None, 411), ("-1", 411), ("9" * 5000, 411), ("²", 411)],
)
def test_a_file_is_as_large_as_it_may_be_and_says_so(held: dict[str, int], length: str | None, status: Any) -> None:
    assert put(Visitors(served, LIMITS), "a", length) == status


def test_the_files_of_a_page_and_of_all_pages_are_counted_together(held: dict[str, int]) -> None:
    gate = Visitors(served, LIMITS)
    held["a"] = 4 * MB
    assert [put(gate, "a", str(size * MB)) for size in (4, 5)] == ["in", 413]
    held["b"] = 5 * MB
    assert [put(gate, "c", str(size * MB)) for size in (3, 4)] == ["in", 413]


def test_a_page_too_many_is_refused_until_one_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "free_closed", lambda: None)

    async def pages() -> tuple[list[Any], list[Any]]:
        closing, codes = asyncio.Event(), []

        async def page(scope: Any, receive: Any, send: Any) -> None:
            await closing.wait()

        async def send(message: Any) -> None:
            codes.append(message["code"])

        async def receive() -> Any:
            return {"type": "websocket.connect"}

        gate = Visitors(page, LIMITS)
        still_open = [asyncio.ensure_future(gate({"type": "websocket"}, receive, send)) for _ in range(2)]
        await asyncio.sleep(0)
        await gate({"type": "websocket"}, receive, send)
        refused = list(codes)
        closing.set()
        await asyncio.gather(*still_open)
        await gate({"type": "websocket"}, receive, send)
        return refused, codes

    assert asyncio.run(pages()) == ([1013], [1013])
