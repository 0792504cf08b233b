"""A bot without news is as it was: neither clustered nor described nor learned from again, and nobody can tell."""

import gzip
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from tests.support.tables import tables
from workbench.bench.bench import Bench
from workbench.judgement.disabled_signals import setting_name, setting_value
from workbench.judgement.store import Judgement
from workbench.review import cluster_edits
from workbench.store import Store


def of_bot(bot: str, first: int = 0, last: int = 48) -> list[dict[str, Any]]:
    """Conversations of the small log as another bot's."""
    return [row | {"bot": bot} for row in small_log()[first:last]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the bots bank and shop, 40 conversations each."""
    folder = tmp_path_factory.mktemp("two-bots")
    build(folder / "s", write_chat(folder / "log.parquet", of_bot("bank", 0, 40) + of_bot("shop", 0, 40)))
    return folder / "s"


@pytest.fixture
def store(built: Path, tmp_path: Path) -> Path:
    """A copy of that store."""
    shutil.copytree(built, tmp_path / "s")
    return tmp_path / "s"


def more(store: Path, bot: str) -> Path:
    """Eight conversations more of a bot."""
    return write_chat(store.parent / f"more-{bot}.parquet", of_bot(bot, 40, 48))


def results(store: Path) -> dict[str, set[str]]:
    """What is kept of each kind, by fingerprint."""
    kept: dict[str, set[str]] = {}
    for file in store.glob("results/*/*.json.gz"):
        kind, _, fingerprint = file.name.partition("-")
        kept.setdefault(kind, set()).add(fingerprint)
    return kept


def changed(store: Path, before: dict[str, set[str]]) -> dict[str, int]:
    """Of how many bots each kind was worked out again since."""
    return {kind: len(fingerprints - before[kind]) for kind, fingerprints in results(store).items()}


def rows_of(store: Path, bot: str) -> dict[str, list[tuple[Any, ...]]]:
    """What a snapshot says of a bot's clusters."""
    pointer = Store(store).require_pointer()
    with duckdb.connect(str(Store(store).snapshot_file(pointer.snapshot)), read_only=True) as db:

        def rows(table: str, which: str) -> list[tuple[Any, ...]]:
            return db.execute(f"select * exclude (rank) from {table} where {which} order by all", [bot]).fetchall()

        of_clusters = "cluster in (select cluster from clusters where bot = ?)"
        of_conversations = "key in (select key from conversations where bot = ?)"
        by_cluster = {table: rows(table, of_clusters) for table in ("clusters", "suspects")}
        return by_cluster | {
            table: rows(f"(select *, 0 as rank from {table})", of_conversations)
            for table in ("members", "places", "failure_vectors", "signals", "analyses")
        }


ALL = {"BotClusters": 2, "BotFigures": 2, "Learned": 2}
ONE = {"BotClusters": 1, "BotFigures": 1, "Learned": 1}
NONE = {"BotClusters": 0, "BotFigures": 0, "Learned": 0}


def test_news_of_one_bot_leave_the_other_as_it_was(store: Path) -> None:
    before, rows = results(store), rows_of(store, "bank")
    assert {kind: len(kept) for kind, kept in before.items()} == ALL
    assert [table for table, of_bank in rows.items() if not of_bank] == []
    build(store, more(store, "shop"))
    assert changed(store, before) == ONE
    assert rows_of(store, "bank") == rows


def test_an_analysis_without_news_works_nothing_out_and_says_the_same(store: Path) -> None:
    before, rows = results(store), tables(store)
    build(store)
    after = tables(store)
    assert changed(store, before) == NONE
    assert after.pop("lineage") != rows.pop("lineage")  # all of it is continued now
    assert after == rows


def test_it_comes_to_the_same_as_grouping_again_beside_what_stood(store: Path, tmp_path: Path) -> None:
    for file in store.glob("results/*/*"):
        file.write_bytes(b"damaged")
    before = results(store)
    build(store, more(store, "shop"))
    regrouped = tables(store)
    fresh = tmp_path / "fresh"
    build(fresh, write_chat(tmp_path / "log.parquet", of_bot("bank", 0, 40) + of_bot("shop", 0, 40)))
    build(fresh, more(store, "shop"))
    assert changed(store, before) == ONE
    assert tables(fresh) == regrouped


def test_a_verdict_is_news_of_its_bot(store: Path) -> None:
    before = results(store)
    judgement = Judgement(Store(store).judgement_url)
    judgement.verdicts.add(key(store, "bank", "conv-001"), actor="Ana", verdict="failed")
    judgement.close()
    build(store)
    assert changed(store, before) == ONE


def test_a_signal_that_is_switched_off_is_news_of_the_bots_that_it_is_off_for(store: Path) -> None:
    before = results(store)
    judgement = Judgement(Store(store).judgement_url)
    off = setting_value(datetime(2026, 3, 2), "Ann")
    judgement.pod.set_setting(setting_name("empty-reply", "shop"), off, actor="Ann")
    judgement.close()
    build(store)
    assert changed(store, before) == ONE


def test_an_edit_of_a_cluster_has_its_bot_described_anew_and_its_clusters_stay_as_they_were_found(store: Path) -> None:
    before, rows = results(store), rows_of(store, "bank")
    bench = Bench(Store(store), actor="Ana")
    first = next(row.cluster for row in bench.clusters() if row.bot == "shop")
    members = [row.key for row in bench.points() if row.cluster == first]
    cluster_edits.split(bench, first, members[:2], "two of them")
    bench.close()
    build(store, rearrange=True)
    bench = Bench(Store(store))
    assert "two of them" in {row.name for row in bench.clusters()}
    bench.close()
    assert changed(store, before) == {"BotClusters": 0, "BotFigures": 1, "Learned": 0}
    assert rows_of(store, "bank") == rows


def test_an_undone_import_is_news_of_the_bot_that_it_was_of(store: Path) -> None:
    build(store, more(store, "shop"))
    before, rows = results(store), rows_of(store, "bank")
    build(store, undo="I000002")
    assert changed(store, before) == ONE
    assert rows_of(store, "bank") == rows


def test_another_granularity_and_another_time_zone_are_news_of_every_bot(store: Path) -> None:
    for options in ({"granularity": "many"}, {"pod_timezone": "Asia/Tokyo"}):
        before = results(store)
        build(store, **options)
        assert changed(store, before) == ALL


def test_what_another_program_kept_is_no_longer_there(store: Path) -> None:
    (folder,) = (store / "results").iterdir()
    folder.rename(store / "results" / "0123456789abcdef")
    build(store)
    assert [each.name for each in (store / "results").iterdir()] == [folder.name]
    assert {kind: len(kept) for kind, kept in results(store).items()} == ALL


def test_what_is_kept_holds_no_text_that_is_not_masked(tmp_path: Path) -> None:
    store = tmp_path / "s"
    rows = of_bot("bank")
    for row in rows:
        row["messages"][0] = {"role": "user", "content": f"{row['messages'][0]['content']} Mail me at ann@example.org"}
    build(store, write_chat(tmp_path / "log.parquet", rows))
    kept = [gzip.decompress(file.read_bytes()).decode() for file in store.glob("results/*/*.json.gz")]
    assert kept != []
    assert [text for text in kept if re.search(r"ann@example", text)] == []


def key(store: Path, bot: str, conversation: str) -> str:
    """The key of a conversation."""
    pointer = Store(store).require_pointer()
    with duckdb.connect(str(Store(store).snapshot_file(pointer.snapshot)), read_only=True) as db:
        query = "select key from conversations where bot = ? and conversation_id = ?"
        (row,) = db.execute(query, [bot, conversation]).fetchall()
        return str(row[0])
