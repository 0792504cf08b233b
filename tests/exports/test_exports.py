import csv
import io
import json
from dataclasses import fields, replace
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace

import openpyxl
import pytest

from tests.support.rows import FAILURE, with_request
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.failure_rows import FailureRow, LabelRow
from workbench.errors import UserError
from workbench.exports import COLUMNS, export, export_bytes, read_csv, spreadsheet
from workbench.exports.spreadsheet import write_xlsx

LABEL = LabelRow(
    **{field.name: getattr(FAILURE, field.name) for field in fields(FailureRow)},
    labelled_by="ana",
    labelled_at=datetime(2025, 8, 4, 9, 0),
    contributing=["loop"],
    disposition=None,
    note="-",
    read_by=["ana", "bo"],
)
CLUSTER = ClusterRow(
    cluster="FC-0007",
    kind="topical",
    name="refund: mixed outcomes",
    keywords=["refund", "cancel"],
    sentence="I want a refund",
    theme=None,
    bot="airline",
    size=10,
    failures=10,
    eligible=40,
    failure_rate=0.25,
    rate_low=0.14,
    rate_high=float("nan"),
    excess=0.1,
    trend="rising",
    escalating=False,
    status="new",
    severity=None,
    severity_source=None,
    signature="cancel_reservation",
    root_cause=None,
    root_cause_source=None,
    owner=None,
    first_seen=datetime(2025, 7, 1, tzinfo=timezone(timedelta(hours=2))),
    last_seen=None,
    examples=["a", "b"],
)
NASTY = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "'quoted",
    "''twice",
    "\t=1+1",
    "\r\n=1+1",
    " \u00a0\u3000=1",
    "\u200b\ufeff=1",
    "\x00\x1f=1",
    "\u3164=1",
    "\u202e=1",
    " '=1",
    'a","=1+2',
    "x;=1+2",
    '"',
    "line\r\nbreak\rand\nmore",
    "000123",
    "12345678901234567890",
    "1E5",
    "2025-08-01",
    "-12.5",
    "1-2",
    "_x0041_",
    "\x00\x1b[0m\x7f",
    "\ufeffbom",
    " spaces ",
    "東京 🙂",
    "a" * 200_000,
]


def test_failures_as_csv_for_people_have_a_bom_crlf_and_the_contracts_columns():
    assert export_bytes("failures", "csv", [FAILURE]).decode("utf-8") == (
        "\ufeffconversation_id,bot,started_at,week,release,outcome,failing_turn,signals,signature,score,theme,cluster,"
        "cluster_name,strand,root_cause,root_cause_source,severity,status,owner,ticket,ticket_key,request_excerpt,"
        "reply_excerpt,link\r\n"
        "000123,airline,2025-08-01T16:20:44.321269Z,2025-W31,,failed,0,tool.error; user.repeat,"
        'get_user_details → error,1.5,,FC-0007,"refund, cancel: carries out cancel_reservation (8/10)",,,,,new,,,,'
        '"I said ""now"",\nplease",,\r\n'
    )


def test_labels_add_who_said_what():
    row = next(csv.DictReader(io.StringIO(export_bytes("labels", "csv", [LABEL], raw=True).decode("utf-8"))))
    assert list(row)[24:] == ["labelled_by", "labelled_at", "contributing", "disposition", "note", "read_by"]
    assert list(row.values())[24:] == ["ana", "2025-08-04T09:00:00Z", "loop", "", "-", "ana; bo"]


def test_clusters_as_json_are_the_contracts_objects():
    assert json.loads(export_bytes("clusters", "json", [CLUSTER])) == [
        {
            "cluster": "FC-0007",
            "kind": "topical",
            "name": "refund: mixed outcomes",
            "keywords": ["refund", "cancel"],
            "theme": None,
            "size": 10,
            "failure_rate": 0.25,
            "rate_low": 0.14,
            "rate_high": None,
            "trend": "rising",
            "status": "new",
            "escalating": False,
            "severity": None,
            "bot": "airline",
            "signature": "cancel_reservation",
            "root_cause": None,
            "root_cause_source": None,
            "owner": None,
            "first_seen": "2025-06-30T22:00:00Z",
            "last_seen": None,
            "examples": ["a", "b"],
        }
    ]


def test_clusters_as_csv_have_the_fields_of_the_json():
    header, row = csv.reader(io.StringIO(export_bytes("clusters", "csv", [CLUSTER], raw=True).decode("utf-8")))
    assert header == COLUMNS["clusters"]
    assert "|".join(row) == (
        "FC-0007|topical|refund: mixed outcomes|refund; cancel||10|0.25|0.14||rising|new|false||airline|"
        "cancel_reservation||||2025-06-30T22:00:00Z||a; b"
    )


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("\t\u200b＠x", "'\t\u200b＠x"),
        ("'quoted", "''quoted"),
        (" '=1", "' '=1"),
        ("-1+1", "'-1+1"),
        ("-12.5", "-12.5"),
        ("-1e-5", "-1e-5"),
        ("+15551232002", "'+15551232002"),
        ("-007", "'-007"),
        ("- item", "'- item"),
        ("1-2", "1-2"),
        ("a=1", "a=1"),
        ("  ", "  "),
    ],
)
def test_a_text_that_would_begin_a_formula_gets_one_guard(text, cell):
    rows = list(csv.DictReader(io.StringIO(export_bytes("failures", "csv", [with_request(text)]).decode("utf-8-sig"))))
    assert rows[0]["request_excerpt"] == cell


def test_numbers_get_no_guard():
    rows = csv.DictReader(
        io.StringIO(export_bytes("failures", "csv", [replace(FAILURE, score=-1.5)]).decode("utf-8-sig"))
    )
    assert next(rows)["score"] == "-1.5"


@pytest.mark.parametrize("raw", [False, True])
def test_csv_gives_every_text_back(tmp_path, raw):
    export("failures", "csv", [with_request(text) for text in NASTY], tmp_path / "out.csv", raw=raw)
    assert [row["request_excerpt"] for row in read_csv(tmp_path / "out.csv")] == NASTY


def test_raw_csv_has_neither_bom_nor_guards():
    data = export_bytes("failures", "csv", [with_request("=1+1")], raw=True).decode("utf-8")
    assert data.startswith("conversation_id,")
    assert ",=1+1," in data


def test_an_item_that_holds_the_separator_is_quoted():
    row = replace(FAILURE, signals=["a;b", '"c"', "d"])
    rows = csv.DictReader(io.StringIO(export_bytes("failures", "csv", [row], raw=True).decode("utf-8")))
    assert next(rows)["signals"] == '"a;b"; """c"""; d'


def sheet_rows(data: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_xlsx_keeps_types_and_freezes_its_header():
    workbook = openpyxl.load_workbook(io.BytesIO(export_bytes("failures", "xlsx", [FAILURE])))
    sheet = workbook["failures"]
    assert [cell.value for cell in sheet[1]] == COLUMNS["failures"]
    assert [(cell.value, cell.data_type) for cell in sheet[2]][:10] == [
        ("000123", "s"),
        ("airline", "s"),
        (datetime(2025, 8, 1, 16, 20, 44, 321000), "d"),
        ("2025-W31", "s"),
        (None, "n"),
        ("failed", "s"),
        (0, "n"),
        ("tool.error; user.repeat", "s"),
        ("get_user_details → error", "s"),
        (1.5, "n"),
    ]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:X2")


def test_xlsx_keeps_a_day_as_a_date():
    file = io.BytesIO()
    write_xlsx([SimpleNamespace(due=date(2026, 5, 4))], ["due"], file, "tickets")
    cell = openpyxl.load_workbook(file).active["A2"]
    assert (cell.value, cell.number_format) == (datetime(2026, 5, 4), "yyyy-mm-dd")


def test_xlsx_holds_every_text_as_text():
    texts = [text for text in NASTY if len(text) < 1_000]
    sheet = openpyxl.load_workbook(
        io.BytesIO(export_bytes("failures", "xlsx", [with_request(text) for text in texts]))
    ).active
    cells = [sheet.cell(row, 22) for row in range(2, len(texts) + 2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [openpyxl.utils.escape.unescape(cell.value) for cell in cells] == texts


def test_xlsx_cuts_a_cell_at_excels_limit_and_says_so():
    rows = sheet_rows(export_bytes("failures", "xlsx", [with_request("a" * 32_767), with_request("🙂" * 20_000)]))
    assert rows[1][21] == "a" * 32_767
    assert rows[2][21] == "🙂" * 16_353 + "… (+3,647 characters, cut at Excel's limit)"


def test_xlsx_goes_on_in_another_sheet_beyond_excels_limit(monkeypatch):
    monkeypatch.setattr(spreadsheet, "SHEET_ROWS", 3)
    ids = ["a", "b", "c", "d", "e"]
    data = export_bytes("failures", "xlsx", [replace(FAILURE, conversation_id=name) for name in ids])
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    assert {sheet.title: [cell.value for cell in sheet["A"]] for sheet in workbook} == {
        "failures": ["conversation_id", "a", "b"],
        "failures 2": ["conversation_id", "c", "d"],
        "failures 3": ["conversation_id", "e"],
    }


def test_a_number_that_excel_would_round_is_text_and_one_before_1900_a_text():
    row = replace(FAILURE, failing_turn=12345678901234567890, started_at=datetime(1899, 1, 1), score=float("inf"))
    assert [sheet_rows(export_bytes("failures", "xlsx", [row]))[1][column] for column in (2, 6, 9)] == [
        "1899-01-01T00:00:00Z",
        "12345678901234567890",
        None,
    ]


def test_jsonl_is_one_object_a_line():
    lines = (
        export_bytes("failures", "jsonl", [FAILURE, replace(FAILURE, score=float("nan"))]).decode("utf-8").splitlines()
    )
    assert [list(json.loads(line)) for line in lines] == [COLUMNS["failures"]] * 2
    assert [json.loads(line)["score"] for line in lines] == [1.5, None]


@pytest.mark.parametrize("format", ["csv", "xlsx", "json", "jsonl"])
def test_half_a_surrogate_pair_breaks_no_target(format):
    assert export_bytes("failures", format, [with_request("half \ud83d pair")])


def test_no_rows_still_make_a_file_with_the_columns():
    assert export_bytes("clusters", "csv", [], raw=True).decode() == ",".join(COLUMNS["clusters"]) + "\r\n"
    assert export_bytes("clusters", "json", []) == b"[]\n"
    assert export_bytes("failures", "jsonl", []) == b""
    assert sheet_rows(export_bytes("failures", "xlsx", [])) == [COLUMNS["failures"]]


@pytest.mark.parametrize(
    ("kind", "format", "message"),
    [
        ("clusters", "xlsx", "clusters can't be exported as 'xlsx'. Choose one of: csv, json."),
        ("failures", "pdf", "failures can't be exported as 'pdf'. Choose one of: csv, xlsx, json, jsonl."),
        ("users", "csv", "There is no export of 'users'. Choose one of: failures, labels, clusters"),
    ],
)
def test_any_other_pair_is_refused_with_the_choices(tmp_path, kind, format, message):
    with pytest.raises(UserError) as error:
        export(kind, format, [], tmp_path / "out")
    assert str(error.value).startswith(message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["csv", "xlsx", "json", "jsonl"])
def test_a_failure_midway_leaves_the_old_file_and_nothing_else(tmp_path, format):
    def rows():
        yield FAILURE
        raise RuntimeError("the store went away")

    out = tmp_path / f"out.{format}"
    out.write_text("old")
    with pytest.raises(RuntimeError):
        export("failures", format, rows(), out)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(out.name, "old")]


def test_a_place_that_cant_be_written_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere/out\.csv: the folder .*nowhere does not exist"):
        export("failures", "csv", [FAILURE], tmp_path / "nowhere" / "out.csv")
    with pytest.raises(UserError, match="not a regular file"):
        export("failures", "csv", [FAILURE], tmp_path)


def test_a_file_that_is_no_csv_of_ours_is_refused_by_name(tmp_path):
    (tmp_path / "latin.csv").write_bytes("né".encode("latin-1"))
    with pytest.raises(UserError, match=r"latin\.csv: not UTF-8 at byte 1"):
        read_csv(tmp_path / "latin.csv")
    with pytest.raises(UserError, match=r"none\.csv: can't be read"):
        read_csv(tmp_path / "none.csv")
