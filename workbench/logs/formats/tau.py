"""*tau*: runs of tau-bench as it writes them: a JSON list with one run of a task each, its messages in OpenAI's form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.formats import chat
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat

NAME = "tau"
WHAT = "one row a run of tau-bench: task_id, trial, reward, info, traj"
REQUIRED = ("task_id", "trial", "reward", "traj")
TIMES = TIME_COLUMNS


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    return [column for column in REQUIRED if column not in source.columns]


def recognises(source: Source) -> str | None:
    """Why these are runs of tau-bench, or None."""
    return None if missing(source) else "it has the columns task_id, trial, reward and traj"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """Each run as a conversation `<task_id>-<trial>` with its reward; task, trial and info stay as metadata."""
    return chat.read(sources, options, scratch, _as_chat)


def _as_chat(run: JsonObject) -> JsonObject:
    if not run.get("traj"):
        raise BadValue("traj", "is empty: a run has at least one message")
    task, trial = (normalise.identifier(run.get(column), column) for column in ("task_id", "trial"))
    fields = {name: value for name, value in run.items() if name != "traj"}
    return {**fields, "conversation_id": f"{task}-{trial}", "messages": run["traj"]}
