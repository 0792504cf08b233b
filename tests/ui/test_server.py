"""How the pages are served: settings, headers, and what is said when the address is taken."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import UserError
from workbench.store import Store
from workbench.ui.provider import Provider
from workbench.ui.server import Headers, SignIn, serve, settings, stated_access
from workbench.ui.shared.session import BROWSER_COOKIE

PROVIDER = Provider("https://login.example", "triage", "https://Triage.example:8443")


def answer(path: str = "/", **headers: str) -> dict[str, str]:
    """The headers of an answer to a request through the middleware."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"referrer-policy", b"unsafe-url")]})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {}

    scope = {
        "type": "http",
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(Headers(app)(scope, receive, send))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_the_policy_allows_sockets_to_the_served_host_only() -> None:
    policy = answer(host="127.0.0.1:8501")["content-security-policy"]

    assert "connect-src 'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501;" in policy
    assert "default-src 'self'; img-src 'self' data: blob:;" in policy
    assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")


def test_a_host_that_is_none_adds_nothing_to_the_policy() -> None:
    assert "connect-src 'self' ;" in answer(host="x; script-src *")["content-security-policy"]


def test_our_headers_replace_others_of_the_same_name() -> None:
    headers = answer(host="localhost")

    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("cookie", ["foo,bar=1", "=1", 'a="', "a:b=1", "a" * 5_000])
def test_odd_cookies_of_others_on_this_machine_break_no_page(cookie: str) -> None:
    assert "set-cookie" in answer(host="localhost", cookie=cookie)
    assert "set-cookie" not in answer(host="localhost", cookie=f"{cookie}; {BROWSER_COOKIE}=x")


def test_a_browser_gets_its_cookie_once_and_only_with_a_page() -> None:
    assert answer()["set-cookie"].startswith(f"{BROWSER_COOKIE}=")
    assert "set-cookie" not in answer(cookie=f"{BROWSER_COOKIE}=abc")
    assert "set-cookie" not in answer("/_stcore/health")


def test_settings_hold_the_theme_and_where_to_listen() -> None:
    found = settings("127.0.0.1", 9000)

    assert (found["server.address"], found["server.port"]) == ("127.0.0.1", 9000)
    assert found["client.showErrorDetails"] == "none"
    assert found["browser.gatherUsageStats"] is False
    assert {"theme.light.primaryColor", "theme.dark.primaryColor"} <= found.keys()


@pytest.mark.parametrize(
    ("host", "sign_in", "refusal"),
    [
        ("0.0.0.0", SignIn(), "Other machines can reach 0.0.0.0, and nobody would have to sign in"),
        ("192.168.1.5", SignIn(), "Other machines can reach 192.168.1.5"),
        ("0.0.0.0", SignIn("X-User"), "--user-header needs --trusted-proxy"),
        ("0.0.0.0", SignIn("X-User", ("10.0.0.7",)), "it needs --public-host"),
        ("0.0.0.0", SignIn("X-User", ("proxy",), ("triage.example",)), "A proxy is stated by its address or network"),
        ("0.0.0.0", SignIn("X User", ("10.0.0.7",), ("triage.example",)), "'X User' is no name of a proxy's header"),
        ("0.0.0.0", SignIn("X-Workbench-Person", ("10.0.0.7",), ("triage.example",)), "is no name of a proxy's header"),
        ("0.0.0.0", SignIn("X-User", ("10.0.0.7",), provider=PROVIDER), "--sign-in is for an OpenID provider"),
        ("0.0.0.0", SignIn(provider=PROVIDER), "Nobody is a lead in this store yet"),
        ("0.0.0.0", SignIn("X-User", ("10.0.0.7",), ("triage.example",)), "Nobody is a lead in this store yet"),
        ("127.0.0.1", SignIn(lead="ana"), "go with --user-header"),
    ],
)  # fmt: skip
def test_other_machines_reach_nothing_without_a_sign_in(
    tmp_path: Path, host: str, sign_in: SignIn, refusal: str
) -> None:
    with pytest.raises(UserError, match=refusal):
        serve(Store(tmp_path), host, 0, sign_in=sign_in)


def test_the_stated_hosts_are_answered_and_the_address_that_is_bound() -> None:
    store = Store(Path("store"))
    assert stated_access("127.0.0.1", SignIn(), (), store).hosts == ("127.0.0.1", "localhost", "::1")
    assert stated_access("10.0.0.2", SignIn("X-User", ("10.0.0.7",), ("Triage.Example",)), (), store).hosts == (
        "10.0.0.2", "triage.example",
    )  # fmt: skip
    assert stated_access("0.0.0.0", SignIn(provider=PROVIDER), (), store).hosts == ("triage.example",)


def test_a_taken_port_is_said_with_what_to_try(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"Can't listen on 127\.0\.0\.1:{port} .* --port"):
            serve(Store(tmp_path), port=port)
