"""What is shown and what is logged where nobody caught a problem: a number on the page, and the same in the server's log."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from workbench.errors import FULL, WorkbenchError, is_disk_full
from workbench.ui.shared.text import error

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STREAMLITS = "streamlit.error_util", "Uncaught app execution"
"""Where Streamlit writes of the same problem, before it asks us, with neither a number nor a thought for who is named in it."""
_log = logging.getLogger(__name__)


def failed(problem: Exception) -> bool:
    """What a page shows where nobody caught it; the traceback goes to the log only. True: it is said."""
    if isinstance(problem, WorkbenchError):
        error(problem)  # it was meant for whoever looks, may name them, and is no fault
    elif is_disk_full(problem):
        _log.error("The disk is full.")
        error(FULL)
    else:
        error(
            f"This page failed on our side ({type(problem).__name__}, fault {logged(problem, 'page')}). What was saved is safe. Reload the "
            "page; if it fails again, the log of the server says where, under that number."
        )
    return True


def logged(problem: Exception, what: str) -> str:
    """Write a problem to the log under a number; the number."""
    number = secrets.token_hex(4)
    _log.error("Fault %s of a %s", number, what, exc_info=problem)
    return number


def log_once() -> None:
    """Have Streamlit leave it to us to log what a page's script raises."""
    name, message = _STREAMLITS
    logging.getLogger(name).addFilter(lambda record: record.msg != message)


class Faults:
    """ASGI middleware that answers a request which failed on our side with a number, under which the log has it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send_on)
        except Exception as e:
            number = logged(e, "request")
            if not begun:
                words = f"This failed on our side (fault {number}). What was saved is safe. Try again.\n"
                await PlainTextResponse(words, 500, {"cache-control": "no-store"})(scope, receive, send)
