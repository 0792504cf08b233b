"""XLSX: every text is written as text, so that nothing in it is a formula, a link, a number or a date.

Cells carry their type, so they need no guards; control characters are spelled _x0000_, as Excel does it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from workbench.text.values import cell_text, naive_utc, without_lone_surrogates

SHEET_ROWS = 1_048_576  # Excel's limit, header included
CELL_UNITS = 32_767  # Excel's limit for one cell, in UTF-16 units
_EXACT_INTEGER = 10**15  # Excel keeps 15 digits
_MEASURED_ROWS, _WIDTH = 1_000, (8, 60)


def write_xlsx(rows: Iterable[object], columns: Sequence[str], file: BinaryIO, name: str) -> None:
    """A sheet with a frozen header and a filter; rows beyond Excel's limit go on in `name 2`, `name 3`."""
    # Kept out of module import: only this target pays for it.
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = _Sheet(workbook, name, columns)
        for row in rows:
            if sheet.next_row == SHEET_ROWS:
                sheet.finish()
                sheet = _Sheet(workbook, f"{name} {len(workbook.worksheets()) + 1}", columns)
            sheet.append([getattr(row, column) for column in columns])
        sheet.finish()


class _Sheet:
    """One worksheet, written row by row."""

    def __init__(self, workbook: Any, name: str, columns: Sequence[str]) -> None:
        self.sheet = workbook.add_worksheet(name)
        self.bold = workbook.add_format({"bold": True})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.time = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.widths = [0] * len(columns)
        self.next_row = 0
        self.sheet.freeze_panes(1, 0)
        self.append(columns, self.bold)

    def append(self, values: Sequence[object], style: Any = None) -> None:
        for column, value in enumerate(values):
            width = self._write(self.next_row, column, value, style)
            if self.next_row < _MEASURED_ROWS:
                self.widths[column] = max(self.widths[column], width)
        self.next_row += 1

    def finish(self) -> None:
        narrowest, widest = _WIDTH
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, min(max(width + 3, narrowest), widest))
        last_row, last_column = self.next_row - 1, len(self.widths) - 1
        self.sheet.autofilter(0, 0, last_row, last_column)
        # Identifiers of digits are text on purpose: no green triangle on each of them.
        self.sheet.ignore_errors({"number_stored_as_text": self._range(last_row, last_column)})

    def _write(self, row: int, column: int, value: object, style: Any) -> int:
        """Write one cell, and return how wide it is in characters."""
        match value:
            case bool():
                self.sheet.write_boolean(row, column, value)
                return 5
            case datetime() if value.year >= 1900:
                self.sheet.write_datetime(row, column, naive_utc(value), self.time)
                return 19
            case date() if not isinstance(value, datetime) and value.year >= 1900:
                self.sheet.write_datetime(row, column, value, self.day)
                return 10
            case int() | float() if math.isfinite(value) and abs(value) < _EXACT_INTEGER:
                self.sheet.write_number(row, column, value)
                return len(f"{value:.6g}")
        text = _fitting(without_lone_surrogates(cell_text(value)))
        if text:
            self.sheet.write_string(row, column, text, style)
        return len(text)

    @staticmethod
    def _range(last_row: int, last_column: int) -> str:
        from xlsxwriter.utility import xl_range

        return str(xl_range(0, 0, last_row, last_column))


def _fitting(text: str) -> str:
    """The text, cut with a marker that says so where it is longer than a cell may be."""
    if len(text) <= CELL_UNITS // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL_UNITS:
        return text
    kept = units[: 2 * (CELL_UNITS - 60)].decode("utf-16-le", "ignore")
    return f"{kept}… (+{len(text) - len(kept):,} characters, cut at Excel's limit)"
