"""A server on the loopback address that nothing may reach: it notes whoever does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Beacon:
    """Where it listens, and what was asked of it."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def beacon() -> Iterator[Beacon]:
    """One that listens for as long as it is needed."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            noted.asked.append(self.path)
            self.send_error(404)

        do_POST = do_HEAD = do_OPTIONS = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        noted = Beacon(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield noted
        server.shutdown()
