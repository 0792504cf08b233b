"""What a store says of a cluster beside others, from import to bench."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.bench.cluster_detail import BehaviourRow
from workbench.clusters.suspects import Onset
from workbench.errors import UserError
from workbench.store import Store

START = datetime(2026, 3, 2, 9)


def claim(n: int) -> dict[str, Any]:
    """One claim a day; from day 30 on, under another model, half of them are filed with a date that is refused."""
    fails = n >= 30 and n % 2 == 0
    date = "24/03/2026" if fails else "2026-03-24"
    call = {
        "id": f"c{n}",
        "name": "create_claim",
        "arguments": f'{{"delivered_on": "{date}", "mail": "ann{n}@example.org"}}',
    }
    return {
        "conversation_id": f"claim-{n:02d}",
        "bot": "parcels",
        "model": "m-2" if n >= 30 else "m-1",
        "started_at": START + timedelta(days=n),
        "outcome": None,
        "reward": 0.0 if fails else 1.0,
        "messages": [
            {"role": "user", "content": "my parcel arrived damaged, I want to file a claim"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "content": "Error: not a date" if fails else "ok", "tool_call_id": f"c{n}"},
            {"role": "assistant", "content": "I could not file it." if fails else "The claim is filed."},
        ],
    }


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("claims")
    build(folder / "s", write_chat(folder / "claims.parquet", [claim(n) for n in range(60)]))
    return Bench(Store(folder / "s"))


def test_a_cluster_names_its_suspect_its_onset_and_what_parts_it_from_successes(bench: Bench) -> None:
    detail = bench.cluster("FC-0001")
    top = detail.suspects[0]
    assert (top.kind, top.value, top.also, top.hits, top.total, top.elsewhere, top.lift, top.stands, top.begins) == (
        "model", "m-2", ["release m-2"], 15, 30, 0.0, None, True, True,
    )  # fmt: skip
    assert top.first_seen == START + timedelta(days=30)
    assert detail.onset == Onset("2026-W14", 15, 32, 0, 28)
    assert detail.parted[0] == BehaviourRow("create_claim: delivered_on written like #/#/#", 15, 15, 0, 3)


def test_a_failure_stands_beside_the_same_request_that_worked(bench: Bench) -> None:
    failure = bench.find_conversation("claim-30")
    rows = bench.worked(failure)
    assert [row.same_task for row in rows] == [False] * 3
    assert rows[0].contrast.first == ('create_claim: delivered_on "24/03/2026" here, "2026-03-24" where it worked')
    assert bench.worked(rows[0].key) == []


def test_what_strangers_wrote_leaves_masked(bench: Bench) -> None:
    (pair,) = bench.worked(bench.find_conversation("claim-30"))[0].contrast.steps
    assert [(one.path, one.here, one.there) for one in pair.differences][1] == ("mail", '"[email]"', '"[email]"')
    assert "[email]" in str(pair.here)


def test_a_snapshot_of_an_older_layout_is_analysed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = write_chat(tmp_path / "log.parquet", small_log())
    with monkeypatch.context() as older:
        older.setattr("workbench.pipeline.publish.SCHEMA", 1)
        build(tmp_path / "s", log)
    with pytest.raises(UserError, match=r"has layout 1.*`python -m workbench analyze` builds it anew"):
        Bench(Store(tmp_path / "s")).summary()
    build(tmp_path / "s")
    assert Bench(Store(tmp_path / "s")).summary().failures == 26
