"""What was observed and judged once is not done again, and comes to the same as if it were."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.support.encoders import WordHashEncoder
from tests.support.small_log import small_log, write_chat
from tests.support.tables import tables
from tests.support.talk import bot, called, talk, user
from workbench.bench.bench import Bench
from workbench.bench.search import search
from workbench.conversation import Document
from workbench.conversation.outcome import DEFAULT_RULES, FailRule, Outcome, parse_rules
from workbench.errors import WorkbenchError
from workbench.failures.action_trace import ActionTrace, Step
from workbench.failures.acts import Act
from workbench.failures.analysis import Analysis
from workbench.failures.candidate import Candidate
from workbench.failures.case import Case
from workbench.failures.cases import ListedCase
from workbench.failures.deviation import Deviation
from workbench.failures.failing_turn import HumanVerdict
from workbench.failures.signals import BotNorms, Observation, Observations, Signal, observe
from workbench.failures.signals.observation import hashes
from workbench.judgement.disabled_signals import setting_name, setting_value
from workbench.judgement.store import Judgement
from workbench.pipeline.analyse import FromOthers
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.pipeline.judged import JudgedCases, beside_norms, fingerprints
from workbench.pipeline.stored_cases import StoredCases
from workbench.store import Store

CASE = Case(
    "k1",
    "conv-1",
    datetime(2026, 3, 2, 9, 0, 0, 1),
    Analysis(
        failed=True,
        score=1.5,
        verdict="Failing: empty reply (turn 3).",
        outcome=Outcome("failed", "reward", True, "reward 0"),
        signals=[Signal("empty-reply", 3, "strong", "…"), Signal("log-says-failed", None, "strong", "reward 0")],
        failing_turn=3,
        candidates=[Candidate(3, "empty reply")],
        signature="track ✓",
        signature_tokens=["track", "signal:empty-reply"],
        mechanical_key="empty-reply",
        request="Where is it?",
        passage="",
        facts=["track executed"],
        severity="S1",
        writes=[1],
        suppressed=[Signal("complaint", 2, "medium", "useless")],
        turns=4,
        traits={"number of turns": 1.6, "tool calls": 0.0},
    ),
    "…",
    frozenset({("release", "r2"), ("tool", "track")}),
    ActionTrace((Step("track", "{}", "failed"),), (("look_up", 2),), ("d1",), "r2", None, "u1"),
    ("kovacs", "mei"),
    (Act("look_up", 1, "read", True, -5), Act("track", 3, "write", False, 2**62)),
    b"1",
)


class Built:
    """A build, and how many conversations it observed and judged."""

    def __init__(self, store: Path, *paths: Path, **options: Any) -> None:
        self.totals: dict[str, list[int | None]] = {}
        job = Job(store=str(store), paths=[str(path) for path in paths], actor="tests", **options)
        build = Build(job, self._report, WordHashEncoder())
        build.run()
        self.notes = build.notes

    def _report(self, stage: str, done: int, total: int | None) -> None:
        if total is not None:
            self.totals.setdefault(stage, []).append(total)

    @property
    def judged(self) -> int:
        return sum({total for total in self.totals.get("signals", []) if total is not None})


def rows(first: int, last: int, **columns: Any) -> list[dict[str, Any]]:
    """Conversations of the small log, and later ones of the same three topics."""
    log = small_log()
    return [
        log[n % 48] | {"conversation_id": f"conv-{n:03d}", "started_at": datetime(2026, 3, 2) + timedelta(hours=n)} | columns
        for n in range(first, last)
    ]  # fmt: skip


def forget(store: Path) -> None:
    """What was observed, masked, judged and worked out of a bot, as if it never had been."""
    shutil.rmtree(store / "judged")
    shutil.rmtree(store / "results")
    for kept in ("observations", "search-texts"):
        for file in store.glob(f"parts/*/{kept}-*"):
            file.unlink()


def agree(tmp_path: Path, log: Path, then: Callable[[Path], Built]) -> Built:
    """Do something to two stores of a log, one of which forgot what it observed: both must come to the same tables."""
    Built(tmp_path / "warm", log)
    Built(tmp_path / "cold", log)
    forget(tmp_path / "cold")
    warm = then(tmp_path / "warm")
    then(tmp_path / "cold")
    assert tables(tmp_path / "warm") == tables(tmp_path / "cold")
    return warm


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_chat(tmp_path / "log.parquet", rows(0, 48))


def test_new_logs_are_judged_alone(tmp_path: Path, log: Path) -> None:
    more = write_chat(tmp_path / "more.parquet", rows(48, 54))
    assert agree(tmp_path, log, lambda store: Built(store, more)).judged == 6


def test_a_second_analysis_judges_nothing(tmp_path: Path, log: Path) -> None:
    assert agree(tmp_path, log, lambda store: Built(store)).judged == 0


def test_a_verdict_judges_its_conversation_again(tmp_path: Path, log: Path) -> None:
    def read_by_ana(store: Path) -> Built:
        with pq.ParquetFile(store / "parts" / "I000001" / "conversations-0000.parquet") as file:
            key = file.read(["key"])["key"].to_pylist()[1]
        judgement = Judgement(Store(store).judgement_url)
        judgement.verdicts.add(key, actor="Ana", verdict="failed", failing_turn=3)
        judgement.close()
        return Built(store)

    assert agree(tmp_path, log, read_by_ana).judged == 1


def test_a_signal_that_is_switched_off_judges_the_bot_again(tmp_path: Path, log: Path) -> None:
    def switch_off(store: Path) -> Built:
        judgement = Judgement(Store(store).judgement_url)
        name, value = setting_name("empty-reply", "shop"), setting_value(datetime(2026, 3, 2), "Ann")
        judgement.pod.set_setting(name, value, actor="Ann")
        judgement.close()
        return Built(store)

    assert agree(tmp_path, log, switch_off).judged == 48


def test_what_people_say_of_a_tool_judges_those_again_that_called_it(tmp_path: Path, log: Path) -> None:
    def say(store: Path) -> Built:
        judgement = Judgement(Store(store).judgement_url)
        judgement.pod.set_bot("shop", actor="Ann", tools={"track_parcel": "write"})
        judgement.close()
        return Built(store)

    assert agree(tmp_path, log, say).judged == 16


def test_norms_that_move_judge_those_again_that_meet_them(tmp_path: Path) -> None:
    hello = {"role": "user", "content": "Sent from my phone."}
    with_hello = [
        row | {"messages": [*row["messages"], hello]} if n % 12 == 0 else row for n, row in enumerate(rows(0, 48))
    ]
    more = rows(48, 52)
    for row in more:
        row["messages"] = [*row["messages"], hello]
    log = write_chat(tmp_path / "log.parquet", with_hello)
    new = write_chat(tmp_path / "more.parquet", more)
    assert agree(tmp_path, log, lambda store: Built(store, new)).judged == 4 + 4


def test_a_user_who_comes_back_judges_the_conversation_before_once(tmp_path: Path) -> None:
    log = write_json(tmp_path / "log.jsonl", "first", 9)
    again = write_json(tmp_path / "again.jsonl", "second", 11)
    assert agree(tmp_path, log, lambda store: Built(store, again)).judged == 1
    assert [row for row in tables(tmp_path / "warm")["signals"] if "came-back" in row] != []
    assert Built(tmp_path / "warm").judged == 0


def write_json(path: Path, name: str, hour: int) -> Path:
    """A conversation of one user about the same matter."""
    messages = [
        {"role": "user", "content": "my parcel never arrived, where is it"},
        {"role": "assistant", "content": "It is lost."},
    ]
    row = {"conversation_id": name, "bot": "shop", "user_id": "u1", "started_at": f"2026-03-02T{hour:02d}:00:00Z"}
    path.write_text(json.dumps(row | {"messages": messages}) + "\n")
    return path


def test_a_run_that_stands_alone_is_judged_with_that_once(tmp_path: Path) -> None:
    log = write_runs(tmp_path / "log.jsonl", {"first": "A1", "second": "A1"})
    more = write_runs(tmp_path / "more.jsonl", {"third": "B2"})
    assert agree(tmp_path, log, lambda store: Built(store, more)).judged == 1
    (signal,) = [row for row in tables(tmp_path / "warm")["signals"] if "unlike-other-runs" in row]
    assert "2 other runs of this task, none with the same changes; only here, with these arguments: cancel" in str(
        signal
    )
    assert Built(tmp_path / "warm").judged == 0


def write_runs(path: Path, orders: dict[str, str]) -> Path:
    """Runs of one task, by name with the order that each cancels."""
    with path.open("w") as file:
        for name, order in orders.items():
            call = {"id": "c1", "name": "cancel_order", "arguments": json.dumps({"id": order})}
            messages: list[dict[str, Any]] = [
                {"role": "user", "content": "cancel my order"},
                {"role": "assistant", "content": "", "tool_calls": [call]},
                {"role": "tool", "content": "cancelled", "tool_call_id": "c1"},
                {"role": "assistant", "content": "It is cancelled."},
            ]
            row = {"conversation_id": name, "bot": "shop", "task_id": "t1", "messages": messages}
            file.write(json.dumps(row) + "\n")
    return path


def test_a_killed_build_leaves_what_it_judged(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.pipeline.judged.RUN", 10)

    class Killed(Exception):
        pass

    def stop(store: JudgedCases) -> None:
        raise Killed

    monkeypatch.setattr(JudgedCases, "flush", writes_twice(JudgedCases.flush, stop))
    with pytest.raises(Killed):
        Built(tmp_path / "s", log)
    monkeypatch.undo()
    assert Built(tmp_path / "s", log).judged == 28


def writes_twice(flush: Callable[[JudgedCases], None], then: Callable[[JudgedCases], None]) -> Callable[..., None]:
    """A flush that is killed at its third time."""
    calls = iter([flush, flush])
    return lambda store: next(calls, then)(store)


def test_one_import_or_two_say_the_same_of_every_conversation(tmp_path: Path, log: Path) -> None:
    new = write_chat(tmp_path / "new.parquet", rows(48, 60))
    Built(tmp_path / "grown", log)
    Built(tmp_path / "grown", new)
    Built(tmp_path / "whole", write_chat(tmp_path / "all.parquet", rows(0, 60)))
    grown, whole = tables(tmp_path / "grown"), tables(tmp_path / "whole")
    for table in (
        "analyses",
        "signals",
        "silenced",
        "learned",
        "request_vectors",
        "failure_vectors",
        "worked",
        "turns",
    ):
        assert grown[table] == whole[table], table
    assert searched(tmp_path / "grown") == searched(tmp_path / "whole")


def searched(store: Path) -> list[tuple[str, str | None, str]]:
    """Where a word is said, and what stands around it."""
    bench = Bench(Store(store))
    try:
        return sorted((row.key, row.role, row.excerpt) for row in search(bench, "parcel", page=None).rows)
    finally:
        bench.close()


OBSERVED_AGAIN = (
    "This version of the workbench observes otherwise than the one before it: I000001 is observed again, once."
)


def test_what_another_program_made_beside_a_part_is_made_again(tmp_path: Path, log: Path) -> None:
    Built(tmp_path / "s", log)
    for name, stage in (("observations", "observe"), ("search-texts", "search texts")):
        file = tmp_path / "s" / "parts" / "I000001" / f"{name}-0000.parquet"
        made = pq.read_table(file)
        pq.write_table(made.replace_schema_metadata({**made.schema.metadata, b"made by": b"another"}), file)
        again = Built(tmp_path / "s")
        assert (again.totals[stage], again.notes) == ([48], [OBSERVED_AGAIN] if stage == "observe" else [])
        assert pq.read_table(file).equals(made, check_metadata=True)
        once = Built(tmp_path / "s")
        assert (stage in once.totals, once.notes) == (False, [])


def test_a_part_without_checksums_that_lost_conversations_is_named_with_the_mend(tmp_path: Path, log: Path) -> None:
    Built(tmp_path / "s", log)
    manifest = tmp_path / "s" / "parts" / "I000001" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"sha256": {}}))
    (tmp_path / "s" / "parts" / "I000001" / "conversations-0000.parquet").unlink()
    with pytest.raises(WorkbenchError) as error:
        Built(tmp_path / "s")
    assert str(error.value) == (
        f"The import I000001 has lost conversations: 0 of 48 are in {tmp_path / 's' / 'parts' / 'I000001'}. "
        "Restore a backup, or undo that import on the data page and import its files again."
    )


def test_a_part_that_vanished_is_named_with_the_mend(tmp_path: Path, log: Path) -> None:
    Built(tmp_path / "s", log)
    more = write_chat(tmp_path / "more.parquet", rows(48, 54))
    Built(tmp_path / "s", more)
    shutil.rmtree(tmp_path / "s" / "parts" / "I000001")
    assert Built(tmp_path / "s").notes == [
        f"The import I000001 is gone from {tmp_path / 's' / 'parts'}, and its conversations with it. "
        "Import its files again, or restore a backup that holds it."
    ]
    assert Built(tmp_path / "s").notes == []


def test_a_kept_case_comes_back_whole(tmp_path: Path) -> None:
    plain = replace(CASE, key="k2", depends_on=b"2", started_at=None, trace=ActionTrace(), circumstances=frozenset())
    kept = JudgedCases(Store(tmp_path))
    kept.add(b"1", CASE)
    kept.add(b"2", plain)
    kept.flush()
    taken = StoredCases(JudgedCases(Store(tmp_path)).take([b"1", b"2", b"3"]))
    assert list(taken) == [CASE, plain]


def test_of_a_listed_case_there_is_what_clusters_are_made_of_and_of_one_that_is_fine_nothing(tmp_path: Path) -> None:
    fine = replace(CASE, key="k2", analysis=replace(CASE.analysis, failed=False, suspected=False))
    bare = replace(CASE, key="k3", people=("ann",), analysis=replace(CASE.analysis, facts=[], mechanical_key=None))
    kept = JudgedCases(Store(tmp_path))
    for n, case in enumerate((CASE, fine, bare)):
        kept.add(str(n).encode(), case)
    kept.flush()
    tokens = ["track", "signal:empty-reply"]
    assert StoredCases(kept.take([b"0", b"1", b"2"])).listed_cases == [
        ListedCase(tokens, "track ✓", "empty-reply", "", ["track executed"], "S1", ["kovacs", "mei"]),
        ListedCase(tokens, "track ✓", None, "", [], "S1", ["ann"]),
    ]


def test_cases_that_nobody_asks_for_are_dropped(tmp_path: Path) -> None:
    kept = JudgedCases(Store(tmp_path))
    kept.add(b"1", CASE)
    kept.add(b"2", replace(CASE, key="k2"))
    kept.flush()
    later = JudgedCases(Store(tmp_path))
    assert later.take([b"2"])["key"].to_pylist() == ["k2"]
    later.forget_unasked()
    assert JudgedCases(Store(tmp_path)).take([b"1", b"2"])["key"].to_pylist() == ["k2"]


def test_cases_of_another_program_are_dropped(tmp_path: Path) -> None:
    older = tmp_path / "judged" / "0123456789abcdef"
    older.mkdir(parents=True)
    JudgedCases(Store(tmp_path))
    assert not older.exists()


LONG = talk(*(user("Sent from my phone.") for _ in range(13)), bot("Hello."), feedback_score=2.0)
NOTHING = FromOthers()
DEVIATION = Deviation("skipped-step", 3, "of those that went well and call cancel, 9 of 9 call look_up before it")
SHOWN = talk(user("Cancel it. Which?"), called("look_up", "{}", "A1234"), called("cancel", '{"id": "A1234"}', "done"))
NOWHERE = talk(user("Yes, cancel it."), called("cancel", '{"id": "A1234"}', "done"))


def test_a_conversation_meets_only_the_norms_that_it_touches() -> None:
    own = hashes([observe(LONG).sentences]).tolist()
    norms = BotNorms(
        conversations=100,
        long_from=12,
        usual_length=5,
        recurring=frozenset({*own, 1, 2}),
        everywhere=frozenset({2}),
        feedback_scale=(1.0, 5.0),
        slow_from=20.0,
        usual_wait=2.0,
        retrieves=True,
        has_tools=True,
        tools={"refund": "write"},
    )
    assert norms.met_by(observe(LONG)) == BotNorms(
        long_from=14,
        usual_length=5,
        recurring=frozenset(own),
        feedback_scale=(1.0, 5.0),
        retrieves=True,
        has_tools=True,
    )
    assert norms.met_by(observe(talk(user("Hello.")))) == BotNorms(retrieves=True, has_tools=True)
    arguments = frozenset({"cancel.id", "refund.id"})
    of_changes = BotNorms(confirms=True, named_arguments=arguments, sourced_arguments=arguments)
    met = frozenset({"cancel.id"})
    assert of_changes.met_by(observe(SHOWN)) == BotNorms(confirms=True, named_arguments=met)
    assert of_changes.met_by(observe(NOWHERE)) == BotNorms(sourced_arguments=met)


def test_a_fingerprint_tells_all_that_a_case_depends_on() -> None:
    seen, norms = observe(LONG), BotNorms()
    verdict = HumanVerdict(True, "Ana", 3)

    def print_of(
        seen: Observation = seen, norms: BotNorms = norms, rules: tuple[FailRule, ...] = DEFAULT_RULES, begins: int = 0,
        human: HumanVerdict | None = None, others: FromOthers = NOTHING, off: frozenset[str] = frozenset(),
    ) -> bytes:  # fmt: skip
        (alone,) = fingerprints(Observations.of([seen]), norms, off, [beside_norms(rules, begins, human, others)])
        return alone

    own = int(hashes([seen.sentences])[0])
    shown, nowhere = observe(SHOWN), observe(NOWHERE)
    from_words = {"named_arguments": frozenset({"cancel.id"}), "sourced_arguments": frozenset({"cancel.id"})}
    prints = [
        print_of(),
        print_of(norms=replace(norms, retrieves=True)),
        print_of(norms=replace(norms, recurring=frozenset({own}))),
        print_of(norms=replace(norms, recurring=frozenset({own}), everywhere=frozenset({own}))),
        print_of(norms=replace(norms, long_from=14, usual_length=6)),
        print_of(norms=replace(norms, feedback_scale=(1.0, 5.0))),
        print_of(rules=parse_rules({"reward": "< 0.7"})),
        print_of(begins=2),
        print_of(human=verdict),
        print_of(others=FromOthers("3 h later")),
        print_of(others=FromOthers(deviations=(DEVIATION,))),
        print_of(off=frozenset({"complaint"})),
        print_of(observe(replace(LONG, retrieved=[Document("d")]))),
        print_of(shown),
        print_of(shown, norms=replace(norms, confirms=True)),
        print_of(shown, norms=replace(norms, **from_words)),
        print_of(nowhere),
        print_of(nowhere, norms=replace(norms, **from_words)),
    ]
    assert len(set(prints)) == len(prints)


def test_a_norm_that_a_conversation_does_not_meet_leaves_its_fingerprint() -> None:
    seen = Observations.of([observe(talk(user("Hello."))), observe(LONG)])
    before = fingerprints(seen, BotNorms(long_from=12, usual_length=5), (), [b"", b""])
    after = fingerprints(seen, BotNorms(long_from=13, usual_length=6, recurring=frozenset({1})), (), [b"", b""])
    assert [first == then for first, then in zip(before, after, strict=True)] == [True, False]
