"""Dataclasses as columns: the Arrow schema of a row, rows as an Arrow table, and rows made of what a query gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from itertools import accumulate
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
_Convert = Callable[[Any], Any]

_PLAIN: dict[Any, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    bytes: pa.binary(),
    datetime: pa.timestamp("us"),
}


@cache
def arrow_schema(row: type[DataclassInstance]) -> pa.Schema:
    """The schema of a table whose rows are of this dataclass: a column a field, in their order.

    A nested dataclass is a struct, a tuple a list, a numpy array a list of float32; every column takes nulls. Raises
    `TypeError` for a field of another type.
    """
    return pa.schema([(name, _type(hint)) for name, hint in _hints(row).items()])


def arrow_table(row: type[DataclassInstance], rows: Sequence[DataclassInstance]) -> pa.Table:
    """Rows of this dataclass as an Arrow table, column by column."""
    schema, hints = arrow_schema(row), _hints(row)
    columns = [
        _array([getattr(row, name) for row in rows], hint, schema.field(name).type) for name, hint in hints.items()
    ]
    return pa.table(columns, schema=schema)


@cache
def maker(row: type[R], names: tuple[str, ...]) -> Callable[[tuple[Any, ...]], R]:
    """What makes a row of this dataclass from a query's values, which come in the order of the columns `names`.

    A column that the dataclass doesn't know is dropped; a field without a column, as an older snapshot may lack it, is
    its default, else empty.
    """
    hints = _hints(row)
    unknown = [name for name in names if name not in hints]
    converted = [
        (name, convert) for name in names if name in hints and (convert := _converter(hints[name])) is not None
    ]
    absent = {each.name: _absent(each, hints[each.name]) for each in fields(row) if each.name not in names}

    def make(values: tuple[Any, ...]) -> R:
        made = object.__new__(row)  # a frozen dataclass's own __init__ takes three times as long, and lists are long
        state = vars(made)
        state.update(absent)
        state.update(zip(names, values, strict=True))
        for name in unknown:
            del state[name]
        for name, convert in converted:
            state[name] = convert(state[name])
        return made

    return make


@cache
def _hints(row: type[DataclassInstance]) -> dict[str, Any]:
    hints = get_type_hints(row)
    return {each.name: _without_none(hints[each.name]) for each in fields(row)}


def _without_none(hint: Any) -> Any:
    if get_origin(hint) is UnionType or NoneType in get_args(hint):
        return next(part for part in get_args(hint) if part is not NoneType)
    return hint


def _type(hint: Any) -> pa.DataType:
    hint = _without_none(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_dataclass(hint) and isinstance(hint, type):
        return pa.struct(list(arrow_schema(hint)))
    if get_origin(hint) is tuple:
        return pa.list_(_type(get_args(hint)[0]))
    if get_origin(hint) is np.ndarray:
        return pa.list_(pa.float32())
    raise TypeError(f"{hint!r} has no Arrow type here. Use text, numbers, times, tuples, dataclasses or vectors.")


def _array(values: list[Any], hint: Any, kind: pa.DataType) -> pa.Array:
    """Values of a field as an Arrow column; lists of dataclasses by their leaves, since a dict each takes ten times as long."""
    item = get_args(hint)[0] if get_origin(hint) is tuple else None
    if not (isinstance(item, type) and is_dataclass(item)):
        return pa.array(values, kind)
    parts = [part for value in values for part in value or ()]
    leaves = [
        _array([getattr(part, name) for part in parts], inner, kind.value_type.field(name).type)
        for name, inner in _hints(item).items()
    ]
    ends = [0, *accumulate(len(value or ()) for value in values)]
    missing = pa.array([value is None for value in values]) if None in values else None
    structs = pa.StructArray.from_arrays(leaves, fields=list(kind.value_type))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs, type=kind, mask=missing)


def _converter(hint: Any) -> _Convert | None:
    """What brings a value that the database gives into the type of the field; None where it is that already."""
    hint = _without_none(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return lambda value: None if value is None else _nested(hint, value)
    if get_origin(hint) is np.ndarray:
        return lambda value: None if value is None else np.asarray(value, np.float32)
    if get_origin(hint) is tuple:
        part = _converter(get_args(hint)[0])
        if part is None:
            return lambda values: tuple(values or ())
        return lambda values: tuple(part(value) for value in values or ())
    return None


def _nested(row: type[R], value: Mapping[str, Any]) -> R:
    make: Callable[[tuple[Any, ...]], R] = maker(row, tuple(value))
    return make(tuple(value.values()))


def _absent(each: Field[Any], hint: Any) -> Any:
    if each.default is not MISSING:
        return each.default
    return () if get_origin(hint) is tuple else None
