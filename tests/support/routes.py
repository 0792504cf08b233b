"""Every address that a served store has, as Streamlit's own table of routes and the served navigation give them."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import MagicMock

import streamlit
from starlette.routing import Route, WebSocketRoute
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes
from websockets.sync.client import ClientConnection

from tests.support.wire import messages_over
from workbench.ui.ballots import PATH
from workbench.ui.gate import HEALTH
from workbench.ui.ready import READY
from workbench.ui.sign_in import BACK, ELSEWHERE, ENDED, IN, OUT

ANYBODYS = {HEALTH, READY}
"""What answers whoever asks."""
_OURS = (READY, PATH, IN, BACK, OUT, ENDED, ELSEWHERE)
_STATIC = Path(streamlit.__file__).parent / "static"


def requests() -> list[tuple[str, str]]:
    """Method and path of every route, ours too, with names in the places that stand for any; of static files one of each kind."""
    table = [route for route in create_streamlit_routes(MagicMock()) if isinstance(route, Route)]
    routed = {(method, _filled(route.path)) for route in table for method in route.methods or ()}
    kinds = {(file.parent, file.suffix): file for file in _STATIC.rglob("*") if file.is_file()}
    files = {("GET", f"/{file.relative_to(_STATIC).as_posix()}") for file in kinds.values()}
    return sorted(routed | files | {(method, path) for path in _OURS for method in ("GET", "POST")})


def sockets() -> list[str]:
    """The paths of sockets, and others where one might be tried."""
    table = [route for route in create_streamlit_routes(MagicMock()) if isinstance(route, WebSocketRoute)]
    return sorted({*(_filled(route.path) for route in table), "/", "/stream", *_OURS, *ANYBODYS})


def pages(wire: ClientConnection) -> list[str]:
    """The path of each page that the navigation has, shown in the bar or not."""
    sent = messages_over(wire)
    names = [page.url_pathname for message in sent for page in message.navigation.app_pages]
    return sorted({"/", *(f"/{name}" for name in names)})


def _filled(path: str) -> str:
    return re.sub(r"\{\w+(:path)?\}", "a", path)
