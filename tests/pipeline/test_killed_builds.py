"""A build that is killed leaves the store before serving, and what it observed, judged and embedded is not done again."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.encoders import WordHashEncoder
from tests.support.killed_builds import build_killed_at
from tests.support.small_log import small_log, write_chat
from tests.support.tables import tables
from workbench.conversation import Conversation
from workbench.failures.signals import Observation, observe
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.store import Store


def built(store: Path, *logs: Path) -> dict[str, Any]:
    """Import logs, and say what had to be done for it: conversations observed, masked and judged, texts embedded."""
    totals: dict[str, int] = {}

    def report(stage: str, done: int, total: int | None) -> None:
        totals[stage] = max(totals.get(stage, 0), total or 0)

    observed: list[str] = []

    def counted(conversation: Conversation) -> Observation:
        observed.append(conversation.key)
        return observe(conversation)

    encoder = WordHashEncoder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbench.pipeline.observe.observe", counted)
        Build(Job(store=str(store), paths=[str(log) for log in logs], actor="tests"), report, encoder).run()
    return {
        "observed": len(observed),
        "judged": totals.get("signals", 0),
        "embedded": len(encoder.encoded) > 0,
        "masked": totals["search texts"],
    }


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write_chat(tmp_path / "first.parquet", small_log()[:30])


@pytest.fixture
def more(tmp_path: Path) -> Path:
    return write_chat(tmp_path / "more.parquet", small_log()[30:])


STAGES = [
    ("reading", {"observed": 18, "judged": 18, "embedded": True, "masked": 18}),
    ("embed", {"observed": 0, "judged": 0, "embedded": True, "masked": 18}),
    ("cluster", {"observed": 0, "judged": 0, "embedded": False, "masked": 18}),
    ("write", {"observed": 0, "judged": 0, "embedded": False, "masked": 0}),
]


@pytest.mark.parametrize(("stage", "done_again"), STAGES)
def test_a_killed_import_is_taken_up_where_it_was_killed(
    tmp_path: Path, first: Path, more: Path, stage: str, done_again: dict[str, Any]
) -> None:
    store = Store(tmp_path / "killed")
    built(store.root, first)
    served, before = store.pointer(), tables(store.root)
    build_killed_at(stage, store.root, more)
    assert (store.pointer(), tables(store.root)) == (served, before)
    assert built(store.root, more) == done_again
    built(tmp_path / "whole", first)
    built(tmp_path / "whole", more)
    assert tables(store.root) == tables(tmp_path / "whole")


def test_a_first_import_that_is_killed_is_observed_and_masked_once(tmp_path: Path, first: Path) -> None:
    build_killed_at("write", tmp_path / "s", first)
    assert built(tmp_path / "s", first) == {"observed": 0, "judged": 0, "embedded": False, "masked": 0}
    assert not (tmp_path / "s" / "unfinished").exists()


def test_what_a_killed_import_observed_counts_for_the_same_conversations_alone(
    tmp_path: Path, first: Path, more: Path
) -> None:
    build_killed_at("write", tmp_path / "s", first)
    assert built(tmp_path / "s", more) == {"observed": 18, "judged": 18, "embedded": True, "masked": 18}
    assert not (tmp_path / "s" / "unfinished").exists()
