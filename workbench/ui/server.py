"""Serving the pages: Streamlit under our own headers, on the loopback address unless told otherwise."""

from __future__ import annotations

import os
import re
import secrets
import socket
import threading
import tomllib
from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection

from workbench import limits
from workbench.access import LOOPBACK, PERSON_HEADER, Access, networks
from workbench.admin.leads import admit, require_lead
from workbench.admin.servable import Servable
from workbench.demo.generator import FOLDER as DEMO_FOLDER
from workbench.demo.history import start_demo
from workbench.errors import UserError
from workbench.logs.uploads import folder_of
from workbench.store import Store
from workbench.text.masked_stream import mask_what_is_logged
from workbench.ui.ballots import BallotBox, VotesBeside
from workbench.ui.download_cache import downloads_linger
from workbench.ui.faults import Faults, failed, log_once
from workbench.ui.gate import Gate
from workbench.ui.provider import Provider
from workbench.ui.ready import READY, Ready
from workbench.ui.shared.session import BROWSER_COOKIE
from workbench.ui.sign_in import SignInDesk
from workbench.ui.sign_ins import sign_ins_of
from workbench.ui.stopping import ends_in_time
from workbench.ui.triage.calibrate import VOTES_AT
from workbench.ui.visitors import Visitors

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = Path(__file__).resolve().parents[2]
ENTRY = ROOT / "workbench" / "app.py"
_ANY_ADDRESS = {"0.0.0.0", "::"}


@dataclass(frozen=True)
class SignIn:
    """How people sign in where a store is served to several: at a proxy, which names them in a header, or at a provider."""

    header: str = ""
    """The header that carries the name, like X-Forwarded-User; empty: no proxy signs in."""
    proxies: tuple[str, ...] = ()
    """Addresses and networks of the proxies; the header counts from nowhere else."""
    hosts: tuple[str, ...] = ()
    """The host names that people open it by."""
    lead: str = ""
    """Who becomes a lead before anybody is served, as the proxy or the provider names them."""
    provider: Provider | None = None
    """The OpenID provider where people sign in, in the place of a proxy."""


def serve(
    store: Store,
    host: str = "127.0.0.1",
    port: int = 8501,
    demo: bool = False,
    sign_in: SignIn | None = None,
    folders: Sequence[str] = (),
    votes: tuple[str, int] | None = None,
) -> None:
    """Serve the store's pages until stopped; `UserError` when the store can't be served or the address not bound.

    A store that can only be read is served as a replica does: everything but builds.

    With `demo`, an empty store gets the demo's logs, imported in the background while the pages show its progress.
    Off loopback a sign-in is required. Logs are read from the `folders` and buckets only, where any are stated or
    people sign in. `votes` is the host and port at which devices vote in a session where nobody signs in: the vote page and
    nothing else; where people sign in it stands at /vote.
    """
    sign_in = sign_in or SignIn()
    access = stated_access(host, sign_in, folders, store)
    store.open()
    _require_free(host, port)
    if votes and access.shared:
        raise UserError("Where people sign in they vote at /vote of the same address; leave --vote-host out.")
    if votes:
        _require_free(*votes)
    if access.shared and not (sign_in.provider and sign_in.provider.roles.get("lead")):
        require_lead(store, sign_in.lead)
    if demo:
        start_demo(store)
    access.apply()
    stated = limits.current()
    limits.QUERIES.limit(stated.query_seconds)
    mask_what_is_logged()
    log_once()
    os.environ["WORKBENCH_STORE"] = str(store.root.resolve())
    # Else uvicorn lets whoever connects from this machine say by X-Forwarded-For that they are another address.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    print(f"Triage Workbench: http://{_shown(host)}:{port}  (store {store.root}; Ctrl+C stops it)", flush=True)
    middleware = [
        Middleware(Headers),
        Middleware(Faults),
        Middleware(Gate, access=access, desk=_desk(store, sign_in.provider)),
        Middleware(Ready, servable=Servable(store)),
        Middleware(Visitors, limits=stated),
    ]
    if access.shared:
        middleware.append(Middleware(VotesBeside, box=BallotBox(store, access.header)))
    elif votes:
        _serve_votes(store, *votes)
    app = st.App(
        str(ENTRY),
        middleware=middleware,
        on_script_error=failed,
        lifespan=_while_served,
    )
    app.run(config=settings(host, port))


@asynccontextmanager
async def _while_served(app: st.App) -> AsyncIterator[None]:
    async with downloads_linger(app), ends_in_time():
        yield


def _serve_votes(store: Store, host: str, port: int) -> None:
    """Let devices vote at an address of its own, which has the vote page and nothing else."""
    os.environ[VOTES_AT] = f"http://{_shown(host)}:{port}"
    print(f"Votes from devices: {os.environ[VOTES_AT]}", flush=True)
    server = uvicorn.Server(
        uvicorn.Config(Faults(BallotBox(store)), host=host, port=port, log_level="warning", access_log=False)
    )
    threading.Thread(target=server.run, name="votes", daemon=True).start()


def stated_access(host: str, sign_in: SignIn, folders: Sequence[str], store: Store) -> Access:
    """Who is let in; `UserError` where other machines could reach a store that nobody signs in to."""
    if sign_in.provider:
        if sign_in.header or sign_in.proxies:
            raise UserError("--sign-in is for an OpenID provider, --user-header for a proxy that signs in. Name one.")
        hosts = {sign_in.provider.host, *(name.lower().rstrip(".") for name in sign_in.hosts)}
        return Access(
            tuple(sorted(hosts | ({host} - _ANY_ADDRESS))), PERSON_HEADER, (), tuple(folders), _own_folders(store)
        )
    if not sign_in.header:
        if sign_in.proxies or sign_in.hosts or sign_in.lead:
            raise UserError("--trusted-proxy, --public-host and --lead go with --user-header, which names the person.")
        if host not in LOOPBACK:
            raise UserError(
                f"Other machines can reach {host}, and nobody would have to sign in. Serve on 127.0.0.1, with an OpenID provider: "
                "--sign-in FILE.toml, or behind a proxy that signs people in: --user-header X-Forwarded-User "
                "--trusted-proxy ADDRESS --lead NAME."
            )
        return Access(folders=tuple(folders), own=_own_folders(store))
    if not re.fullmatch(r"[A-Za-z0-9-]+", sign_in.header) or sign_in.header.lower() == PERSON_HEADER:
        raise UserError(f"{sign_in.header!r} is no name of a proxy's header. Name one like X-Forwarded-User.")
    if not networks(sign_in.proxies):
        raise UserError("--user-header needs --trusted-proxy: from anywhere else the header is no proof of a name.")
    hosts = {name.lower().rstrip(".") for name in sign_in.hosts} | ({host} - _ANY_ADDRESS)
    if not hosts:
        raise UserError(f"Served on {host}, it needs --public-host: the name that people open it by.")
    return Access(tuple(sorted(hosts)), sign_in.header, sign_in.proxies, tuple(folders), _own_folders(store))


def _desk(store: Store, provider: Provider | None) -> SignInDesk | None:
    """The sign-in at a provider, whose answers say who is remembered here and with which role."""
    if provider is None:
        return None

    admitted = partial(admit, store, roles_given=bool(provider.roles_from))
    return SignInDesk(provider, sign_ins_of(store, provider.hours), admitted)


def _own_folders(store: Store) -> tuple[str, ...]:
    return str(folder_of(store)), str(store.root.resolve() / "mappings"), str(DEMO_FOLDER)


def settings(host: str, port: int) -> dict[str, Any]:
    """Streamlit's settings: .streamlit/config.toml, flattened to dotted names, and where to listen."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    return dict(_flat(config)) | {
        "server.address": host,
        "server.port": port,
        "server.maxUploadSize": limits.current().upload_mb,
        "browser.serverAddress": _shown(host),
        "browser.serverPort": port,
        "logger.level": "warning",
    }


class Headers:
    """ASGI middleware: the Content-Security-Policy, its companions, and a cookie that tells browsers apart.

    Log text can't load anything from elsewhere even if it slips through as markup. The cookie holds a random value;
    it lets a reload keep the name that was given on this browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        incoming = HTTPConnection(
            scope
        )  # of cookies it takes what it can read: any port of this machine can set odd ones
        extra = _headers(incoming.headers.get("host", ""))
        if _is_page(scope["path"]) and BROWSER_COOKIE not in incoming.cookies:
            extra.append(
                ("set-cookie", f"{BROWSER_COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax")
            )

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(message, extra)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _headers(host: str) -> list[tuple[str, str]]:
    sockets = f"ws://{host} wss://{host}" if re.fullmatch(r"[\w.:\[\]-]+", host) else ""
    policy = (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        f"script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' {sockets}; font-src 'self' data:; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
    return [
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ]


def _add(message: MutableMapping[str, Any], headers: list[tuple[str, str]]) -> None:
    replaced = {name.encode() for name, _ in headers if name != "set-cookie"}
    kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in replaced]
    message["headers"] = [*kept, *((name.encode(), value.encode("latin-1")) for name, value in headers)]


def _is_page(path: str) -> bool:
    return "/_stcore" not in path and path != READY and not path.startswith(("/static/", "/media/"))


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as e:
        raise UserError(
            f"Can't listen on {host}:{port} ({e.strerror or e}). Name another with --host or --port."
        ) from e


def _shown(host: str) -> str:
    if host in _ANY_ADDRESS:
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
