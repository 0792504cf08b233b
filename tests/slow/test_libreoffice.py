"""Our CSV and XLSX opened by a real spreadsheet program: no cell is a formula, every text is there."""

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from tests.support.rows import with_request
from tests.support.tickets import TICKET, ticket_with
from workbench.exports import export

pytestmark = pytest.mark.slow

HOSTILE = [
    '=HYPERLINK("http://collector.invalid";"x")',
    "+1+2",
    "-2+3",
    "@SUM(A1)",
    "\t=1+2",
    "\r\n=1+2",
    "＝1+2",
    "\u200b=1+2",
    "'quoted",
    'a","=1+2',
    "000123",
    "12345678901234567890",
    "1E5",
    "2026-03-02",
    "=cmd|' /C calc'!A0",
]


def opened(file: Path, folder: Path) -> list[list[object]]:
    """The cells of a file as LibreOffice reads it (comma, UTF-8, as typed), formulas as formulas."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is missing: apt-get install libreoffice-calc")
    subprocess.run(
        [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--infilter=CSV:44,34,76,1,,0,false,true",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(file)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(folder / "out" / f"{file.stem}.xlsx").worksheets[0]
    assert [cell.coordinate for row in sheet for cell in row if cell.data_type == "f"] == []
    return [[cell.value for cell in row] for row in sheet]


def test_no_cell_of_a_csv_is_a_formula_and_every_text_comes_back(tmp_path: Path) -> None:
    export("failures", "csv", [with_request(text) for text in HOSTILE], tmp_path / "hostile.csv")
    header, *rows = opened(tmp_path / "hostile.csv", tmp_path)
    column = header.index("request_excerpt")
    back = [str(row[column]) for row in rows]
    unguarded = [text[1:] if text.startswith("'") else text for text in back]
    texts = [t for t in HOSTILE if t not in ("000123", "12345678901234567890", "1E5", "2026-03-02")]
    assert [text.replace("\r\n", "\n") for text in texts if text.replace("\r\n", "\n") not in unguarded] == []


def test_no_cell_of_an_xlsx_is_a_formula_and_nothing_is_retyped(tmp_path: Path) -> None:
    export("failures", "xlsx", [with_request(text) for text in HOSTILE], tmp_path / "hostile.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "hostile.xlsx").worksheets[0]
    header = [cell.value for cell in sheet[1]]
    column = header.index("request_excerpt") + 1
    cells = [sheet.cell(row, column) for row in range(2, len(HOSTILE) + 2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells if cell.value in ("000123", "12345678901234567890", "1E5", "2026-03-02")] == [
        "000123", "12345678901234567890", "1E5", "2026-03-02"
    ]  # fmt: skip


def test_no_cell_of_the_tickets_is_a_formula(tmp_path: Path) -> None:
    export("tickets", "csv", [ticket_with(text) for text in HOSTILE], tmp_path / "tickets.csv")
    header, *rows = opened(tmp_path / "tickets.csv", tmp_path)
    column = header.index("owner")
    assert [str(row[column]).removeprefix("'").strip() for row in rows][:4] == HOSTILE[:4]


def test_no_cell_of_a_file_for_jira_is_a_formula_though_none_has_a_guard(tmp_path: Path) -> None:
    export("tickets", "jira", [ticket_with(text) for text in HOSTILE] + [TICKET], tmp_path / "jira.csv")
    header, *rows = opened(tmp_path / "jira.csv", tmp_path)
    assert header[0] == "Summary"
    assert [str(row[0])[:9] for row in rows] == ["FIX-0001:"] * (len(HOSTILE) + 1)
    cells = [str(cell) for row in rows for cell in row if cell is not None]
    assert [cell[:20] for cell in cells if cell.startswith("'")] == []
