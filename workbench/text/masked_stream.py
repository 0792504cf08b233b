"""A stream of text whose lines are masked as they are written: what programs log may quote a log's rows."""

from __future__ import annotations

import io
import logging
import sys
from typing import TextIO

from workbench.text.masking import mask


class MaskedStream(io.TextIOBase):
    """Writes on to another stream, a masked line at a time; what has no end of a line yet waits for it."""

    def __init__(self, target: TextIO) -> None:
        self._target = target
        self._line = ""

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
        *whole, self._line = (self._line + text).split("\n")
        if whole:
            self._target.write("".join(f"{mask(line)}\n" for line in whole))
            self._target.flush()
        return len(text)

    def flush(self) -> None:
        """Flush the stream behind it; half a line still waits, since half an address is no address to a mask."""
        self._target.flush()

    def finish(self) -> None:
        """Write what waits."""
        self._target.write(mask(self._line))
        self._line = ""
        self._target.flush()


def mask_what_is_logged() -> None:
    """From now on whatever this process writes to standard error is masked, by loggers that there are already, too."""
    before, masked = sys.stderr, MaskedStream(sys.stderr)
    sys.stderr = masked
    loggers = [
        logging.getLogger(),
        *(each for each in logging.Logger.manager.loggerDict.values() if isinstance(each, logging.Logger)),
    ]
    for handler in (handler for logger in loggers for handler in logger.handlers):
        if isinstance(handler, logging.StreamHandler) and handler.stream is before:
            handler.setStream(masked)
