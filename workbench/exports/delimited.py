"""CSV: comma, CRLF, UTF-8. For people with a BOM and with guards, so that no cell of theirs becomes a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from workbench.errors import UserError
from workbench.text.values import cell_text, without_lone_surrogates

_BOM = "\ufeff"
_STARTERS = "=+-@＝＋－＠'"
_STRICT_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
# Letters, marks and symbols by their category, but they print nothing: fillers, joiners, the blank Braille pattern, variation selectors.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def write_csv(rows: Iterable[object], columns: Sequence[str], file: BinaryIO, raw: bool) -> None:
    """One line a row under a line of column names; `raw` leaves BOM and guards out."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    if not raw:
        text.write(_BOM)
    writer.writerow(columns)
    writer.writerows([_cell(getattr(row, column), raw) for column in columns] for row in rows)
    text.flush()
    text.detach()


def read_csv(path: str | Path) -> list[dict[str, str]]:
    """The rows of a CSV that `write_csv` wrote, each cell as it was; the BOM tells whether cells carry guards."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}. Save it as CSV UTF-8.") from error
    guarded = text.startswith(_BOM)
    # A cell may be longer than the csv module's default of 131,072 characters.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix(_BOM), newline=""), strict=True))
    except csv.Error as error:
        raise UserError(f"{path}: not a CSV with commas and double quotes ({error}). Export it again.") from error
    cells = [[cell.removeprefix("'") if guarded else cell for cell in line] for line in lines]
    return [dict(zip(cells[0], line, strict=False)) for line in cells[1:]]


def _cell(value: object, raw: bool) -> str:
    text = without_lone_surrogates(cell_text(value))
    is_text = isinstance(value, str | list | tuple)
    return "'" + text if is_text and not raw and _needs_guard(text) else text


def _needs_guard(text: str) -> bool:
    first = next((char for char in text if not _prints_nothing(char)), "")
    return first != "" and first in _STARTERS and not _STRICT_NUMBER.match(text)


def _prints_nothing(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Cn") or _BLANK.match(char) is not None
