"""The gate before every page, socket, download and upload: whose requests reach Streamlit at all.

A browser sends with each request which page it comes from and which host it is for. Only our own pages, under the
stated hosts, come through; where people sign in, only requests of a stated proxy that names who it is.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse

from workbench.access import PERSON_HEADER, Access, name_in_header
from workbench.ui.ready import READY
from workbench.ui.sign_in import ELSEWHERE, SignInDesk
from workbench.ui.wire import POLICY_VIOLATION, Wire

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from workbench.ui.sign_ins import SignedIn

HEALTH = "/_stcore/health"
LONGEST_SOCKET = 3600.0
"""Seconds after which a page behind a proxy connects anew, so that the proxy is asked whether its person still is."""


class Gate:
    """ASGI middleware that refuses foreign pages, unstated hosts and, where people sign in, whoever did not.

    With a `desk` people sign in at an OpenID provider: a browser that opens a page unsigned is sent there, and what comes
    through carries the person's name in a header of ours. The health addresses answer any host and anybody, since a load
    balancer asks by number; they say no more than "ok", or what is wrong in words that name nothing.
    """

    def __init__(self, app: ASGIApp, access: Access, desk: SignInDesk | None = None) -> None:
        self.app = app
        self.access = access
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        signed_in = self.desk.signed_in(HTTPConnection(scope).cookies) if self.desk else None
        refusal = self._refusal(scope, headers, signed_in)
        if refusal is not None:
            await self._refuse(refusal, scope, receive, send)
        elif self.desk and self.desk.answers(scope):
            await self.desk(scope, receive, send)
        elif self.desk and signed_in:
            named = {**scope, "headers": _named(scope["headers"], signed_in.name)}
            if scope["type"] == "websocket":
                wire = Wire(receive, send, lambda: self.desk is not None and self.desk.sign_ins.stands(signed_in))
                await self.app(named, wire.receive, wire.send)
            else:
                await self.app(named, receive, _coming_back(send, signed_in.ends))
        elif self.access.shared and scope["type"] == "websocket":
            began = time.monotonic()
            wire = Wire(receive, send, lambda: time.monotonic() - began < LONGEST_SOCKET)
            await self.app(scope, wire.receive, wire.send)
        else:
            await self.app(scope, receive, send)

    async def _refuse(self, refusal: tuple[int, str], scope: Scope, receive: Receive, send: Send) -> None:
        status, reason = refusal
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason[:100]})
        elif self.desk and status == 401 and _opens_a_page(scope):
            await self.desk.first_of_all(scope)(scope, receive, send)
        else:
            answer = PlainTextResponse(reason + "\n", status, {"cache-control": "no-store"})
            await answer(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers, signed_in: SignedIn | None) -> tuple[int, str] | None:
        at_host = _hostname(headers.get("host", "")) in self.access.hosts
        if self.desk and at_host and (scope.get("method"), scope["path"]) == ("POST", ELSEWHERE):
            return None  # the provider's own server, which no browser stands behind; its token is checked
        if _is_foreign(scope, headers):
            return 403, "This request comes from another site's page. Open the workbench by its own address."
        if scope["type"] == "http" and scope["path"] in (HEALTH, READY):
            return None
        if not at_host:
            return 403, "This server isn't known by that host name. Open it by a name that it was started for."
        if self.desk:
            inside = signed_in is not None or self.desk.answers(scope)
        else:
            inside = not self.access.shared or self._named_by_proxy(scope, headers)
        return None if inside else (401, "Nobody is signed in. Open the workbench by the address of its sign-in.")

    def _named_by_proxy(self, scope: Scope, headers: Headers) -> bool:
        peer = (scope.get("client") or ("",))[0]
        names = headers.getlist(self.access.header)
        return self.access.trusts(peer) and len(names) == 1 and bool(name_in_header(names[0]))


def _opens_a_page(scope: Scope) -> bool:
    """Whether a browser asks for a page to show, and not for something to put into one."""
    headers = Headers(scope=scope)
    shows = "text/html" in headers.get("accept", "") and headers.get("sec-fetch-mode", "navigate") == "navigate"
    return scope["method"] == "GET" and shows


def _named(headers: list[tuple[bytes, bytes]], name: str) -> list[tuple[bytes, bytes]]:
    """The headers of a request with the name of who signed in, and of nobody else."""
    header = PERSON_HEADER.encode()
    return [*(pair for pair in headers if pair[0].lower() != header), (header, name.encode())]


def _coming_back(send: Send, ends: float) -> Send:
    """Have an open page load itself again once its sign-in has ended, which leads to the sign-in and back."""

    async def send_with_refresh(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            if any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                seconds = max(int(ends - time.time()), 0) + 2
                message["headers"] = [*headers, (b"refresh", str(seconds).encode())]
        await send(message)

    return send_with_refresh


def _is_foreign(scope: Scope, headers: Headers) -> bool:
    """Whether a page of another origin sent this; one on another port of this machine is another, too."""
    origins = headers.getlist("origin")
    if origins:
        return len(origins) > 1 or place_of(origins[0]) != headers.get("host", "").lower()
    if scope["type"] == "websocket":
        return True  # every browser says where a socket comes from
    asked_by_link = headers.get("sec-fetch-mode") == "navigate" and scope["method"] in ("GET", "HEAD")
    return headers.get("sec-fetch-site") in ("cross-site", "same-site") and not asked_by_link


def place_of(origin: str) -> str:
    """The host and port of an origin, in small letters; empty where it is none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # a bracket that nothing closes
        return ""


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""
