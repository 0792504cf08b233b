"""The gate before every page, socket, download and upload: whose requests reach Streamlit at all.

A browser sends with each request which page it comes from and which host it is for. Only our own pages, under the
stated hosts, come through; where people sign in, only requests of a stated proxy that names who it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from workbench.access import Access, name_in_header

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HEALTH = "/_stcore/health"
_POLICY_VIOLATION = 1008  # RFC 6455; before the handshake a server answers it with 403


class Gate:
    """ASGI middleware that refuses foreign pages, unstated hosts and, where people sign in, whoever did not.

    The health address answers any host and anybody, since a load balancer asks by number; it says no more than "ok".
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": refusal[1][:100]})
        else:
            status, reason = refusal
            answer = PlainTextResponse(reason + "\n", status, {"cache-control": "no-store"})
            await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if _is_foreign(scope, headers):
            return 403, "This request comes from another site's page. Open the workbench by its own address."
        if scope["type"] == "http" and scope["path"] == HEALTH:
            return None
        if _hostname(headers.get("host", "")) not in self.access.hosts:
            return 403, "This server isn't known by that host name. Open it by a name that it was started for."
        if self.access.shared and not self._signed_in(scope, headers):
            return 401, "Nobody is signed in. Open the workbench by the address of its sign-in."
        return None

    def _signed_in(self, scope: Scope, headers: Headers) -> bool:
        peer = (scope.get("client") or ("",))[0]
        names = headers.getlist(self.access.header)
        return self.access.trusts(peer) and len(names) == 1 and bool(name_in_header(names[0]))


def _is_foreign(scope: Scope, headers: Headers) -> bool:
    """Whether a page of another origin sent this; one on another port of this machine is another, too."""
    origins = headers.getlist("origin")
    if origins:
        return len(origins) > 1 or urlsplit(origins[0]).netloc.lower() != headers.get("host", "").lower()
    if scope["type"] == "websocket":
        return True  # every browser says where a socket comes from
    asked_by_link = headers.get("sec-fetch-mode") == "navigate" and scope["method"] in ("GET", "HEAD")
    return headers.get("sec-fetch-site") in ("cross-site", "same-site") and not asked_by_link


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""
