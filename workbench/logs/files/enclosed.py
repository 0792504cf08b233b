"""JSON whose objects hold their rows beside what is said of all of them: traces with spans, evaluations with samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.logs.files.json_lines import JsonLog, outline
from workbench.logs.files.wrapped import WrappedLog
from workbench.logs.values.json_object import JsonObject

AROUND = "around"
"""The column of a row that has what stands beside the list."""
_LISTS = {"data.spans.span_id": ("data", "spans"), "spans.span_id": ("spans",), "samples.messages": ("samples",)}
"""By a field that tells it, the way to the list."""


class EnclosedLog(WrappedLog):
    """A JSON file as a log of the items of the list in each of its objects; a row's number is its object's."""

    def __init__(self, log: JsonLog, way: tuple[str, ...]) -> None:
        self._way = way
        rows = [row for each in log.sample[:20] for row in self.inside(dict(each))]
        super().__init__(log, "json", dict.fromkeys(column for row in rows for column in row), outline(rows[:100]))

    def inside(self, fields: JsonObject) -> Iterator[JsonObject]:
        """Each item with what stands around it; an object without the list comes as it is."""
        holder: Any = fields
        for step in self._way[:-1]:
            holder = holder.get(step) if isinstance(holder, Mapping) else None
        items = holder.get(self._way[-1]) if isinstance(holder, Mapping) else None
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            yield fields
            return
        around = {name: value for name, value in fields.items() if name not in (self._way[0], "trace")}
        for item in items:
            yield {**{name: value for name, value in item.items() if value is not None}, AROUND: around}


def way_to_rows(log: JsonLog) -> tuple[str, ...] | None:
    """The way to the list of rows in the objects of a file, where it holds traces or evaluations."""
    return next((way for field, way in _LISTS.items() if field in log.outline and "messages" not in log.columns), None)
