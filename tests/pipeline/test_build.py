import json
import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.builds import build
from tests.support.encoders import WordHashEncoder
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.errors import Denied, StoreMissing, UserError
from workbench.pipeline.build import Build
from workbench.pipeline.build_lock import sole_builder
from workbench.pipeline.job import Job
from workbench.pipeline.previous import PreviousSnapshot
from workbench.pipeline.snapshots import rollback, snapshot_names
from workbench.pipeline.worker import latest, start
from workbench.store import Pointer, Store


def clusters(store: Path) -> dict[str, tuple[str, int]]:
    bench = Bench(Store(store))
    try:
        return {row.cluster: (row.name, row.size) for row in bench.clusters()}
    finally:
        bench.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_chat(tmp_path / "log.parquet", small_log())


def test_an_import_counts_every_row_and_finds_the_failures(tmp_path: Path, log: Path) -> None:
    result = build(tmp_path / "s", log)
    del result["seconds"]
    found = result.pop("clusters")
    assert result == {
        "conversations": 48, "turns": 192, "rows_read": 48, "rows_kept": 48, "rows_rejected": 0, "rows_duplicate": 0,
        "rejected": 0, "duplicates": 0, "refused": [], "failures": 26, "clustering": "full", "snapshot": "S000001",
        "store": {"conversations": 48, "turns": 192, "failures": 26, "clusters": found},
    }  # fmt: skip


def test_failures_that_end_in_an_empty_reply_are_one_mechanical_cluster(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    bench = Bench(Store(tmp_path / "s"))
    silent = [row for row in bench.clusters() if row.signature == "empty-reply"]
    assert [(row.kind, row.size, row.name.split(": ")[1]) for row in silent] == [("mechanical", 3, "empty reply (3/3)")]
    members = bench.cluster(silent[0].cluster).members
    assert sorted(member.conversation_id for member in members) == ["conv-000", "conv-009", "conv-021"]


def test_the_requests_of_known_users_are_counted_out_of_their_total(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(pa.Table.from_pylist([row | {"user_id": "u1"} for row in small_log()]), path)
    reported: list[tuple[str, int, int | None]] = []
    job = Job(store=str(tmp_path / "s"), paths=[str(path)], actor="tests")
    Build(job, lambda *report: reported.append(report), WordHashEncoder()).run()
    assert [report for report in reported if report[0] == "returns"] == [
        ("returns", 0, None), ("returns", 0, 48), ("returns", 48, 48),
    ]  # fmt: skip


def test_the_same_file_again_adds_nothing(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    renamed = shutil.copy(log, tmp_path / "other-name.parquet")
    again = build(tmp_path / "s", Path(renamed))
    assert (again["conversations"], again["duplicates"], again["snapshot"]) == (0, 48, "S000001")
    assert Store(tmp_path / "s").pointer() == Pointer("S000001", ["I000001"])


def test_a_later_version_of_a_conversation_takes_the_place_of_the_old(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    row = small_log()[1]
    row["messages"].append({"role": "user", "content": "thank you!"})
    build(tmp_path / "s", write_chat(tmp_path / "later.parquet", [row]))
    bench = Bench(Store(tmp_path / "s"))
    key = bench.find_conversation("conv-001")
    assert [turn.content for turn in bench.conversation(key).conversation.turns][-1] == "thank you!"
    assert bench.summary().conversations == 48


def test_an_older_export_after_a_newer_one_cuts_nothing_short(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    older = [row | {"messages": row["messages"][:2]} for row in small_log()[:5]]
    again = build(tmp_path / "s", write_chat(tmp_path / "older.parquet", older))
    assert (again["rows_kept"], again["duplicates"], again["snapshot"]) == (0, 5, "S000001")


def test_the_same_log_under_another_rule_is_judged_by_it_until_that_import_is_undone(tmp_path: Path, log: Path) -> None:
    assert build(tmp_path / "s", log)["store"]["failures"] == 26
    (tmp_path / "rule.toml").write_text('[fails_when]\nreward = "< -1"')
    judged = build(tmp_path / "s", log, mapping=str(tmp_path / "rule.toml"))
    assert (judged["conversations"], judged["store"]["conversations"], judged["store"]["failures"]) == (48, 48, 3)
    assert build(tmp_path / "s", undo="I000002")["store"]["failures"] == 26


def test_labels_survive_a_new_import_and_a_new_clustering(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    bench = Bench(Store(tmp_path / "s"), "ann")
    first = bench.clusters()[0]
    bench.label(first.cluster, cause="tool-fault", severity="S2")
    more = [row | {"conversation_id": f"new-{n}"} for n, row in enumerate(small_log()[:9])]
    build(tmp_path / "s", write_chat(tmp_path / "more.parquet", more))
    build(tmp_path / "s", granularity="few")
    labelled = [row for row in bench.clusters() if row.root_cause]
    assert [(row.cluster, row.root_cause, row.root_cause_source, row.status) for row in labelled] == [
        (first.cluster, "tool-fault", "person", "triaged")
    ]


def test_deleting_every_snapshot_and_importing_again_gives_the_same_ids(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    before = clusters(tmp_path / "s")
    shutil.rmtree(tmp_path / "s" / "snapshots")
    (tmp_path / "s" / "current.json").unlink()
    again = build(tmp_path / "s", log)
    assert (again["conversations"], again["duplicates"]) == (0, 48)
    assert clusters(tmp_path / "s") == before


def test_deleting_snapshots_and_parts_and_importing_again_gives_the_same_ids(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    before = clusters(tmp_path / "s")
    for folder in ("snapshots", "parts", "vectors"):
        shutil.rmtree(tmp_path / "s" / folder)
    build(tmp_path / "s", log)
    assert clusters(tmp_path / "s") == before


def test_a_crash_between_switch_and_register_heals_at_the_next_build(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    before = clusters(tmp_path / "s")
    for file in (tmp_path / "s").glob("judgement.*"):
        file.unlink()
    build(tmp_path / "s")
    assert clusters(tmp_path / "s") == before


def test_an_import_can_be_undone_and_a_snapshot_rolled_back_to(tmp_path: Path, log: Path) -> None:
    store = Store(tmp_path / "s")
    build(store.root, log)
    build(store.root, write_chat(tmp_path / "more.parquet", [small_log()[0] | {"conversation_id": "extra"}]))
    build(store.root, undo="I000002")
    assert (store.pointer(), Bench(store).summary().conversations) == (Pointer("S000003", ["I000001"]), 48)
    rollback(store, "S000002", "ann")
    assert (store.pointer(), Bench(store).summary().conversations) == (Pointer("S000002", ["I000001", "I000002"]), 49)
    with pytest.raises(UserError, match="There is no import I000009"):
        build(store.root, undo="I000009")
    with pytest.raises(UserError, match="The snapshot S000009 is not kept"):
        rollback(store, "S000009", "ann")


def test_the_activity_tells_who_imported_undid_and_rolled_back(tmp_path: Path, log: Path) -> None:
    store = Store(tmp_path / "s")
    build(store.root, log)
    build(store.root, undo="I000001")
    rollback(store, "S000001", "ann")
    told = [(e.actor, e.what, e.subject) for e in Bench(store).judgement.journal.events() if e.actor != "build"]
    assert told == [
        ("ann", "rolled back to", "snapshot:S000001"),
        ("tests", "left out", "import:I000001"),
        ("tests", "imported", "import:I000001"),
    ]


def test_a_viewer_can_neither_import_nor_roll_back_nor_label(tmp_path: Path, log: Path) -> None:
    store = Store(tmp_path / "s")
    build(store.root, log)
    bench = Bench(store, "tests")
    bench.judgement.pod.set_role("tests", "viewer", actor="lea")
    with pytest.raises(Denied, match="tests is a viewer here, and this takes a triager"):
        build(store.root, log)
    with pytest.raises(Denied):
        rollback(store, "S000001", "tests")
    with pytest.raises(Denied):
        bench.label("FC-0001", cause="tool-fault")
    with pytest.raises(Denied, match="this takes a lead"):
        bench.judgement.pod.set_role("tests", "lead", actor="tests")


def test_only_the_last_snapshots_are_kept(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    for _ in range(6):
        build(tmp_path / "s")
    assert snapshot_names(Store(tmp_path / "s")) == [f"S{n:06d}" for n in range(3, 8)]


def test_without_analysis_the_rows_are_in_and_analyze_does_the_rest(tmp_path: Path, log: Path) -> None:
    taken = build(tmp_path / "s", log, analyze=False)
    assert (taken["clustering"], taken["store"]["conversations"], taken["store"]["clusters"]) == ("none", 48, 0)
    assert build(tmp_path / "s")["store"]["failures"] == 26


def test_nothing_failing_is_a_store_without_clusters(tmp_path: Path) -> None:
    fine = [row for row in small_log() if row["reward"] == 1.0]
    result = build(tmp_path / "s", write_chat(tmp_path / "fine.parquet", fine))
    assert (result["failures"], result["clusters"]) == (0, 0)
    assert Bench(Store(tmp_path / "s")).clusters() == []


def test_one_failure_is_one_cluster(tmp_path: Path) -> None:
    result = build(tmp_path / "s", write_chat(tmp_path / "one.parquet", small_log()[2:3]))
    assert (result["failures"], result["clusters"]) == (1, 1)
    assert Bench(Store(tmp_path / "s")).clusters()[0].failure_rate is None


def test_an_empty_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no import yet\. Import logs"):
        build(tmp_path / "s")
    with pytest.raises(StoreMissing, match="There is no evidence in the store"):
        Bench(Store(tmp_path / "s")).summary()


def test_the_app_follows_the_pointer_without_a_restart(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    bench = Bench(Store(tmp_path / "s"))
    before = (bench.version(), bench.summary().conversations)
    build(tmp_path / "s", write_chat(tmp_path / "more.parquet", [small_log()[0] | {"conversation_id": "extra"}]))
    after = (bench.version(), bench.summary().conversations)
    assert before != after
    assert after[1] == 49


def test_weeks_are_those_of_the_events_not_of_the_import(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    bench = Bench(Store(tmp_path / "s"))
    assert bench.choices().week == ["2026-W10", "2026-W11", "2026-W12", "2026-W13", "2026-W14", "2026-W15"]
    assert bench.summary().data_from == datetime(2026, 3, 2, 9)


def test_a_kill_at_any_moment_leaves_the_old_snapshot_serving(tmp_path: Path, log: Path) -> None:
    store = Store(tmp_path / "s")
    build(store.root, log)
    served = store.pointer()
    more = write_chat(
        tmp_path / "more.parquet", [row | {"conversation_id": f"n{row['conversation_id']}"} for row in small_log()]
    )
    for seconds in (0.0, 0.4, 1.2, 2.5):
        running = start(Job(store=str(store.root), paths=[str(more)], actor="tests"))
        time.sleep(seconds)
        running.cancel()
        assert store.pointer() == served
        assert Bench(store).summary().conversations == 48
    assert build(store.root, more)["store"]["conversations"] == 96


def test_a_build_ends_with_the_process_that_started_it(tmp_path: Path, log: Path) -> None:
    script = (
        "import os, sys, time\n"
        "from workbench.pipeline.job import Job\nfrom workbench.pipeline.worker import start\n"
        "start(Job(store=sys.argv[1], paths=[sys.argv[2]]))\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "s"), str(log)], check=False, timeout=30)
    running = latest(Store(tmp_path / "s"))
    assert running is not None
    deadline = time.monotonic() + 20
    while not running.done and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running.done
    assert Store(tmp_path / "s").pointer() is None


def test_a_second_builder_waits_and_says_so(tmp_path: Path, log: Path) -> None:
    store = Store(tmp_path / "s")
    store.create()
    with sole_builder(store, print):
        running = start(Job(store=str(store.root), paths=[str(log)], actor="tests"))
        deadline = time.monotonic() + 20
        while not running.progress().stage.startswith("waiting") and time.monotonic() < deadline:
            time.sleep(0.05)
        stage = running.progress().stage
    running.cancel()
    assert stage.startswith(f"waiting for the build by process {os.getpid()} on {socket.gethostname()}, since ")


def test_a_pointer_that_is_no_json_is_told_plainly(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / "current.json").write_text("{")
    with pytest.raises(UserError, match=r"current\.json can't be read"):
        store.pointer()


def test_a_part_keeps_the_hash_of_each_file(tmp_path: Path, log: Path) -> None:
    import hashlib

    build(tmp_path / "s", log)
    manifest = json.loads((tmp_path / "s" / "parts" / "I000001" / "manifest.json").read_text())
    assert [file["sha256"] for file in manifest["files"]] == [hashlib.sha256(log.read_bytes()).hexdigest()]


def test_above_the_stated_size_an_import_assigns_and_analyze_clusters(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "s", log)
    before = clusters(tmp_path / "s")
    monkeypatch.setattr("workbench.pipeline.cluster.FULL_LIMIT", 10)
    more = [row | {"conversation_id": f"n{row['conversation_id']}"} for row in small_log()]
    assigned = build(tmp_path / "s", write_chat(tmp_path / "more.parquet", more))
    assert (assigned["clustering"], assigned["failures"], assigned["store"]["failures"]) == ("assigned", 26, 52)
    assert {cluster: size for cluster, (_, size) in clusters(tmp_path / "s").items()} == {
        cluster: 2 * size for cluster, (_, size) in before.items()
    }
    assert build(tmp_path / "s")["clustering"] == "full"


def test_what_an_import_says_it_found_is_of_this_import(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    again = build(tmp_path / "s", log)
    assert (again["failures"], again["clusters"], again["store"]["failures"]) == (0, 0, 26)
    one = build(tmp_path / "s", write_chat(tmp_path / "one.parquet", [small_log()[2] | {"conversation_id": "extra"}]))
    assert (one["failures"], one["clusters"], one["store"]["failures"]) == (1, 1, 27)


def test_an_import_without_analysis_keeps_what_was_found_before(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    before = clusters(tmp_path / "s")
    build(
        tmp_path / "s", write_chat(tmp_path / "one.parquet", [small_log()[0] | {"conversation_id": "x"}]), analyze=False
    )
    assert clusters(tmp_path / "s") == before
    assert Bench(Store(tmp_path / "s")).summary().conversations == 49


def test_another_granularity_groups_as_if_nothing_had_stood(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log, granularity="few")
    build(tmp_path / "s", granularity="many")
    build(tmp_path / "t", log, granularity="many")
    assert sorted(clusters(tmp_path / "s").values()) == sorted(clusters(tmp_path / "t").values())


def test_a_failure_keeps_its_place_on_the_map_when_others_come(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    maps = []
    for name, rows in (("first", small_log()[:44]), ("later", small_log()[44:])):
        build(store.root, write_chat(tmp_path / f"{name}.parquet", rows))
        maps.append(PreviousSnapshot.open(store, store.require_pointer()).maps("word-hash/float32"))
    before, after = maps
    assert after.laid_out == before.laid_out
    assert {key: after.places[key] for key in before.places} == before.places
    assert len(after.places) > len(before.places)


def test_an_unknown_granularity_is_refused(tmp_path: Path, log: Path) -> None:
    with pytest.raises(UserError, match="There is no granularity 'bogus'"):
        build(tmp_path / "s", log, granularity="bogus")


@pytest.mark.parametrize("broken", ["current.json", "snapshots/S000001.duckdb"])
def test_a_damaged_pointer_or_snapshot_is_built_anew(tmp_path: Path, log: Path, broken: str) -> None:
    build(tmp_path / "s", log)
    before = clusters(tmp_path / "s")
    (tmp_path / "s" / broken).write_text("{")
    build(tmp_path / "s")
    assert clusters(tmp_path / "s") == before


def test_a_part_that_somebody_deleted_can_be_imported_again(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    build(tmp_path / "s", write_chat(tmp_path / "one.parquet", [small_log()[0] | {"conversation_id": "x"}]))
    shutil.rmtree(tmp_path / "s" / "parts" / "I000001")
    assert build(tmp_path / "s", log)["store"]["conversations"] == 49


def test_an_undone_import_stays_out_where_every_snapshot_is_gone(tmp_path: Path, log: Path) -> None:
    build(tmp_path / "s", log)
    build(tmp_path / "s", write_chat(tmp_path / "one.parquet", [small_log()[0] | {"conversation_id": "x"}]))
    build(tmp_path / "s", undo="I000002")
    shutil.rmtree(tmp_path / "s" / "snapshots")
    assert build(tmp_path / "s")["store"]["conversations"] == 48


def test_one_problem_said_in_the_same_words_is_one_cluster(tmp_path: Path) -> None:
    rows = [row | {"conversation_id": f"c{n}", "messages": small_log()[1]["messages"], "reward": float(n % 4 > 0)}
            for n, row in enumerate([small_log()[1]] * 480)]  # fmt: skip
    found = build(tmp_path / "s", write_chat(tmp_path / "same.parquet", rows))
    assert (found["failures"], found["clusters"]) == (120, 1)
