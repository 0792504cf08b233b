"""*inspect*: logs of Inspect AI as JSON: one evaluation a file, a sample a conversation, its scores beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.conversation.model import Evaluation
from workbench.logs.files.enclosed import AROUND
from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.formats import chat
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.records import LoggedConversation, ReadOptions, Reject, Repeat

NAME = "inspect"
WHAT = "one evaluation of Inspect AI a file: eval, samples with messages and scores"
REQUIRED = ("epoch", "messages", "scores")
TIMES = TIME_COLUMNS
_GRADES = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0, "correct": 1.0, "incorrect": 0.0}


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    return [column for column in REQUIRED if column not in source.columns]


def recognises(source: Source) -> str | None:
    """Why these are samples of Inspect AI, or None."""
    return (
        None
        if missing(source) or AROUND not in source.columns
        else "its samples have epoch, messages and scores, as Inspect AI logs them"
    )


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """Each sample as a conversation `<run>/<sample>-<epoch>`; its first score is the reward, all of them stay by name."""
    for item in chat.read(sources, options, scratch, _as_chat):
        if isinstance(item, LoggedConversation):
            item.conversation.evaluations = list(_evaluations(item.conversation.metadata.get("scores")))
        yield item


def _evaluations(scores: Any) -> Iterator[Evaluation]:
    """The scores of a sample, each as its scorer gave it: a number or a letter, and why."""
    for name, score in scores.items() if isinstance(scores, Mapping) else ():
        value = score.get("value") if isinstance(score, Mapping) else None
        number = None if isinstance(value, str) else normalise.number(value)
        label = normalise.text(value) if number is None and isinstance(value, (str, bool)) else None
        if number is not None or label is not None:
            yield Evaluation(str(name), number, label, normalise.text(score.get("explanation")))


def _as_chat(row: JsonObject) -> JsonObject:
    around = row.get(AROUND)
    about = around.get("eval") if isinstance(around, Mapping) else None
    about = about if isinstance(about, Mapping) else {}
    scores = row.get("scores")
    scores = (
        {str(name): score for name, score in scores.items() if isinstance(score, Mapping)}
        if isinstance(scores, Mapping)
        else {}
    )
    values = {name: score.get("value") for name, score in scores.items()}
    run = (
        normalise.text(about.get("run_id"))
        or normalise.text(about.get("eval_id"))
        or normalise.text(about.get("task"))
        or "run"
    )
    graded = [grade for value in values.values() if (grade := _grade(value)) is not None]
    messages = row.get("messages")
    fields = {name: value for name, value in row.items() if name not in (AROUND, "messages", "scores", "events", "id")}
    return {
        **fields,
        "conversation_id": f"{run}/{normalise.text(row.get('id'))}-{row.get('epoch', 1)}",
        "bot": about.get("task"),
        "model": about.get("model"),
        "started_at": row.get("started_at") or about.get("created"),
        "ended_at": row.get("completed_at"),
        "reward": graded[0] if graded else None,
        "messages": [_message(message) for message in messages] if isinstance(messages, list) else messages,
        "scores": scores,
        **{f"score.{name}": value for name, value in values.items() if isinstance(value, (str, int, float))},
    }


def _grade(value: Any) -> float | None:
    return _GRADES[value] if isinstance(value, str) and value in _GRADES else normalise.number(value)


def _message(message: Any) -> Any:
    """A message in OpenAI's form: `function` names the tool of a result, an error is an object."""
    if not isinstance(message, Mapping):
        return message
    fields = dict(message)
    error = fields.get("error")
    if isinstance(error, Mapping):
        fields["error"] = error.get("message") or normalise.json_text(error)
    if fields.get("role") == "tool" and "function" in fields:
        fields["name"] = fields.pop("function")
    return fields
