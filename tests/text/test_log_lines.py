"""Standard error as lines of JSON: what a logger writes, and what nobody's logger does."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from workbench.text.log_lines import JsonLines, as_json, log_as_json


@contextmanager
def logging_as_json() -> Iterator[io.StringIO]:
    """What stands behind standard error while this process logs as JSON; all is as before at the end."""
    behind, root = io.StringIO(), logging.getLogger()
    with (
        pytest.MonkeyPatch.context() as patch
    ):  # in the test and no fixture, as pytest changes standard error between them
        patch.setattr(sys, "stderr", behind)
        for owner, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
            patch.setattr(owner, name, getattr(owner, name))
        patch.setattr(logging.StreamHandler, "emit", logging.StreamHandler.emit)
        patch.setattr(root, "handlers", [])
        log_as_json()
        yield behind
        logging.captureWarnings(False)


def entries(target: io.StringIO) -> list[dict[str, Any]]:
    """The objects that were written, without their times."""
    lines = [json.loads(line) for line in target.getvalue().splitlines()]
    return [{name: value for name, value in line.items() if name != "time"} for line in lines]


def logger_of_somebody_else() -> logging.Logger:
    """One whose handler is made later and has a formatter of its own, as servers do it."""
    logger, handler = logging.Logger("web"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s\n%(levelname)s -- %(message)s"))
    logger.addHandler(handler)
    return logger


def test_a_record_is_one_object_with_its_time_in_utc() -> None:
    record = logging.LogRecord("web", logging.WARNING, "f.py", 1, "a row of %s\nand é", ("jo@example.com",), None)
    record.created = 1_767_225_600.0625
    assert as_json(record) == (
        '{"time": "2026-01-01T00:00:00.062Z", "level": "WARNING", "logger": "web", "message": "a row of [email]\\nand \\u00e9"}\n'
    )


def test_a_trace_is_one_masked_text() -> None:
    with logging_as_json() as target:
        logger = logger_of_somebody_else()
        try:
            raise ValueError("bad value jo@example.com")
        except ValueError:
            logger.exception("Failed")
    (entry,) = entries(target)
    trace = entry.pop("exception")
    assert entry == {"level": "ERROR", "logger": "web", "message": "Failed"}
    assert trace.startswith("Traceback (most recent call last):\n")
    assert trace.endswith("\nValueError: bad value [email]\n")


def test_what_no_logger_wrote_is_an_object_a_line_however_it_comes_in_pieces() -> None:
    with logging_as_json() as target:
        logger = logger_of_somebody_else()
        print("half a line of jo@", end="", file=sys.stderr)
        logger.warning("between")
        print('example.com {"level": "INFO"}\n\nmore', file=sys.stderr)
    assert entries(target) == [
        {"level": "WARNING", "logger": "web", "message": "between"},
        {"level": "ERROR", "logger": "stderr", "message": 'half a line of [email] {"level": "INFO"}'},
        {"level": "ERROR", "logger": "stderr", "message": "more"},
    ]


def test_a_call_whose_parts_do_not_fit_loses_nothing_of_what_it_tells() -> None:
    with logging_as_json() as target:
        logger_of_somebody_else().error("%s of %s", "jo@example.com")
    assert entries(target) == [{"level": "ERROR", "logger": "web", "message": "%s of %s ('[email]',)"}]


def test_a_handler_of_another_stream_writes_as_it_did() -> None:
    logger, other = logging.Logger("web"), io.StringIO()
    logger.addHandler(logging.StreamHandler(other))
    with logging_as_json() as target:
        logger.error("as before")
    assert (other.getvalue(), target.getvalue()) == ("as before\n", "")


def test_an_end_that_nobody_caught_is_one_object() -> None:
    with logging_as_json() as target:
        try:
            raise KeyError("jo@example.com")
        except KeyError as e:
            sys.excepthook(type(e), e, e.__traceback__)
    (entry,) = entries(target)
    assert (entry["level"], entry["message"], "KeyError: '[email]'" in entry["exception"]) == (
        "CRITICAL", "The program ended.", True,
    )  # fmt: skip


def test_what_waits_for_the_end_of_its_line_is_written_at_the_end() -> None:
    target = io.StringIO()
    stream = JsonLines(target)
    stream.write("no end")
    stream.finish()
    assert [entry["message"] for entry in entries(target)] == ["no end"]
