"""How many pages may be open at once, and what the files that they hand over may take of the server's memory.

Streamlit keeps uploads in memory and a closed page for two minutes, in case its browser comes back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from streamlit.runtime import Runtime

from workbench.limits import Limits

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

UPLOAD = "/_stcore/upload_file/"
SECONDS_TO_COME_BACK = 5.0
"""How long the uploads of a page stay whose connection closed."""
TRY_AGAIN_LATER = 1013  # RFC 6455's registry of close codes
_MB = 1 << 20
_AROUND_A_FILE = 10_000


class Visitors:
    """ASGI middleware that holds open pages and their uploads to the limits."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self._open = 0
        self._arriving: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._page(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "PUT" and scope["path"].startswith(UPLOAD):
            await self._upload(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._open >= self.limits.sessions:
            await receive()
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": "Too many pages are open."})
            return
        self._open += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._open -= 1
            asyncio.get_running_loop().call_later(SECONDS_TO_COME_BACK, free_closed)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = scope["path"].removeprefix(UPLOAD).partition("/")[0]
        length = Headers(scope=scope).get("content-length", "")
        size = int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else -1
        refusal = self._refusal(session, size)
        if refusal:
            await PlainTextResponse(refusal[1] + "\n", refusal[0])(scope, receive, send)
            return
        self._arriving[session] = self._arriving.get(session, 0) + size
        try:
            await self.app(scope, receive, send)
        finally:
            self._arriving[session] -= size
            if not self._arriving[session]:
                del self._arriving[session]
            # its page may have closed while it came
            asyncio.get_running_loop().call_later(SECONDS_TO_COME_BACK, free_closed)

    def _refusal(self, session: str, size: int) -> tuple[int, str] | None:
        if size < 0:
            return 411, "An upload says how long it is."
        free_closed()
        kept = held()
        here = kept.get(session, 0) + self._arriving.get(session, 0) + size
        everywhere = sum(kept.values()) + sum(self._arriving.values()) + size
        for taken, allowed, whose in (
            (size, self.limits.upload_mb, "One file"),
            (here, self.limits.uploads_mb, "The files of one page"),
            (everywhere, self.limits.all_uploads_mb, "The files of all pages"),
        ):
            if taken > allowed * _MB + _AROUND_A_FILE:
                return 413, f"{whose} may take {allowed:,} MB. Name the file's path instead, or hand over less at once."
        return None


def held() -> dict[str, int]:
    """The bytes of uploads in memory, by open page."""
    return {
        session: sum(len(file.data) for file in list(files.values()))
        for session, files in list(_kept().file_storage.items())
    }


def free_closed() -> None:
    """End the pages with uploads whose connection is closed. For the server's own thread, as Streamlit ends pages there."""
    runtime = Runtime.instance()
    for session in held():
        if not runtime.is_active_session(session):
            left = runtime._session_mgr.get_session_info(session)  # nothing public leads to a page without a connection
            runtime.close_session(session)
            _kept().remove_session_files(session)
            if left is not None:  # its form holds the files, too, and Streamlit's loop the page until another one comes
                left.session.session_state.clear()


def _kept() -> MemoryUploadedFileManager:
    return Runtime.instance().uploaded_file_mgr  # type: ignore[return-value]
