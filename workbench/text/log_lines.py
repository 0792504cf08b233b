"""Standard error as lines of JSON, one object a line, for a program that collects logs.

An object has `time` (ISO 8601, UTC), `level`, `logger`, `message`, and `exception` with its trace where there is one. Message and
trace are masked before they become JSON, so that no escape hides what a mask looks for.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from workbench.text.masked_stream import MaskedStream, write_errors_to
from workbench.text.masking import mask

NO_LOGGER, LEVEL = "stderr", "ERROR"
"""What stands for the logger and the level of a line that no logger wrote: on standard error that is a complaint."""
_log = logging.getLogger("workbench")


class JsonLines(MaskedStream):
    """A stream on which every line is a JSON object: a record of a logger whole, any other text line by line."""

    def __init__(self, target: TextIO) -> None:
        super().__init__(target)

    def log(self, record: logging.LogRecord) -> None:
        """Write a record, whatever other text waits for the end of its line."""
        line = as_json(record)
        with self._lock:
            self._target.write(line)
            self._target.flush()

    def _written(self, line: str) -> str:
        if not line.strip():
            return ""
        return _object(datetime.now(UTC), LEVEL, NO_LOGGER, line)


def as_json(record: logging.LogRecord) -> str:
    """A record as a line of JSON, with its end; one whose parts don't fit together as far as it can be read."""
    try:
        message = record.getMessage()
    except Exception:  # a mistake in a call to a logger, which must not lose what it tells
        message = f"{record.msg} {record.args}"
    trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info and record.exc_info[0] else ""
    when = datetime.fromtimestamp(record.created, UTC)
    return _object(when, record.levelname, record.name, message, trace or record.exc_text or "")


def log_as_json() -> None:
    """From now on each line that this process writes to standard error is a JSON object.

    Streamlit and uvicorn make their handlers later and give them formatters of their own, by names that change; so it is decided
    where every handler of a stream writes. What ends a thread or the program, or warns, goes through a logger as well.
    """
    write_errors_to(JsonLines(sys.stderr))
    as_text = logging.StreamHandler.emit

    def emit(handler: logging.StreamHandler[TextIO], record: logging.LogRecord) -> None:
        if isinstance(handler.stream, JsonLines):
            handler.stream.log(record)
        else:
            as_text(handler, record)

    logging.StreamHandler.emit = emit  # type: ignore[method-assign, assignment]
    logging.captureWarnings(True)
    sys.excepthook = _ended
    threading.excepthook = _thread_ended
    sys.unraisablehook = _nobody_caught


def _object(when: datetime, level: str, logger: str, message: str, trace: str = "") -> str:
    time = when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"
    entry = {"time": time, "level": level, "logger": logger, "message": mask(message)}
    # ASCII, since the stream may take no more, and would spell the rest in a way that is no JSON
    return json.dumps(entry | ({"exception": mask(trace)} if trace else {})) + "\n"


def _ended(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    _log.critical("The program ended.", exc_info=(kind, problem, trace))


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        name = ended.thread.name if ended.thread else ""
        _log.error("The thread %r ended.", name, exc_info=ended.exc_value)


def _nobody_caught(left: sys.UnraisableHookArgs) -> None:
    _log.error(left.err_msg or "Nobody could catch an error.", exc_info=left.exc_value)
