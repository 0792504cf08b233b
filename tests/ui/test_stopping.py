"""A server that is told to stop ends, whatever still hangs on it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.support.browser import free_port
from tests.support.paths import ROOT

SERVER = """
import asyncio, sys, uvicorn
from workbench.ui.stopping import ends_in_time

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        async with ends_in_time(0.5):
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        await asyncio.Event().wait()

uvicorn.run(app, port=int(sys.argv[1]), log_level="critical")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_without_an_end_does_not_keep_it(number: signal.Signals) -> None:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", SERVER, str(port)], cwd=ROOT) as server:
        try:
            answer = None
            for _ in range(200):
                try:
                    answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10)
                    break
                except OSError:
                    time.sleep(0.1)
            assert answer is not None
            assert answer.read(5) == b"begun"
            server.send_signal(number)
            assert server.wait(20) == -number
        finally:
            server.kill()
