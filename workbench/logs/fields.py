"""Which fields a log has, as far as its first rows tell: what a mapping of its columns can choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.conversation.masked import masked_value
from workbench.errors import RefusedFile, UserError
from workbench.logs.files.remote import local_copies
from workbench.logs.formats import find_files, open_source, partition
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.normalise import parse_json
from workbench.logs.values.records import BadValue

ROWS = 200
ITEMS = 20
FIELDS = 400
DEPTH = 6
VALUES = 12
SIGNS = 60


@dataclass
class LogField:
    """A field of a log, as far as its first rows tell."""

    path: str
    """Leads to it, dots into structs and JSON text: from a row, or from an item where it stands `within` a list."""
    within: str = ""
    """The path of the list of the row in whose items it stands; "" for none."""
    is_list: bool = False
    """Whether it holds a list in some row."""
    seen: int = 0
    """How many of the rows, or items, have a value there."""
    values: list[str] = field(default_factory=list)
    """Some of its own values, each once, masked and cut."""


def log_fields(paths: Sequence[str], scratch: Path, progress: Callable[[str, int, int | None], None]) -> JsonObject:
    """The fields of the logs at `paths` as JSON: `files`, `refused`, `fields` (of `LogField`).

    UserError, naming each file's reason, when none can be read. `scratch` is where remote files are fetched to.
    """
    fields: dict[tuple[str, str], LogField] = {}
    readable: list[JsonObject] = []
    with local_copies(paths, scratch, progress) as (local, names):
        files, refused = find_files(local)
        for done, path in enumerate(files):
            progress("checking", done, len(files))
            try:
                source = open_source(path, None, names.get(path), partition(path, local))
                source.check()
            except RefusedFile as refusal:
                refused.append(refusal)
                continue
            readable.append({"file": source.name, "rows": source.log.rows})
            for _, row in islice(source.log.read(), ROWS):
                _look(row, "", "", 0, fields)
    if not readable:
        raise UserError("Nothing could be read.\n" + "\n".join(str(refusal) for refusal in refused))
    return {
        "files": readable,
        "refused": [{"file": refusal.file, "reason": refusal.reason} for refusal in refused],
        "fields": [asdict(each) for each in fields.values()],
    }


def _look(value: Any, path: str, within: str, depth: int, fields: dict[tuple[str, str], LogField]) -> None:
    """Note the fields inside a value; of lists only the first level, since a mapping names the fields of one item."""
    if depth > DEPTH:
        return
    for name, inner in value.items():
        inner = _opened(inner)
        below = f"{path}.{name}" if path else str(name)
        if (within, below) not in fields and len(fields) >= FIELDS:
            continue
        own = fields.setdefault((within, below), LogField(below, within))
        if inner is None:
            continue
        own.seen += 1
        if isinstance(inner, Mapping):
            _look(inner, below, within, depth + 1, fields)
        elif isinstance(inner, list):
            own.is_list = True
            for item in map(_opened, inner[:ITEMS]):
                if isinstance(item, Mapping) and not within:
                    _look(item, "", below, depth + 1, fields)
        elif len(own.values) < VALUES and (words := sample(str(name), inner, SIGNS)) not in own.values:
            own.values.append(words)


def sample(name: str, value: Any, signs: int) -> str:
    """The first signs of a logged value. It is masked before it is cut, since half an address is no address to a mask, and
    as JSON, so that its name tells what a bare number is: "phone": 5551232002."""
    plain = value if isinstance(value, int | float) else str(value)[: 10 * signs]
    (masked,) = masked_value({name.rpartition(".")[2]: plain}).values()
    return str(masked)[:signs]


def _opened(value: Any) -> Any:
    """What JSON text says; any other value as it is."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return parse_json(value, None)
        except BadValue:
            return value
    return value
