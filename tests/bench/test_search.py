"""Search over literal conversations, in a snapshot made by the real pipeline."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.encoders import WordHashEncoder
from tests.support.small_log import write_chat
from workbench.bench.bench import Bench
from workbench.bench.search import PAGE, By, choices, more_like, search
from workbench.bench.search_rows import SearchFilter, SearchRow
from workbench.errors import ModelMissing, UserError
from workbench.evidence.search_rows import SearchChoices
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.store import Store

START = datetime(2026, 3, 2, 9)


def said(name: str, *texts: str, bot: str = "shop", days: int = 0, reward: float = 1.0, **more: Any) -> dict[str, Any]:
    """A conversation in which user and bot take turns saying these texts."""
    roles = ("user", "assistant")
    return {
        "conversation_id": name,
        "bot": bot,
        "model": "m-1",
        "started_at": START + timedelta(days=days),
        "reward": reward,
        "messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)],
    } | more


CALL = {"id": "c", "name": "cancel_order", "arguments": '{"reason": "damaged"}'}
LOG = [
    said("cafe", "The Café charged me twice", "I'll refund your card.", days=0),
    said("parcel", "Where is my parcel?", "It is at the depot.", "Then refund the postage", "Done.", days=1, reward=0.0),
    said("voucher", "Refund my voucher, please", "Vouchers are not paid out.", days=2, bot="help"),
    said("mail", "Write to ana@example.com or +49 30 9018 2234", "I wrote to ana@example.com.", days=3),
    said("cancel", "Cancel it", "", days=9, messages=[
        {"role": "user", "content": "Cancel it"}, {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "content": "ok", "tool_call_id": "c"}, {"role": "assistant", "content": "Cancelled."},
    ]),
]  # fmt: skip


def built(folder: Path, rows: list[dict[str, Any]], **options: Any) -> Bench:
    log = write_chat(folder / "log.parquet", rows)
    job = Job(store=str(folder / "s"), paths=[str(log)], actor="tests", **options)
    Build(job, lambda stage, done, total: None, WordHashEncoder()).run()
    return Bench(Store(folder / "s"))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = built(tmp_path_factory.mktemp("search"), LOG)
    yield bench
    bench.close()


def found(bench: Bench, query: str, by: By = "words", **narrowed: tuple[str, ...]) -> list[str]:
    rows = search(bench, query, SearchFilter(**narrowed), by, encoder=WordHashEncoder()).rows
    return [row.conversation_id for row in rows]


def test_a_hit_names_its_turn_who_said_it_and_the_words_around(bench: Bench) -> None:
    result = search(bench, "postage refund")
    assert (result.total, result.page, result.pages) == (1, 1, 1)
    assert result.rows == [
        SearchRow(
            key=bench.find_conversation("parcel"),
            conversation_id="parcel",
            bot="shop",
            started_at=datetime(2026, 3, 3, 9),
            week="2026-W10",
            release="m-1",
            outcome="failed",
            failed=True,
            suspected=False,
            cluster="FC-0001",
            cluster_name=bench.clusters()[0].name,
            turn=2,
            role="user",
            excerpt="Then refund the postage",
            similarity=None,
        )
    ]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("refund", ["voucher", "parcel", "cafe"]),
        ("REFUND depot", ["parcel"]),
        ("refund nowhere", []),
        ('"refund your"', ["cafe"]),
        ('"your refund"', []),
        ("refund -voucher", ["parcel", "cafe"]),
        ('refund -"your card" -voucher', ["parcel"]),
        ("cafe", ["cafe"]),
        ("CAFÉ", ["cafe"]),
        ("cancel_order damaged", ["cancel"]),
        ("100% _ '", []),
    ],
)
def test_all_words_are_somewhere_in_the_conversation_newest_first(bench: Bench, query: str, ids: list[str]) -> None:
    assert found(bench, query) == ids


def test_what_is_masked_on_screen_is_not_found_by_what_it_hides(bench: Bench) -> None:
    assert [found(bench, query) for query in ("ana@example.com", "ana", "example", "9018", "2234")] == [[]] * 5
    (row,) = search(bench, "[email] [phone]").rows
    assert (row.conversation_id, row.excerpt) == ("mail", "Write to [email] or [phone]")


def test_an_address_in_a_query_by_meaning_is_masked_before_it_is_compared(bench: Bench) -> None:
    encoder = WordHashEncoder()
    search(bench, "mail to ana@example.com", by="meaning", encoder=encoder)
    assert encoder.encoded == ["mail to [email]"]


@pytest.mark.parametrize(
    ("narrowed", "ids"),
    [
        ({"bot": ("help",)}, ["voucher"]),
        ({"bot": ("help", "shop")}, ["voucher", "parcel", "cafe"]),
        ({"release": ("m-2",)}, []),
        ({"week": ("2026-W10",)}, ["voucher", "parcel", "cafe"]),
        ({"week": ("2026-W11",)}, []),
        ({"outcome": ("failed",)}, ["parcel"]),
        ({"failing": ("failing",)}, ["parcel"]),
        ({"failing": ("not failing",)}, ["voucher", "cafe"]),
        ({"failing": ("failing", "not failing")}, ["voucher", "parcel", "cafe"]),
        ({"cluster": ("FC-0001",)}, ["parcel"]),
        ({"role": ("assistant",)}, ["cafe"]),
        ({"role": ("user",), "bot": ("shop",)}, ["parcel"]),
    ],
)
def test_filters_narrow_what_is_found(bench: Bench, narrowed: dict[str, tuple[str, ...]], ids: list[str]) -> None:
    assert found(bench, "refund", **narrowed) == ids


def test_the_values_to_filter_by_are_those_of_all_conversations(bench: Bench) -> None:
    assert choices(bench) == SearchChoices(
        bot=["help", "shop"],
        release=["m-1"],
        week=["2026-W10", "2026-W11"],
        outcome=["contained", "failed"],
        failing=["failing", "suspected", "not failing"],
        signal=["log-says-failed"],
        cluster=["FC-0001"],
        role=["assistant", "tool", "user"],
    )


def test_pages_hold_fifty_and_one_beyond_the_last_is_the_last(tmp_path: Path) -> None:
    bench = built(tmp_path, [said(f"c{n:03d}", "hello there", "hi", days=n) for n in range(PAGE + 2)])
    pages = [search(bench, "hello", page=page) for page in (1, 2, 9)]
    assert [(page.total, page.page, page.pages, len(page.rows)) for page in pages] == [
        (52, 1, 2, 50), (52, 2, 2, 2), (52, 2, 2, 2),
    ]  # fmt: skip
    assert [row.conversation_id for row in pages[1].rows] == ["c001", "c000"]
    assert search(bench, "nothing", page=9).rows == []
    assert len(search(bench, "hello", page=None).rows) == 52


def test_by_meaning_the_nearest_request_comes_first(bench: Bench) -> None:
    rows = search(bench, "where is my parcel?", by="meaning", encoder=WordHashEncoder()).rows
    assert (rows[0].conversation_id, rows[0].turn, rows[0].similarity) == ("parcel", None, pytest.approx(1, abs=0.2))
    assert rows[0].excerpt.startswith("Where is my parcel?")
    assert [row.similarity for row in rows] == sorted((row.similarity for row in rows), reverse=True)
    assert found(bench, "where is my parcel?", "meaning", bot=("help",)) == ["voucher"]


def test_more_like_a_conversation_leaves_it_out_and_needs_no_model(bench: Bench) -> None:
    key = bench.find_conversation("voucher")
    ids = [row.conversation_id for row in more_like(bench, key).rows]
    assert (len(ids), ids[0], "voucher" in ids) == (4, "parcel", False)


def test_more_like_a_turn_compares_what_the_turn_says(bench: Bench) -> None:
    encoder = WordHashEncoder()
    rows = more_like(bench, bench.find_conversation("mail"), 1, encoder=encoder).rows
    assert (encoder.encoded, len(rows)) == (["I wrote to [email]."], 4)
    with pytest.raises(UserError, match="Turn 99 of this conversation says nothing"):
        more_like(bench, rows[0].key, 99, encoder=encoder)


def test_a_query_without_a_word_to_find_says_so(bench: Bench) -> None:
    with pytest.raises(UserError, match="Name at least one word"):
        search(bench, "-refund")


def test_vectors_of_a_model_that_is_not_here_are_compared_with_nothing_else(bench: Bench) -> None:
    with pytest.raises(ModelMissing, match=r"vectors are of the model word-hash.*Searching by words needs no model"):
        search(bench, "refund", by="meaning")


@pytest.mark.parametrize("by", ["words", "meaning"])
def test_a_snapshot_without_analysis_says_how_to_make_it_searchable(tmp_path: Path, by: By) -> None:
    bench = built(tmp_path, LOG, analyze=False)
    with pytest.raises(UserError, match=r"without analysis\. `python -m workbench analyze` builds the evidence again"):
        search(bench, "postage", by=by)


def test_a_snapshot_that_lost_what_is_searched_says_how_to_make_it_searchable(tmp_path: Path) -> None:
    built(tmp_path, LOG).close()
    (tmp_path / "s" / "parts" / "I000001" / "search-texts-0000.parquet").unlink()
    with duckdb.connect(str(tmp_path / "s" / "snapshots" / "S000001.duckdb")) as db:
        db.execute("drop table request_vectors")
    bench = Bench(Store(tmp_path / "s"))
    for by in ("words", "meaning"):
        with pytest.raises(UserError, match=r"S000001 .* `python -m workbench analyze` builds the evidence again"):
            search(bench, "refund", by=by)  # type: ignore[arg-type]


def test_the_packaged_model_finds_the_same_request_in_other_words(store: Store) -> None:
    bench = Bench(store)
    rows = search(bench, "my package did not come", by="meaning").rows[:5]
    assert {row.excerpt.split(" ")[1] for row in rows} == {"parcel"}
    assert rows[0].similarity is not None
    assert 0.4 < rows[0].similarity < 1
