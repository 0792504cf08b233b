"""A store served to several: what an unsigned browser reaches over the wire, and who the pages take the signed-in one for."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.browser import serving_process
from tests.support.paths import ROOT
from tests.support.routes import ANYBODYS, pages, requests, sockets
from tests.support.wire import open_wire, page_over
from workbench.judgement.store import Judgement
from workbench.store import Store

HOST, PROXY, STRANGER = "127.0.0.2", "127.0.0.3", "127.0.0.4"  # Linux answers on the whole network 127.0.0.0/8
NAME = "triage.example"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of this file logs to."""
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, log: Path) -> Iterator[tuple[str, Store]]:
    """The address of an empty store that is served off loopback behind a proxy, and the store."""
    store = Store(tmp_path_factory.mktemp("team"))
    options = ["--user-header", "X-User", "--trusted-proxy", PROXY, "--public-host", NAME, "--lead", "ana"]
    with serving_process(store, HOST, *options, "--log-format", "json", log=log) as (address, _):
        yield address, store


def status(address: str, path: str, peer: str, method: str = "GET", **headers: str) -> int:
    """The status of an answer to a request from the address `peer`."""
    where = urlsplit(address)
    assert where.hostname
    connection = HTTPConnection(where.hostname, where.port, 10, (peer, 0))
    connection.request(
        method, path, headers={"Host": NAME} | {name.replace("_", "-"): headers[name] for name in headers}
    )
    return connection.getresponse().status


def shown(address: str, peer: str, *, page: str = "", origin: str = f"https://{NAME}", **headers: str) -> str:
    """What the script of a page sends over a socket from the address `peer`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with open_wire(address, origin, named, peer, NAME) as wire:
        return page_over(wire, page)


@pytest.mark.parametrize("peer", [STRANGER, PROXY])
def test_an_unsigned_browser_reaches_no_page_no_download_and_no_upload(team: tuple[str, Store], peer: str) -> None:
    address, _ = team
    with open_wire(address, f"https://{NAME}", {"X-User": "ana"}, PROXY, NAME) as wire:
        served = pages(wire)
    assert {f"/{page.stem}" for page in (ROOT / "pages").glob("*.py")} <= set(served)
    asked = [*(("GET", path) for path in served), *requests()]
    refused = [each for each in asked if each[1] not in ANYBODYS]
    assert {each: status(address, each[1], peer, each[0]) for each in refused} == dict.fromkeys(refused, 401)


@pytest.mark.parametrize("path", sockets())
def test_an_unsigned_browser_opens_no_socket(team: tuple[str, Store], path: str) -> None:
    with pytest.raises(InvalidStatus, match="403"), open_wire(team[0], f"https://{NAME}", {}, PROXY, NAME, path):
        pass


def test_a_forged_header_from_elsewhere_counts_for_nothing(team: tuple[str, Store]) -> None:
    address, _ = team
    forged = {"X_User": "ana", "X_Forwarded_For": PROXY}
    assert status(address, "/", STRANGER, **forged) == 401
    with pytest.raises(InvalidStatus, match="403"):
        shown(address, STRANGER, **forged)


def test_a_foreign_pages_socket_is_refused_though_somebody_is_signed_in(team: tuple[str, Store]) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        shown(team[0], PROXY, origin="https://evil.example", X_User="ana")


def test_whoever_the_proxy_names_works_under_that_name(team: tuple[str, Store]) -> None:
    address, store = team
    assert status(address, "/", PROXY, X_User="ana") == 200
    assert "Signed in as ana" in shown(address, PROXY, X_User="ana")
    drawn = shown(address, PROXY, X_User="*Bo*")
    assert r"Signed in as \\*Bo\\*" in drawn
    assert "Your name" not in drawn
    judgement = Judgement(store.judgement_url)
    assert {person.name: person.role for person in judgement.pod.people()} == {"ana": "lead", "*Bo*": None}


@pytest.mark.parametrize("path", sorted(ANYBODYS))
def test_a_health_address_answers_without_a_sign_in_and_says_nothing_else(team: tuple[str, Store], path: str) -> None:
    with urllib.request.urlopen(f"{team[0]}{path}", timeout=20) as answer:
        assert answer.read() == b"ok"
    assert [status(team[0], path, STRANGER, method) for method in ("PUT", "DELETE")] == [405, 405]


def test_the_log_of_all_that_names_nobody_and_no_address(team: tuple[str, Store], log: Path) -> None:
    shown(team[0], PROXY, X_User="ana")
    assert status(team[0], "/_stcore/upload_file/a/jo@example.com?token=s3cr3t", PROXY, "PUT", X_User="ana") == 403
    logged = log.read_text("ascii")
    assert [set(json.loads(line)) - {"exception"} for line in logged.splitlines()] == [
        {"time", "level", "logger", "message"} for _ in logged.splitlines()
    ]
    named = ("ana", "Bo", "example", "s3cr3t", PROXY, STRANGER)
    assert [word for word in named if re.search(rf"\b{re.escape(word)}\b", logged)] == []
