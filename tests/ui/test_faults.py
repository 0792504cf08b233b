"""What is shown, answered and logged where nobody caught a problem."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import errors
from workbench.ui.faults import Faults, log_once


def page_with(kind: str) -> None:
    """A page in which something goes wrong that nobody catches."""
    from workbench.errors import Denied
    from workbench.ui.faults import failed

    problems = {
        "fault": KeyError("Jo Miller"),
        "denied": Denied("Jo Miller may not."),
        "full": OSError(28, "No space left on device"),
    }
    failed(problems[kind])


def shown_and_logged(kind: str, caplog: pytest.LogCaptureFixture) -> tuple[list[str], list[str]]:
    app = AppTest.from_function(page_with, args=(kind,)).run()
    return errors(app), [record.getMessage() for record in caplog.records if record.name == "workbench.ui.faults"]


def test_a_fault_has_one_number_on_its_page_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    (shown,), (logged,) = shown_and_logged("fault", caplog)
    number = re.search(r"fault ([0-9a-f]{8})", shown)
    assert number
    assert logged == f"Fault {number[1]} of a page"
    assert "Jo Miller" not in shown


def test_what_is_meant_for_a_person_is_shown_to_them_and_logged_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    assert shown_and_logged("denied", caplog) == (["Jo Miller may not."], [])


def test_a_full_disk_is_no_fault_of_ours_and_the_log_has_it(caplog: pytest.LogCaptureFixture) -> None:
    (shown,), logged = shown_and_logged("full", caplog)
    assert (shown.startswith("The disk is full"), logged) == (True, ["The disk is full."])


def test_streamlits_own_line_of_the_same_problem_is_left_out_and_its_others_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("streamlit.error_util")
    before = list(logger.filters)
    try:
        log_once()
        with caplog.at_level(logging.ERROR):
            logger.addHandler(caplog.handler)
            logger.error("Uncaught app execution", exc_info=KeyError("Jo Miller"))
            logger.error("Failed to display uncaught app exception")
    finally:
        logger.filters[:] = before
        logger.removeHandler(caplog.handler)
    assert {record.getMessage() for record in caplog.records} == {"Failed to display uncaught app exception"}


def answer(begun: bool) -> list[dict[str, Any]]:
    """What is sent to a browser whose request fails, before or after its answer began."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError("Jo Miller")

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    asyncio.run(Faults(app)({"type": "http"}, receive, send))
    return sent


def test_a_request_that_fails_is_answered_with_its_number(caplog: pytest.LogCaptureFixture) -> None:
    start, body = answer(begun=False)
    number = re.fullmatch(r"This failed on our side \(fault ([0-9a-f]{8})\)\..*", body["body"].decode().strip())
    assert (start["status"], number is not None) == (500, True)
    assert number
    assert caplog.messages == [f"Fault {number[1]} of a request"]


def test_an_answer_that_had_begun_ends_where_it_is() -> None:
    assert [message["type"] for message in answer(begun=True)] == ["http.response.start"]
