"""The page on which members vote blind from their own devices: a form under a session's code, and nothing else of the workbench.

It is a small application of its own, without Streamlit: whoever has the code can vote on what is marked *calibrate*, and reach
no page, no conversation and no download. Where people sign in it stands at /vote beside the pages and the sign-in names the
voter; elsewhere it listens on the host that the pod states, and the code lets one in.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from workbench.access import name_in_header
from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.judgement.records.sessions import Session
from workbench.judgement.taxonomy import DISPOSITIONS, SEVERITIES
from workbench.store import Store
from workbench.text.escaping import visible
from workbench.triage import calibration
from workbench.triage.calibration import Ballot
from workbench.ui.gate import place_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/vote"
"""Where the page stands beside the others, where people sign in."""
_COOKIE = "workbench_voter"
_LONGEST_BODY, _LONGEST_NAME = 10_000, 60
_GUESSES, _WINDOW = 20, 600.0
"""Wrong codes that one address may give, and within how many seconds."""
_ADDRESSES = 10_000
"""Addresses whose wrong codes are remembered; a machine may have as many of its own as it likes."""
_REFRESH = 4
"""Seconds after which the page looks whether there is something else to vote on."""
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_STYLE = """
:root { color-scheme: light dark; } body { font: 18px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 34rem; padding: 1.2rem; }
h1 { font-size: 1.3rem; line-height: 1.25; } fieldset { border: 1px solid #8886; border-radius: .5rem; margin: 0 0 1rem; padding: .6rem .9rem; }
label { display: block; padding: .3rem 0; } input[type=text] { font: inherit; width: 100%; padding: .5rem; box-sizing: border-box; }
button { font: inherit; font-weight: 600; width: 100%; padding: .7rem; border: 0; border-radius: .5rem; background: #1f5a7a; color: #fff; }
.note { border-left: 4px solid #1f5a7a; padding: .3rem .8rem; } .bad { border-color: #b3261e; } legend { font-weight: 600; }
"""


class BallotBox:
    """The vote page of a store as an ASGI application. `header` carries who signed in; empty where the code lets one in."""

    def __init__(self, store: Store, header: str = "") -> None:
        self._store, self._header = store, header
        self._bench: Bench | None = None
        self._lock = threading.Lock()
        self._voters: dict[tuple[str, str], str] = {}
        self._wrong: dict[str, deque[float]] = {}
        routes = [Route(path, self._answer, methods=["GET", "POST"]) for path in ("/", PATH)]
        self._app = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "POST":
            from_here = place_of(request.headers.get("origin", ""))
            if not from_here or from_here != request.headers.get("host", "").lower():
                return _page(
                    "Not from here",
                    _note("This form comes from another page. Open the vote page again.", bad=True),
                    403,
                )
            body = b""
            async for chunk in request.stream():
                body += chunk
                if len(body) > _LONGEST_BODY:
                    return _page("Too long", _note("That is too much for a vote.", bad=True), 413)
            given = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        else:
            given = dict(request.query_params)
        return await run_in_threadpool(self._respond, request, given)

    def _respond(self, request: Request, given: Mapping[str, str]) -> Response:
        peer = request.client.host if request.client else ""
        if self._guessed_too_often(peer):
            return _page(
                "Too many tries", _note("Too many wrong codes from this device. Wait ten minutes.", bad=True), 429
            )
        code, name = given.get("code", "").strip(), self._name(request, given)
        if not code:
            return _page("Vote", _entry("", name, signed_in=bool(self._header)))
        bench = self._open()
        session = bench.sessions.of_code(code)
        if session is None:
            self._note_wrong(peer)
            wrong = _note("No session is open under that code. It stands on the shared screen.", bad=True)
            return _page("Vote", wrong + _entry("", name, signed_in=bool(self._header)), 404)
        if not name:
            return _page("Vote", _entry(code, "", signed_in=bool(self._header)))
        token = request.cookies.get(_COOKIE) or secrets.token_urlsafe(18)
        if not self._header and not self._is_theirs(session, name, token):
            taken = _note(f"Somebody votes as {name} already, on another device. Add a letter to your name.", bad=True)
            return _page("Vote", taken + _entry(code, "", signed_in=False), 409)
        notice = self._vote(bench.acting(name), session, given) if request.method == "POST" else ""
        answer = _page(
            session.title,
            notice + _ballots(bench, session, code, name),
            refresh=not calibration.waiting(bench, session.session),
        )
        answer.set_cookie(_COOKIE, token, httponly=True, samesite="strict", max_age=12 * 3600)
        return answer

    def _vote(self, bench: Bench, session: Session, given: Mapping[str, str]) -> str:
        """Keep a vote; what to say of it."""
        open_ballots = {ballot.round.round: ballot for ballot in calibration.waiting(bench, session.session)}
        ballot, choice = open_ballots.get(given.get("round", "")), given.get("choice", "")
        if not given.get("round"):
            return ""
        if ballot is None:
            return _note("That vote is over: look at the shared screen.", bad=True)
        try:
            calibration.vote(bench, ballot, choice, given.get("severity") or None)
        except WorkbenchError as e:
            return _note(str(e), bad=True)
        return _note(f"Kept: {bench.causes.taxonomy().title(choice)}. You can change it until the reveal.")

    def _name(self, request: Request, given: Mapping[str, str]) -> str:
        if self._header:
            return name_in_header(request.headers.get(self._header) or "")
        return " ".join(visible(given.get("name", "")).split())[:_LONGEST_NAME]

    def _is_theirs(self, session: Session, name: str, token: str) -> bool:
        """Whether a name in a session belongs to this device; whoever gives it first has it."""
        with self._lock:
            return self._voters.setdefault((session.session, name.casefold()), token) == token

    def _guessed_too_often(self, peer: str) -> bool:
        with self._lock:
            wrong = self._wrong.get(peer, deque())
            while wrong and wrong[0] < time.monotonic() - _WINDOW:
                wrong.popleft()
            return len(wrong) >= _GUESSES

    def _note_wrong(self, peer: str) -> None:
        with self._lock:
            if len(self._wrong) >= _ADDRESSES and peer not in self._wrong:
                del self._wrong[next(iter(self._wrong))]
            self._wrong.setdefault(peer, deque(maxlen=_GUESSES)).append(time.monotonic())

    def _open(self) -> Bench:
        with self._lock:
            if self._bench is None:
                self._bench = Bench(self._store)
            return self._bench


class VotesBeside:
    """ASGI middleware that answers /vote with the vote page and hands on all else."""

    def __init__(self, app: ASGIApp, box: BallotBox) -> None:
        self.app, self.box = app, box

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        here = scope["type"] == "http" and scope["path"] == PATH
        await (self.box if here else self.app)(scope, receive, send)


def _page(title: str, body: str, status: int = 200, refresh: bool = False) -> HTMLResponse:
    again = f'<meta http-equiv="refresh" content="{_REFRESH}">' if refresh else ""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1">{again}<title>{_said(title)}</title><style>{_STYLE}</style></head>'
        f'<body dir="auto"><main><h1>{_said(title)}</h1>{body}</main></body></html>',
        status,
        _HEADERS,
    )


def _entry(code: str, name: str, signed_in: bool) -> str:
    """The form that asks for the code and, where nobody signed in, for a name."""
    asked = "" if signed_in else (
        f'<p><label for="name">Your name</label><input type="text" id="name" name="name" value="{_said(name)}" '
        f'maxlength="{_LONGEST_NAME}" required autocomplete="name"></p>'
    )  # fmt: skip
    return (
        f'<form method="get"><p><label for="code">Code on the shared screen</label><input type="text" id="code" name="code" '
        f'value="{_said(code)}" required autocomplete="off" autocapitalize="characters"></p>{asked}<button>Go on</button></form>'
    )


def _ballots(bench: Bench, session: Session, code: str, name: str) -> str:
    """What there is to vote on now, with what this person said so far."""
    waiting = calibration.waiting(bench, session.session)
    if not waiting:
        return _note(f"{name}, there is nothing to vote on just now. This page shows it as soon as there is.")
    voter = bench.acting(name)
    return "".join(_ballot(bench, ballot, code, name, calibration.own_vote(voter, ballot)) for ballot in waiting)


def _ballot(bench: Bench, ballot: Ballot, code: str, name: str, chosen: str | None) -> str:
    offered: dict[str, Any] = {key: cause.title for key, cause in bench.causes.taxonomy().offered().items()}
    first = [key for key in ballot.round.codes if key in offered or key in DISPOSITIONS]
    order = dict.fromkeys([*first, *offered, *DISPOSITIONS])
    choices = "".join(
        f'<label><input type="radio" name="choice" value="{_said(key)}" required{" checked" if key == chosen else ""}> '
        f"{_said(offered.get(key, key))}</label>"
        for key in order
    )
    severities = "".join(
        f'<label><input type="radio" name="severity" value="{key}"> {key} {_said(words)}</label>'
        for key, words in SEVERITIES.items()
    )
    row = next((row for row in bench.clusters() if row.cluster == ballot.cluster), None)
    title = f"{ballot.cluster} {row.name if row else ''}"
    hidden = "".join(
        f'<input type="hidden" name="{field}" value="{_said(value)}">'
        for field, value in (("code", code), ("name", name), ("round", ballot.round.round))
    )
    return (
        f"<h2>{_said(title)}</h2><p>Nobody sees your vote before the reveal.</p>"
        f'<form method="post">{hidden}<fieldset><legend>The first upstream cause</legend>{choices}</fieldset>'
        f"<fieldset><legend>How bad is it? (may stay open)</legend>{severities}</fieldset>"
        f"<button>{'Change my vote' if chosen else 'Vote'}</button></form>"
    )


def _note(words: str, bad: bool = False) -> str:
    return f'<p class="note{" bad" if bad else ""}" role="status">{_said(words)}</p>'


def _said(text: str) -> str:
    return escape(visible(text), quote=True)
