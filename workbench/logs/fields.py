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
from workbench.logs.formats import ColumnMapping, find_files, open_source, partition
from workbench.logs.likely_columns import LogField, likely_rows
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.normalise import parse_json
from workbench.logs.values.records import BadValue

ROWS = 200
ITEMS = 20
FIELDS = 400
DEPTH = 6
VALUES = 12
MOST_AROUND = 2
"""Objects of a file that may lie around its rows; what has more is rows itself."""
LOOKED_AT = 2_000
"""Characters of a value in which words are counted."""
SIGNS = 60


def log_fields(
    paths: Sequence[str], scratch: Path, progress: Callable[[str, int, int | None], None], rows: str | None = None
) -> JsonObject:
    """The fields of the logs at `paths` as JSON: `files`, `refused`, `fields` (of `LogField`), `lists`, `rows`, `notes`.

    `rows` is the list in JSON that holds the rows ("" for the file's own); where none is given it is guessed, and the
    `lists` are those to choose from. UserError, naming each file's reason, when none can be read. `scratch` is where
    remote files are fetched to.
    """
    with local_copies(paths, scratch, progress) as (local, names):
        outer = _look_at(local, names, "", progress)
        lists = [
            each.path
            for each in outer.fields
            if each.is_list and any(other.within == each.path for other in outer.fields)
        ]
        chosen = outer.likely_rows if rows is None else rows
        seen = _look_at(local, names, chosen, progress) if chosen else outer
    return {
        "files": seen.files,
        "refused": [{"file": refusal.file, "reason": refusal.reason} for refusal in seen.refused],
        "fields": [asdict(each) for each in seen.fields],
        "lists": lists,
        "rows": chosen,
        "notes": seen.notes,
    }


@dataclass
class _Seen:
    """What the first rows of some files tell."""

    files: list[JsonObject]
    """Those that can be read."""
    refused: list[RefusedFile]
    """The others."""
    fields: list[LogField]
    """Of all of them."""
    notes: list[str]
    """How the files were understood: the signs that divide cells, the encoding."""

    likely_rows: str
    """The list that likely holds the rows; "" where they are the files' own."""


@dataclass
class _Tally:
    """What is counted of one field while rows are looked at."""

    log_field: LogField
    """What comes of it."""
    hashes: set[int] = field(default_factory=set)
    """Of its own values."""
    own: int = 0
    """How many values of its own there were, no lists or objects."""
    holds_objects: bool = False
    """Whether it holds a list of objects."""


_Tallies = dict[tuple[str, str], _Tally]


def _look_at(
    local: Sequence[str | Path], names: Mapping[Path, str], rows: str, progress: Callable[[str, int, int | None], None]
) -> _Seen:
    """Open each file and look at its first rows, which lie in the list `rows` where it is named."""
    tallies: _Tallies = {}
    readable: list[JsonObject] = []
    notes: list[str] = []
    files, refused = find_files(local)
    for done, path in enumerate(files):
        progress("checking", done, len(files))
        try:
            naming = ColumnMapping("", rows=rows) if rows else None
            source = open_source(path, naming, names.get(path), partition(path, local), guess=False)
            source.check()
        except RefusedFile as refusal:
            refused.append(refusal)
            continue
        readable.append({"file": source.name, "rows": source.log.rows})
        notes += source.notes
        for _, row in islice(source.log.read(), ROWS):
            _look(row, "", "", 0, tallies)
    if not readable:
        raise UserError("Nothing could be read.\n" + "\n".join(str(refusal) for refusal in refused))
    for tally in tallies.values():
        tally.log_field.different = len(tally.hashes)
    fields = [tally.log_field for tally in tallies.values()]
    holding = [within for (within, _), tally in tallies.items() if within and tally.holds_objects]
    alone = max(int(file["rows"]) for file in readable) <= MOST_AROUND
    return _Seen(readable, refused, fields, notes, likely_rows(fields, holding) if alone else "")


def _look(value: Any, path: str, within: str, depth: int, tallies: _Tallies) -> None:
    """Note the fields inside a value; of lists only the first level, since a mapping names the fields of one item."""
    if depth > DEPTH:
        return
    for name, inner in value.items():
        inner = _opened(inner)
        below = f"{path}.{name}" if path else str(name)
        if (within, below) not in tallies and len(tallies) >= FIELDS:
            continue
        tally = tallies.setdefault((within, below), _Tally(LogField(below, within)))
        own = tally.log_field
        if inner is None:
            continue
        own.seen += 1
        if isinstance(inner, Mapping):
            _look(inner, below, within, depth + 1, tallies)
        elif isinstance(inner, list):
            own.is_list = True
            for item in map(_opened, inner[:ITEMS]):
                tally.holds_objects = tally.holds_objects or isinstance(item, Mapping)
                if isinstance(item, Mapping) and not within:
                    _look(item, "", below, depth + 1, tallies)
        else:
            tally.own += 1
            tally.hashes.add(hash(inner))
            own.words += (len(str(inner)[:LOOKED_AT].split()) - own.words) / tally.own
            if len(own.values) < VALUES and (words := sample(str(name), inner, SIGNS)) not in own.values:
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
