"""The inventory of bots: what is wrong with each, its file out and in, and what each provider delivered."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from workbench.errors import UserError
from workbench.evidence.overview_rows import BotRecord, VersionRecord
from workbench.exports import export, read_csv
from workbench.judgement.records.pod import Bot
from workbench.reports.inventory import (
    InventoryChange,
    ProviderRow,
    by_provider,
    differences,
    flags,
    inventory_rows,
    is_silent,
    read_inventory,
)
from workbench.reports.sla import SlaClock

MAY = datetime(2026, 5, 1)
LOGGED = BotRecord("shop", 300, 30, 0, [], MAY, MAY + timedelta(days=30))
SHOP = Bot("shop", "Ana", provider="Acme", sla={"S1": 24, "S3": 100}, models=["m-1"], note="call first")
LATE = SlaClock("FIX-0001", "shop", "S1", 24, MAY, "missed", timedelta(hours=-2))


def test_what_is_wrong_with_a_bot_is_said_in_words() -> None:
    versions = [
        VersionRecord("shop", "model", "m-1", 200, MAY, MAY),
        VersionRecord("shop", "model", "m-2", 100, MAY, MAY),
        VersionRecord("shop", "prompt", "p-7", 100, MAY, MAY),
    ]
    through = LOGGED.last_seen
    assert flags(SHOP, LOGGED, versions, [LATE], through) == ["not pinned: m-2", "SLA missed: FIX-0001"]
    assert flags(Bot("shop"), LOGGED, versions, [], MAY + timedelta(days=33)) == [
        "no owner",
        "log silent since 31 May 2026",
    ]
    assert flags(SHOP, None, [], [], through) == ["no log"]


@pytest.mark.parametrize(
    ("conversations", "pause", "silent"),
    [(300, timedelta(hours=23), False), (300, timedelta(days=2), True), (3, timedelta(days=30), False)],
)
def test_a_log_is_silent_once_its_pause_is_hardly_a_chance(conversations: int, pause: timedelta, silent: bool) -> None:
    last = MAY + timedelta(days=30)
    assert is_silent(BotRecord("shop", conversations, 0, 0, [], MAY, last), last + pause) is silent


def test_the_file_reads_back_as_it_was_written(tmp_path: Path) -> None:
    bots = {"shop": SHOP, "desk": Bot("desk")}
    (file,) = export("inventory", "csv", inventory_rows(bots, {"shop": ["late"], "desk": []}), tmp_path / "bots.csv")
    read = read_inventory(read_csv(file))
    assert list(read) == ["desk", "shop"]
    assert differences(bots, read) == []


def test_what_a_file_would_change_is_told_value_by_value() -> None:
    read = read_inventory([{"bot": "shop", "owner": "Bo", "sla_s1": "", "sla_s2": "8", "models": "m-1; m-2"}])
    assert differences({"shop": SHOP}, read) == [
        InventoryChange("shop", "owner", "Ana", "Bo"),
        InventoryChange("shop", "models", "m-1", "m-1, m-2"),
        InventoryChange("shop", "sla", "S1 24 h, S3 100 h", "S2 8 h"),
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"name": "shop"}], "An inventory has a column `bot`"),
        ([{"bot": " "}], "Row 2: no bot is named"),
        ([{"bot": "shop"}, {"bot": "shop"}], "Row 3: 'shop' stands twice"),
        ([{"bot": "shop", "sla_s1": "soon"}], "Row 2: 'soon' is no number of hours"),
    ],
)
def test_a_file_that_can_not_be_taken_says_why(rows: list[dict[str, str]], message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_inventory(rows)


def test_a_providers_bots_are_added_up() -> None:
    desk = Bot("desk", provider="Acme")
    (row,) = by_provider({"shop": SHOP, "desk": desk, "own": Bot("own")}, [LOGGED], {"FIX-0001": LATE})
    assert row == ProviderRow("Acme", ["desk", "shop"], 300, 30, 0.1, row.rate_low, row.rate_high, 0, 1)
    assert 0.07 < row.rate_low < 0.1 < row.rate_high < 0.14
