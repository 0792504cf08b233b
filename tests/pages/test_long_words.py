"""Words that no page is made for."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.support.builds import build
from tests.support.pages import texts
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.store import Store

MILLION = "w" * 1_000_000
ZALGO = "Z" + "\u0336\u0348\u0353" * 20_000 + "algo"


def test_a_conversation_of_zalgo_and_a_word_of_a_million_letters_is_drawn_within_three_seconds(
    open_page: Callable[..., AppTest], tmp_path: Path
) -> None:
    rows = small_log()[:12]
    rows[0]["messages"][0]["content"] = MILLION
    rows[0]["messages"][1]["content"] = ZALGO
    build(tmp_path / "s", write_chat(tmp_path / "log.parquet", rows))
    store = Store(tmp_path / "s")
    with closing(Bench(store)) as bench:
        key = bench.find_conversation(rows[0]["conversation_id"])
    open_page(store, "clusters")  # the first page of a process loads what all others share
    started = time.process_time()
    page = open_page(store, "conversation", k=key, turn="0")
    assert time.process_time() - started < 3
    assert not page.exception
    assert f"{MILLION[:100]}" in texts(page)
    assert len(texts(page)) < 100_000
