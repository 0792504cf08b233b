"""What judges answered, kept in the store: a file a judge, a line an answer, so that nothing is asked and paid twice.

judges/NAME.jsonl     its first line says which model, which prompt; each other one answers for one text of one conversation

An answer's words come from a model that read strangers' text: they are untrusted like the log itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from workbench.errors import UserError
from workbench.store import Store

VERDICTS = ("failed", "fine", "unsure")
LONGEST_RATIONALE = 2_000
_NOT_IN_A_FILE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Answer:
    """What a judge said of one conversation."""

    key: str
    """The conversation's key in the store."""
    digest: str
    """What stands for the text that it read; another one is another question."""
    verdict: str
    """failed, fine or unsure; unsure too where its answer could not be read."""
    turn: int | None = None
    """The 0-based turn from which the failure follows, where it named one that there is."""
    rationale: str = ""
    """Why, in its words: untrusted text."""
    tokens: int | None = None
    """What it cost, as far as the endpoint says."""
    readable: bool = True
    """Whether the answer was of the form that was asked for."""


@dataclass(frozen=True)
class Judge:
    """A model with a prompt: another prompt is another judge."""

    model: str
    """The model, as its endpoint names it."""
    prompt: str
    """The whole prompt."""

    @property
    def name(self) -> str:
        """What it is called: the model, and what stands for the prompt."""
        return f"{self.model} · {digest(self.prompt)[:6]}"


def digest(text: str) -> str:
    """16 hex digits that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Answers:
    """The answers of one judge. `add` is safe from a kill: what was written is there, a torn last line is passed over."""

    def __init__(self, store: Store, judge: Judge) -> None:
        self.judge = judge
        self._file = (
            store.root
            / "judges"
            / f"{_NOT_IN_A_FILE.sub('-', judge.model)[:80]}-{digest(judge.model + judge.prompt)}.jsonl"
        )

    def all(self) -> dict[tuple[str, str], Answer]:
        """What it answered so far, by conversation key and digest of the text."""
        return {(answer.key, answer.digest): answer for answer in _answers(self._file)} if self._file.exists() else {}

    def add(self, answer: Answer) -> None:
        """Keep one answer."""
        line = json.dumps(asdict(answer), ensure_ascii=False)
        try:
            self._file.parent.mkdir(exist_ok=True)
            if not self._file.exists():
                self._file.write_text(json.dumps(asdict(self.judge), ensure_ascii=False) + "\n", "utf-8")
            with self._file.open("a+b") as file:
                file.seek(0, os.SEEK_END)
                if file.tell():
                    file.seek(-1, os.SEEK_END)
                    line = line if file.read(1) == b"\n" else "\n" + line
                file.write(line.encode("utf-8", "backslashreplace") + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as e:
            raise UserError(f"{self._file.parent} can't be written ({e.strerror}). Check its permissions.") from e


def judges(store: Store) -> dict[Judge, dict[str, Answer]]:
    """Every judge that was asked in this store, with its last answer of each conversation by key."""
    asked: dict[Judge, dict[str, Answer]] = {}
    for file in sorted((store.root / "judges").glob("*.jsonl")):
        head = next(_lines(file), None)
        if head and isinstance(head.get("model"), str) and isinstance(head.get("prompt"), str):
            asked[Judge(head["model"], head["prompt"])] = {answer.key: answer for answer in _answers(file)}
    return asked


def parsed(key: str, text_digest: str, text: str, turns: int, tokens: int | None) -> Answer:
    """The answer in what a model wrote: the first JSON object in it that has a verdict; what can't be read is unsure."""
    for place in (match.start() for match in re.finditer(r"\{", text)):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, place)
        except (ValueError, RecursionError):
            continue
        verdict = str(value.get("verdict", "")).strip().lower() if isinstance(value, dict) else ""
        if verdict in VERDICTS:
            turn, why = value.get("turn"), value.get("rationale")
            named = isinstance(turn, int) and not isinstance(turn, bool) and 0 <= turn < turns and verdict == "failed"
            return Answer(
                key, text_digest, verdict, turn if named else None, str(why or "")[:LONGEST_RATIONALE], tokens
            )
    return Answer(key, text_digest, "unsure", None, text[:LONGEST_RATIONALE], tokens, readable=False)


def _answers(file: Path) -> Iterator[Answer]:
    names = {field.name for field in fields(Answer)}
    for row in _lines(file):
        if row.get("verdict") in VERDICTS and {"key", "digest"} <= row.keys():
            yield Answer(**{name: value for name, value in row.items() if name in names})


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(row, dict):
                yield row
