"""A stream of text whose lines are masked as they are written: what programs log may quote a log's rows."""

from __future__ import annotations

import io
import logging
import sys
import threading
from typing import TextIO

from workbench.text.masking import mask


class MaskedStream(io.TextIOBase):
    """Writes on to another stream, a masked line at a time; what has no end of a line yet waits for it."""

    def __init__(self, target: TextIO) -> None:
        self._target = target
        self._line = ""
        self._lock = threading.Lock()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream behind it."""
        return self._target.encoding

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """Whether the stream behind it is a terminal."""
        return self._target.isatty()

    def fileno(self) -> int:
        """That of the stream behind it, for programs that are started from here."""
        return self._target.fileno()

    def write(self, text: str) -> int:
        """Write what ends a line, and keep the rest."""
        with self._lock:
            *whole, self._line = (self._line + text).split("\n")
            if whole:
                self._target.write("".join(map(self._written, whole)))
                self._target.flush()
        return len(text)

    def flush(self) -> None:
        """Flush the stream behind it; half a line still waits, since half an address is no address to a mask."""
        self._target.flush()

    def finish(self) -> None:
        """Write what waits."""
        with self._lock:
            self._target.write(self._written(self._line).removesuffix("\n"))
            self._line = ""
            self._target.flush()

    def _written(self, line: str) -> str:
        """What is written for a line."""
        return f"{mask(line)}\n"


def mask_what_is_logged() -> None:
    """From now on whatever this process writes to standard error is masked, by loggers that there are already, too."""
    if not isinstance(sys.stderr, MaskedStream):
        write_errors_to(MaskedStream(sys.stderr))


def write_errors_to(stream: MaskedStream) -> None:
    """Put a stream in the place of standard error, for loggers that there are already, too; those without a handler get one."""
    before, sys.stderr = sys.stderr, stream
    loggers = [
        logging.getLogger(),
        *(each for each in logging.Logger.manager.loggerDict.values() if isinstance(each, logging.Logger)),
    ]
    for handler in (handler for logger in loggers for handler in logger.handlers):
        if isinstance(handler, logging.StreamHandler) and handler.stream is before:
            handler.setStream(stream)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=stream)
