"""Logs as people have them, each beside what it must become: tests/logs/cases/NN-name/INPUT and INPUT.expected.json.

An input is a file, or a folder whose files are imported together; INPUT.toml beside it is its mapping. What is
expected has the shape of `show --json`, without what is null or empty and without positions, which are those of the
list:

    {"conversations": [{"conversation_id", "bot", "started_at", "outcome", "turns": [...], "about": {...}}],
     "notes": [...], "rejects": [...], "refused": [...]}

`about` names what else must hold of a conversation: a field of it (`user_id`, `evaluations`), a field of its turns
as a list (`turns.feedback`), or its metadata. Everything else is compared whole: a note that is not expected fails.

    python -m tests.support.cases FOLDER…    writes what is read now for each input that has no expectation yet:
                                             read it before it is committed
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, is_dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workbench.conversation.model import Conversation
from workbench.conversation.outcome import derive
from workbench.conversation.printed import as_json
from workbench.errors import UserError
from workbench.logs.formats import ReadOptions
from workbench.logs.importing import write_part
from workbench.logs.parts import read_part, read_rejects

CASES = Path(__file__).parents[1] / "logs" / "cases"
_EXPECTED = ".expected.json"
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def inputs(root: Path = CASES) -> list[Path]:
    """Every input of every case, in order."""
    beside = (_EXPECTED, ".toml", ".md")
    return [
        path
        for case in sorted(root.iterdir())
        for path in sorted(case.iterdir())
        if case.is_dir() and not path.name.endswith(beside)
    ]


def expectation(path: Path) -> Path:
    """Where what an input must become stands."""
    return path.with_name(path.name + _EXPECTED)


def expected(path: Path) -> dict[str, Any]:
    """What an input must become."""
    told: dict[str, Any] = json.loads(expectation(path).read_text("utf-8"))
    return {"conversations": [], "notes": [], "rejects": [], "refused": [], **told}


def became(path: Path, folder: Path, about: list[list[str]] | None = None) -> dict[str, Any]:
    """What an import makes of an input; `about` are the names that are asked about each conversation in turn."""
    mapping = path.with_name(path.name + ".toml")
    options = ReadOptions(mapping=mapping if mapping.exists() else None)
    empty: dict[str, Any] = {"conversations": [], "notes": [], "rejects": [], "refused": []}
    try:
        manifest = write_part(folder / "part", [path], options, {}, lambda *_: None, "tests", "part")
    except UserError as e:
        return {**empty, "refused": _by_name(str(e).splitlines()[1:], path)}
    names = iter(about or [])
    return {
        "conversations": [_conversation(each, manifest.rules, next(names, [])) for each in read_part(folder / "part")],
        "notes": _by_name(manifest.notes, path),
        "rejects": [f"row {reject.row}: {reject.column}: {reject.reason}" for reject in read_rejects(folder / "part")],
        "refused": [refusal["reason"] for refusal in manifest.refused],
    }


def _by_name(texts: list[str], path: Path) -> list[str]:
    """Texts in which the input goes by its name, wherever it lies."""
    return [text.replace(str(path), path.name) for text in texts]


def _conversation(conversation: Conversation, rules: Any, about: list[str]) -> dict[str, Any]:
    told = as_json(conversation, derive(conversation, rules).value)
    assert [turn.pop("position") for turn in told["turns"]] == list(range(len(told["turns"])))
    turns = [{name: value for name, value in turn.items() if value not in _EMPTY} for turn in told.pop("turns")]
    own = {name: value for name, value in told.items() if value not in _EMPTY}
    return {**own, "turns": turns, **({"about": {name: _about(conversation, name) for name in about}} if about else {})}


def _about(conversation: Conversation, name: str) -> Any:
    of_turns = name.removeprefix("turns.")
    if name not in conversation.metadata and of_turns != name:
        return [_plain(getattr(turn, of_turns)) for turn in conversation.turns]
    return _plain(getattr(conversation, name, conversation.metadata.get(name)))


def _plain(value: Any) -> Any:
    """A value as JSON has it, records without what is empty."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(item) for name, item in asdict(value).items() if item not in _EMPTY}
    return value if value is None or isinstance(value, (bool, int, float, str, dict)) else f"{value.isoformat()}Z"


def _write(folders: list[str]) -> None:
    for path in (path for folder in folders for path in inputs(Path(folder).parent) if path.parent == Path(folder)):
        if not expectation(path).exists():
            with TemporaryDirectory() as scratch:
                told = {name: value for name, value in became(path, Path(scratch)).items() if value}
            expectation(path).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
            print(expectation(path))


if __name__ == "__main__":
    _write(sys.argv[1:])
