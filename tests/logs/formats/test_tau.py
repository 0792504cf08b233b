"""*tau*: the published runs of tau-bench."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.imported import HELLO, import_paths, real_log, write
from workbench.conversation.outcome import derive


def run(**columns: Any) -> dict[str, Any]:
    return {"task_id": 3, "trial": 1, "reward": 0.0, "info": {"source": "user"}, "traj": HELLO, **columns}


def test_a_run_is_a_conversation_of_its_task_and_trial(tmp_path: Path) -> None:
    log = import_paths(tmp_path, write(tmp_path / "runs.json", [run()]), bot="airline")
    only = log.only
    assert (only.conversation_id, only.bot, only.reward) == ("3-1", "airline", 0.0)
    assert [(turn.role, turn.content) for turn in only.turns] == [("user", "hello")]
    assert only.metadata == {"task_id": 3, "trial": 1, "info": {"source": "user"}}
    assert log.manifest.files[0]["why"] == "it has the columns task_id, trial, reward and traj"


def test_a_run_without_messages_or_task_is_rejected(tmp_path: Path) -> None:
    log = import_paths(tmp_path, write(tmp_path / "runs.json", [run(), run(traj=[], trial=2), run(task_id=None)]))
    assert (log.ids, log.rows) == (["3-1"], (3, 1, 2, 0))
    assert [(each.row, each.column) for each in log.rejects] == [(2, "traj"), (3, "task_id")]


def test_the_published_runs_are_200_conversations_with_outcomes(tmp_path: Path) -> None:
    log = import_paths(tmp_path, real_log("tau-bench-gpt-4o-airline.json"), bot="airline")
    assert log.rows == (200, 200, 0, 0)
    assert (log.manifest.format, log.manifest.turns) == ("tau", 5308)
    assert (log.ids[0], len(set(log.ids))) == ("0-0", 200)
    assert Counter(derive(each).value for each in log.conversations) == {
        "failed": 116,
        "contained": 49,
        "escalated": 35,
    }
    calls = [call for each in log.conversations for turn in each.turns for call in turn.tool_calls]
    assert len(calls) == sum(call.result_position is not None for call in calls) == 1164
