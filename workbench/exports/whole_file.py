"""A file that is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from workbench.errors import UserError


@contextmanager
def whole_file(out: Path) -> Iterator[BinaryIO]:
    """A binary file beside `out` that takes its place at the end; after an error nothing is left of it.

    Raises `UserError` where `out` can't be written.
    """
    part = out.with_name(f".{uuid4().hex}.part")
    try:
        if not out.parent.is_dir():
            raise UserError(f"{out}: the folder {out.parent} does not exist. Create it, or name another file.")
        # A name that the file system can't hold is an error already here.
        if out.exists() and not out.is_file():
            raise UserError(f"{out}: not a regular file. Name a file to write to.")
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise UserError(f"{out}: can't be written ({error.strerror}). Free some space or name another file.") from error
    finally:
        with suppress(OSError):
            part.unlink()
