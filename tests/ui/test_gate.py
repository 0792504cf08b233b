"""Which requests reach Streamlit: by the page that they come from, the host that they are for, and who signed in."""

import asyncio
from typing import Any

import pytest

from workbench.access import Access
from workbench.ui.gate import Gate

LOCAL = Access()
TEAM = Access(("triage.example",), "X-Forwarded-User", ("10.0.0.7",))
ANA = [("host", "triage.example"), ("x-forwarded-user", "ana")]


def outcome(access: Access, headers: list[tuple[str, str]], path: str = "/", kind: str = "http", peer: str = "127.0.0.1", method: str = "GET") -> Any:  # fmt: skip
    """ "in" where the request came through, else the status of the refusal, or the close code of a socket's."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "in"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": kind, "path": path, "headers": raw, "client": (peer, 1), "method": method}
    asyncio.run(Gate(app, access)(scope, receive, send))
    return sent[0].get("status") or sent[0].get("code") or sent[0]["type"]


@pytest.mark.parametrize(
    ("host", "origin", "http", "socket"),
    [
        ("127.0.0.1:8501", "http://127.0.0.1:8501", "in", "in"),
        ("localhost:9000", "http://localhost:9000", "in", "in"),
        ("[::1]:8501", "http://[::1]:8501", "in", "in"),
        ("127.0.0.1:8501", None, "in", 1008),
        ("127.0.0.1:8501", "http://127.0.0.1:9999", 403, 1008),
        ("127.0.0.1:8501", "http://localhost:8501", 403, 1008),
        ("127.0.0.1:8501", "https://evil.example", 403, 1008),
        ("127.0.0.1:8501", "null", 403, 1008),
        ("127.0.0.1:8501", "http://[::1", 403, 1008),
        ("LOCALHOST.:8501", "http://localhost.:8501", "in", "in"),
        ("evil.example:8501", "http://evil.example:8501", 403, 1008),
        ("evil@127.0.0.1:8501", None, "in", 1008),
        ("", None, 403, 1008),
    ],
)  # fmt: skip
def test_on_loopback_only_our_own_pages_under_the_machines_own_names(
    host: str, origin: str | None, http: Any, socket: Any
) -> None:
    headers = [("host", host), *([("origin", origin)] if origin else [])]
    assert (outcome(LOCAL, headers), outcome(LOCAL, headers, "/_stcore/stream", "websocket")) == (http, socket)


@pytest.mark.parametrize(
    ("site", "mode", "method", "expected"),
    [("same-origin", "cors", "GET", "in"), ("none", "navigate", "GET", "in"), ("cross-site", "navigate", "GET", "in"),
     ("cross-site", "no-cors", "GET", 403), ("same-site", "no-cors", "GET", 403), ("cross-site", "navigate", "POST", 403)],
)  # fmt: skip
def test_another_site_may_link_here_and_load_nothing(site: str, mode: str, method: str, expected: Any) -> None:
    headers = [("host", "localhost:8501"), ("sec-fetch-site", site), ("sec-fetch-mode", mode)]
    assert outcome(LOCAL, headers, "/media/x.csv", method=method) == expected


@pytest.mark.parametrize(
    ("headers", "peer", "expected"),
    [
        (ANA, "10.0.0.7", "in"),
        (ANA, "10.0.0.8", 401),
        ([*ANA, ("x-forwarded-for", "10.0.0.7")], "10.0.0.8", 401),
        ([*ANA, ("x-forwarded-user", "lead")], "10.0.0.7", 401),
        ([("host", "triage.example")], "10.0.0.7", 401),
        ([("host", "triage.example"), ("x-forwarded-user", " ")], "10.0.0.7", 401),
        ([("host", "triage.example"), ("x_forwarded_user", "ana")], "10.0.0.7", 401),
        ([("host", "triage.example"), ("x-forwarded-user", "the sign-in")], "10.0.0.7", 401),
        (ANA, "::ffff:10.0.0.7", "in"),
        (ANA, "::ffff:10.0.0.8", 401),
        ([("host", "other.example"), ("x-forwarded-user", "ana")], "10.0.0.7", 403),
    ],
)
@pytest.mark.parametrize("path", ["/", "/conversation", "/media/x.csv", "/_stcore/upload_file/a/b", "/static/x.js"])
def test_where_people_sign_in_only_the_proxys_word_counts(
    headers: list[tuple[str, str]], peer: str, expected: Any, path: str
) -> None:
    assert outcome(TEAM, headers, path, peer=peer) == expected
    socket = outcome(TEAM, [*headers, ("origin", "https://triage.example")], "/_stcore/stream", "websocket", peer)
    assert socket == ("in" if expected == "in" else 1008)


def test_the_health_address_answers_a_load_balancer_and_no_foreign_page() -> None:
    assert outcome(TEAM, [("host", "10.0.0.9")], "/_stcore/health", peer="10.0.0.1") == "in"
    assert outcome(TEAM, [("host", "10.0.0.9"), ("origin", "http://evil.example")], "/_stcore/health") == 403
