"""What a load balancer is told: in time, from anybody's question, and no more often looked at than it must be."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from workbench.ui.ready import Look, Ready


class Scripted:
    """A store whose faults a test says."""

    def __init__(self, store: list[str], judgement: list[str]) -> None:
        self._store, self._judgement = store, judgement

    def store_faults(self) -> list[str]:
        return self._store

    def judgement_faults(self) -> list[str]:
        return self._judgement


def answer(servable: Any, path: str = "/ready") -> tuple[Any, bytes]:
    """Status and body."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"status": "in"})
        await send({"body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    asyncio.run(Ready(app, servable)({"type": "http", "path": path, "method": "GET", "headers": []}, receive, send))
    return sent[0]["status"], sent[1]["body"]


def test_it_says_ok_or_what_is_wrong_and_hands_on_what_is_asked_elsewhere() -> None:
    assert answer(Scripted([], [])) == (200, b"ok")
    assert answer(Scripted(["snapshot unreadable"], ["judgement damaged"])) == (
        503,
        b"snapshot unreadable\njudgement damaged",
    )
    assert answer(Scripted([], []), "/health") == ("in", b"")


def test_a_look_that_takes_too_long_is_its_own_answer_and_is_taken_once_however_many_ask() -> None:
    goes_on, taken = threading.Event(), []

    def look() -> list[str]:
        taken.append(1)
        goes_on.wait(10)
        return []

    async def asked() -> list[list[str]]:
        slow = Look(look, "does not answer", patience=0.05, kept=60)
        silent = await asyncio.gather(slow.now(), slow.now())
        goes_on.set()
        while (answer := await slow.now()) and len(silent) < 50:
            silent.append(answer)
        return [silent[0], silent[1], answer]

    assert asyncio.run(asked()) == [["does not answer"], ["does not answer"], []]
    assert taken == [1]


def test_an_answer_is_given_again_for_a_while_and_then_looked_for() -> None:
    faults = iter([["first"], ["second"]])

    async def asked(kept: float) -> list[list[str]]:
        look = Look(lambda: next(faults), "does not answer", patience=10, kept=kept)
        return [await look.now(), await look.now()]

    assert asyncio.run(asked(60)) == [["first"], ["first"]]
    faults = iter([["first"], ["second"]])
    assert asyncio.run(asked(0)) == [["first"], ["second"]]
