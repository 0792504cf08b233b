"""Tables in folders named `column=value`, as Hive, Spark, pandas and pyarrow write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import Imported, chat, import_paths, message, write
from workbench.logs.fields import log_fields
from workbench.logs.files import shards
from workbench.logs.formats import partition


def put(root: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    return write(root / name, rows)


@pytest.fixture
def hive(tmp_path: Path) -> Path:
    put(tmp_path, "hive/bot=shop/date=2026-03-02/part-0.parquet", [chat("c1"), chat("c2")])
    put(tmp_path, "hive/bot=bank/date=2026-03-03/part-0.parquet", [chat("c1")])
    return tmp_path / "hive"


def described(log: Imported) -> list[tuple[str, str, Any]]:
    return sorted((each.bot, each.conversation_id, each.metadata) for each in log.conversations)


TABLE = [
    ("bank", "c1", {"date": "2026-03-03"}),
    ("shop", "c1", {"date": "2026-03-02"}),
    ("shop", "c2", {"date": "2026-03-02"}),
]


def test_folders_give_the_columns_that_the_files_lack(tmp_path: Path, hive: Path) -> None:
    log = import_paths(tmp_path, hive)
    assert (described(log), log.rows) == (TABLE, (3, 3, 0, 0))


@pytest.mark.parametrize("named", ["hive/*", "hive/**/*.parquet", "hive/bot=*/date=*/part-0.parquet"])
def test_a_pattern_gives_the_same_rows_as_the_folder(tmp_path: Path, hive: Path, named: str) -> None:
    assert described(import_paths(tmp_path, str(hive.parent / named))) == TABLE


@pytest.mark.parametrize("depth", ["*", "*/*", "*/*/*"])
def test_folders_that_a_shell_names_one_by_one_give_the_same_rows(tmp_path: Path, hive: Path, depth: str) -> None:
    assert described(import_paths(tmp_path, *hive.glob(depth))) == TABLE


def test_what_the_file_itself_says_counts(tmp_path: Path) -> None:
    log = put(tmp_path, "bot=shop/log.jsonl", [chat("c1", bot="bank"), chat("c2", bot=None)])
    assert [(bot, id) for bot, id, _ in described(import_paths(tmp_path, log))] == [("bank", "c1"), ("unknown", "c2")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("logs/bot=shop/a.parquet", {"bot": "shop"}),
        ("logs/bot=a%2Fb%20c/a.parquet", {"bot": "a/b c"}),
        ("logs/bot=__HIVE_DEFAULT_PARTITION__/channel=/a.parquet", {"bot": None, "channel": None}),
        ("logs/bot=shop/runs/day=1/a.parquet", {"bot": "shop", "day": "1"}),
        ("logs/query=a=b/a.parquet", {"query": "a=b"}),
        ("logs/=x/bot=shop.parquet", {}),
    ],
)
def test_a_folder_is_a_name_and_a_value_both_may_be_encoded(path: str, expected: dict[str, str | None]) -> None:
    assert partition(Path(path), ["logs"]) == expected


def test_folders_above_the_named_one_count_only_where_they_lead_straight_to_it() -> None:
    assert partition(Path("env=prod/logs/bot=shop/a.parquet"), ["env=prod/logs"]) == {"bot": "shop"}
    assert partition(Path("env=prod/bot=shop/a.parquet"), ["env=prod/bot=shop"]) == {"env": "prod", "bot": "shop"}


@pytest.mark.parametrize("end", ["parquet", "jsonl"])
@pytest.mark.parametrize("share", [1, 1 << 30])
def test_messages_are_brought_together_by_an_id_that_only_their_folder_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: int, end: str
) -> None:
    monkeypatch.setattr(shards, "SHARE", share)
    for n in range(6):
        row = {name: value for name, value in message("", n, content=f"m{n}").items() if name != "conversation_id"}
        put(tmp_path, f"t/conversation_id=c{n % 2}/{n}.{end}", [row])
    log = import_paths(tmp_path, tmp_path / "t")
    assert {each.conversation_id: [turn.content for turn in each.turns] for each in log.conversations} == {
        "c0": ["m0", "m2", "m4"],
        "c1": ["m1", "m3", "m5"],
    }


def test_a_mapping_may_take_a_column_from_the_folders(tmp_path: Path) -> None:
    put(tmp_path, "t/tenant=shop/log.jsonl", [{"id": "c1", "talk": [{"role": "user", "content": "hi"}]}])
    mapping = tmp_path / "our.toml"
    mapping.write_text('layout = "chat"\n[columns]\nconversation_id = "id"\nmessages = "talk"\nbot = "tenant"\n')
    only = import_paths(tmp_path, tmp_path / "t", mapping=mapping).only
    assert (only.bot, only.conversation_id, only.metadata) == ("shop", "c1", {})
    fields = log_fields([str(tmp_path / "t")], tmp_path, lambda *_: None)["fields"]
    assert [each["values"] for each in fields if each["path"] == "tenant"] == [["shop"]]
