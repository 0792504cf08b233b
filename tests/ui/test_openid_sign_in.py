"""Signing in at an OpenID provider, over the wire: what is open before, who one is after, and when it is over."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from tests.support.browser import free_port, serving_fork
from tests.support.openid import CLIENT, SECRET, OpenIdProvider, openid_provider
from tests.support.routes import ANYBODYS, pages, requests
from tests.support.wire import open_wire, page_over
from workbench.judgement.records.pod import Person
from workbench.judgement.store import Judgement
from workbench.store import Store
from workbench.ui.provider import CLIENT_SECRET
from workbench.ui.sign_in import BACK, ELSEWHERE, ENDED, IN, OUT

HOST = "127.0.0.2"  # no loopback name, and Linux answers on the whole network 127.0.0.0/8
ITS_OWN = {IN: 302, BACK: 400, OUT: 303, ENDED: 200, ELSEWHERE: 405}
"""The addresses of the sign-in, which must be open, with what they answer whoever comes without a word from the provider."""
ANA = {"sub": "1", "email": "ana@example.com", "email_verified": True, "groups": ["leads", "others"]}
BO = {"sub": "2", "email": "bo@example.com", "groups": ["everybody"]}
AS_A_BROWSER = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
LEFT = {"http://schemas.openid.net/event/backchannel-logout": {}}


@dataclass
class Team:
    """A store that is served off loopback, and the provider that its people sign in at."""

    address: str
    store: Store
    provider: OpenIdProvider

    def browser(self) -> httpx2.Client:
        """A browser without cookies, which follows every redirect."""
        return httpx2.Client(base_url=self.address, headers=AS_A_BROWSER, follow_redirects=True)

    @contextmanager
    def signed_in(self, **person: Any) -> Iterator[httpx2.Client]:
        """A browser whose person signed in."""
        self.provider.person = person
        with self.browser() as browser:
            assert browser.get("/").status_code == 200
            yield browser

    def wire(self, browser: httpx2.Client, **headers: str) -> Any:
        """The socket of a page in that browser."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return open_wire(self.address, self.address, named | ({"Cookie": cookies} if cookies else {}))

    def people(self) -> dict[str, str | None]:
        """Who is remembered, with the role that was given."""
        with closing(Judgement(self.store.judgement_url)) as judgement:
            return {person.name: person.role for person in judgement.pod.people()}


def read_to_its_end(wire: ClientConnection) -> None:
    """Take what a socket still sends, until it is closed."""
    while True:
        wire.recv(10)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder, port = tmp_path_factory.mktemp("openid"), free_port(HOST)
    with openid_provider() as provider, pytest.MonkeyPatch.context() as patch:
        patch.setenv(CLIENT_SECRET, SECRET)
        (folder / "sign-in.toml").write_text(
            f"""
            issuer = "{provider.issuer}"
            client_id = "{CLIENT}"
            address = "http://{HOST}:{port}"
            roles_from = "groups"
            [roles]
            lead = ["leads"]
            triager = ["pod"]
            viewer = ["everybody"]
            """,
            "utf-8",
        )
        store = Store(folder / "store")
        store.create()
        with serving_fork(store, HOST, "--sign-in", str(folder / "sign-in.toml"), port=port) as (address, _):
            yield Team(address, store, provider)


@pytest.fixture(autouse=True)
def honest(team: Team) -> Iterator[None]:
    yield
    team.provider.tampering, team.provider.in_token = {}, True


def test_an_unsigned_browser_is_sent_to_the_sign_in_from_every_page_and_gets_nothing_else(team: Team) -> None:
    with team.signed_in(**ANA) as signed_in, team.wire(signed_in) as wire:
        served = pages(wire)
    with httpx2.Client(base_url=team.address, headers=AS_A_BROWSER) as browser:
        answers = {page: browser.get(page) for page in served}
        assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(served, 303)
        assert all(answer.headers["location"].startswith("/sign-in?to=") for answer in answers.values())
        assert not any(answer.content for answer in answers.values())
    others = [each for each in [*requests(), ("GET", "/x/../")] if each[1] not in {*ANYBODYS, *ITS_OWN}]
    with httpx2.Client(base_url=team.address) as script:
        assert {each: script.request(*each).status_code for each in others} == dict.fromkeys(others, 401)
        assert {path: script.get(path).status_code for path in ITS_OWN} == ITS_OWN
        assert {path: script.get(path).text for path in ANYBODYS} == dict.fromkeys(ANYBODYS, "ok")
        assert script.get("/", headers={"X-Workbench-Person": "ana@example.com"}).status_code == 401
    with pytest.raises(InvalidStatus, match="403"), team.wire(team.browser(), X_Workbench_Person="ana@example.com"):
        pass


def test_the_address_that_was_asked_for_survives_the_sign_in(team: Team) -> None:
    team.provider.person = ANA
    with team.browser() as browser:
        assert str(browser.get("/cluster?c=FC-0007&e=2").url) == f"{team.address}/cluster?c=FC-0007&e=2"
        assert team.provider.asked[-1]["code_challenge_method"] == "S256"


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/sign-out", "x"])
def test_no_sign_in_leads_to_another_site(team: Team, to: str) -> None:
    team.provider.person = ANA
    with team.browser() as browser:
        assert str(browser.get("/sign-in", params={"to": to}).url) == f"{team.address}/"


def test_the_claims_say_who_one_is_and_with_which_role_and_no_header_does(team: Team) -> None:
    with team.signed_in(**BO) as browser, team.wire(browser, X_Workbench_Person="ana@example.com") as wire:
        drawn = page_over(wire)
    assert "Signed in as bo" in drawn
    assert ("Your name" in drawn, "Sign out" in drawn) == (False, True)
    assert team.people()["bo@example.com"] == "viewer"


def test_a_role_that_the_provider_took_away_is_gone_with_the_next_sign_in(team: Team) -> None:
    roles = []
    for groups in (["leads"], "pod", ["everybody"]):
        with team.signed_in(sub="3", email="cy@example.com", groups=groups):
            roles.append(team.people()["cy@example.com"])
    assert roles == ["lead", "triager", "viewer"]


def test_claims_that_the_token_lacks_are_asked_for(team: Team) -> None:
    team.provider.in_token = False
    with team.signed_in(sub="4", email="di@example.com", groups=["pod"]):
        assert team.people()["di@example.com"] == "triager"


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"sub": "5", "email": "x@example.com", "groups": ["strangers"]}, "none of the groups"),
        ({"sub": "5", "email": "ana@example.com", "email_verified": False, "groups": ["leads"]}, "verified"),
        ({"sub": "5", "groups": ["leads"]}, "no usable &#x27;email&#x27;"),
    ],
)
def test_whoever_the_claims_do_not_name_or_let_in_stays_outside(team: Team, person: Any, reason: str) -> None:
    team.provider.person = person
    with team.browser() as browser:
        answer = browser.get("/")
        assert (answer.status_code, reason in answer.text) == (403, True)
        assert httpx2.get(team.address, cookies=browser.cookies).status_code == 401


@pytest.mark.parametrize(
    "tampering",
    [{"iss": "https://evil.example"}, {"aud": "another client"}, {"nonce": "another"}, {"exp": 1}, {"sub": None}],
)
def test_a_token_that_is_not_for_us_signs_nobody_in(team: Team, tampering: dict[str, Any]) -> None:
    team.provider.person, team.provider.tampering = ANA, tampering
    with team.browser() as browser:
        assert browser.get("/").status_code == 400
        assert not any("sign_in" in cookie.name for cookie in browser.cookies.jar)


def test_a_code_for_one_browser_signs_in_no_other(team: Team) -> None:
    team.provider.person = ANA
    with team.browser() as mine, team.browser() as other:
        answer = mine.get("/sign-in", follow_redirects=False)
        back = httpx2.get(answer.headers["location"]).headers["location"]
        assert other.get(back).status_code == 400
        assert mine.get(back).status_code == 200
        assert mine.get(back, follow_redirects=False).status_code == 400


def test_signing_out_closes_the_sockets_and_the_cookie_is_worth_nothing_any_more(team: Team) -> None:
    with team.signed_in(**ANA) as browser, team.wire(browser) as wire:
        assert "Signed in as ana" in page_over(wire)
        copied = dict(browser.cookies)
        assert browser.get("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        answer = browser.get("/sign-out")
        assert (str(answer.url).split("?")[0], "You are signed out" in answer.text) == (
            f"{team.address}/signed-out",
            True,
        )
        with pytest.raises(ConnectionClosed, match="1008"):
            read_to_its_end(wire)
    assert httpx2.get(team.address, cookies=copied).status_code == 401


def test_a_sign_out_at_the_provider_ends_the_session_here(team: Team) -> None:
    def leave(**claims: Any) -> int:
        token = team.provider.signed({"events": LEFT} | claims)
        return httpx2.post(f"{team.address}/signed-out-elsewhere", data={"logout_token": token}).status_code

    with team.signed_in(**ANA, sid="s1") as first, team.signed_in(**BO, sid="s2") as second:
        assert (leave(sid="s1", nonce="n"), leave(sid="s1", aud="x"), leave(events={}, sid="s1"), leave()) == (400,) * 4
        assert first.get("/", follow_redirects=False).status_code == 200
        assert leave(sid="s1") == 200
        assert first.get("/", follow_redirects=False).status_code == 303
        assert second.get("/", follow_redirects=False).status_code == 200
        assert leave(sub="2") == 200
        assert second.get("/", follow_redirects=False).status_code == 303


def test_an_open_page_comes_back_to_the_sign_in_when_its_own_has_run_out(team: Team) -> None:
    with team.signed_in(**ANA) as browser:
        answer = browser.get("/labels")
        assert 35_000 < int(answer.headers["refresh"]) <= 36_002


def test_the_first_to_sign_in_gets_no_role_of_their_own_making(team: Team) -> None:
    with team.signed_in(sub="6", email="ed@example.com", groups=["everybody"], role="lead"):
        pass
    with closing(Judgement(team.store.judgement_url)) as judgement:
        assert Person("ed@example.com", "viewer") in [
            Person(person.name, person.role) for person in judgement.pod.people()
        ]
