"""An endpoint that speaks OpenAI's chat completions, on loopback, answering what a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any


@dataclass
class Served:
    """The endpoint while it is open."""

    url: str
    """Its address."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    """The bodies of all requests, in order."""
    headers: list[dict[str, str]] = field(default_factory=list)
    """Their headers."""


Answering = Callable[[dict[str, Any], int], "str | tuple[int, str]"]
"""From a request's body and its number, from 0, to the words of the answer; or to a status and the whole body."""


@contextmanager
def endpoint(answer: Answering) -> Iterator[Served]:
    """Serve while open."""
    served = Served("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            number = len(served.asked)
            served.asked.append(body)
            served.headers.append(dict(self.headers))
            answered = answer(body, number)
            status, text = answered if isinstance(answered, tuple) else (200, completion(answered))
            data = text.encode()
            self.send_response(status)
            if status in (301, 307):
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def completion(text: str) -> str:
    """The body of an answer with these words."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}], "usage": {"total_tokens": 50}})
