"""Limits as they are stated, and questions that take too long."""

import threading
import time

import pytest

from workbench.errors import UserError
from workbench.limits import VARIABLE, Limits, QueryClock, current, stated


def test_limits_are_stated_by_name_and_the_others_stay() -> None:
    assert stated(["sessions=40", " query_seconds=20 ", ""], Limits(previews=3)) == Limits(
        sessions=40, query_seconds=20, previews=3
    )


@pytest.mark.parametrize("part", ["sessions", "sessions=", "sessions=0", "sessions=-1", "sessions=4.5", "visitors=3",
                                  "sessions=²", "sessions=" + "9" * 5000])  # fmt: skip
def test_what_is_no_limit_is_named(part: str) -> None:
    with pytest.raises(UserError, match=r"is no limit\. A limit is a name and a number: upload_mb, "):
        stated([part])


def test_what_is_applied_holds_in_the_processes_that_are_started_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    Limits(sessions=7).apply()
    assert current() == Limits(sessions=7)


class Question:
    """One that goes on until it is stopped."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    def interrupt(self) -> None:
        self.stopped.set()

    def ask(self) -> None:
        if self.stopped.wait(5):
            raise RuntimeError("interrupted")


def test_a_question_that_takes_too_long_is_stopped_with_what_to_do() -> None:
    clock, question = QueryClock(), Question()
    clock.limit(0.1)
    began = time.monotonic()
    with (
        pytest.raises(UserError, match=r"longer than 0\.1 s and was stopped.*Narrow the filter"),
        clock.running(question),
    ):
        question.ask()
    assert time.monotonic() - began < 3


def test_another_error_stays_what_it_is() -> None:
    clock = QueryClock()
    clock.limit(60)
    with pytest.raises(ZeroDivisionError), clock.running(Question()):
        raise ZeroDivisionError
