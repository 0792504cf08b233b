"""The vote page: under a code one votes, and reaches nothing else."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from workbench.bench.bench import Bench
from workbench.judgement.records.sessions import AgendaItem
from workbench.store import Store
from workbench.triage import calibration
from workbench.ui.ballots import BallotBox

AT = "http://10.0.0.5:8502"
FORM = {"origin": AT}


@pytest.fixture
def bench(store: Store) -> Bench:
    bench = Bench(store, "Ana")
    bench.sessions.create("Monday", [AgendaItem("FC-0001")])
    calibration.mark(bench, "TS-0001", "FC-0001")
    return bench


def device(bench: Bench, header: str = "") -> TestClient:
    return TestClient(BallotBox(bench.store, header), base_url=AT)


def test_a_member_votes_under_the_code_and_nobody_sees_it_before_the_reveal(bench: Bench) -> None:
    code, laptop = bench.sessions.code("TS-0001"), device(bench)
    page = laptop.get("/", params={"code": code, "name": "Bo"})
    assert page.status_code == 200
    assert "FC-0001" in page.text

    vote = {"code": code, "name": "Bo", "round": "AG-0001", "choice": "loop", "severity": "S2"}
    kept = laptop.post("/", data=vote, headers=FORM)
    assert "Kept: Loop" in kept.text
    ballot = calibration.ballots(bench, "TS-0001")["FC-0001"]
    assert (ballot.voted, ballot.votes) == (["Bo"], [])
    assert "Loop" not in device(bench).get("/", params={"code": "WRONG", "name": "Cy"}).text


def test_nothing_else_of_the_workbench_is_behind_it(bench: Bench) -> None:
    laptop = device(bench)
    for path in ("/clusters", "/conversation?k=1", "/_stcore/health", "/media/x", "/vote/../clusters"):
        assert laptop.get(path).status_code == 404, path
    page = laptop.get("/")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_wrong_code_opens_nothing_and_guessing_ends(bench: Bench) -> None:
    laptop = device(bench)
    answers = [laptop.get("/", params={"code": f"GUESS{n:03}", "name": "Eve"}).status_code for n in range(21)]
    assert answers == [404] * 20 + [429]
    assert laptop.get("/", params={"code": bench.sessions.code("TS-0001"), "name": "Eve"}).status_code == 429


def test_a_name_belongs_to_the_device_that_gave_it_first(bench: Bench) -> None:
    code, box = bench.sessions.code("TS-0001"), BallotBox(bench.store)
    first, second = (TestClient(box, base_url=AT) for _ in range(2))
    assert first.get("/", params={"code": code, "name": "Bo"}).status_code == 200
    assert second.get("/", params={"code": code, "name": "bo"}).status_code == 409
    assert first.get("/", params={"code": code, "name": "Bo"}).status_code == 200


def test_a_vote_from_another_sites_form_is_refused(bench: Bench) -> None:
    vote = {"code": bench.sessions.code("TS-0001"), "name": "Bo", "round": "AG-0001", "choice": "loop"}
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "http://[::1"}, {}):
        assert device(bench).post("/", data=vote, headers=headers).status_code == 403
    assert calibration.ballots(bench, "TS-0001")["FC-0001"].voted == []


def test_where_people_sign_in_the_sign_in_names_the_voter(bench: Bench) -> None:
    laptop = device(bench, header="x-forwarded-user")
    vote = {"code": bench.sessions.code("TS-0001"), "name": "Mallory", "round": "AG-0001", "choice": "loop"}
    laptop.post("/vote", data=vote, headers=FORM | {"x-forwarded-user": "Bo"})
    assert calibration.ballots(bench, "TS-0001")["FC-0001"].voted == ["Bo"]


def test_after_the_reveal_no_vote_counts(bench: Bench) -> None:
    ballot = calibration.ballots(bench, "TS-0001")["FC-0001"]
    for name in ("Ana", "Bo"):
        calibration.vote(bench.acting(name), ballot, "loop")
    calibration.reveal(bench, ballot)
    vote = {"code": bench.sessions.code("TS-0001"), "name": "Cy", "round": "AG-0001", "choice": "loop"}
    assert "That vote is over" in device(bench).post("/", data=vote, headers=FORM).text
