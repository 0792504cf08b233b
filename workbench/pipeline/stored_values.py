"""Dataclasses as JSON values and back, by the types of their fields: for what one build keeps for the next."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

T = TypeVar("T")
_Decode = Callable[[Any], Any]
_PLAIN = frozenset({str, bool, int, float, type(None)})


def encoded(value: object) -> Any:
    """A value of dataclasses, named tuples, lists, mappings, arrays, times and plain values as one that JSON can hold.

    Raises `TypeError` for anything else: what could not be read back is not written.
    """
    kind: type[Any] = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, list | tuple):
        return [item if type(item) in _PLAIN else encoded(item) for item in value]
    if isinstance(value, dict):
        return [[encoded(key), encoded(item)] for key, item in value.items()]
    if isinstance(value, np.ndarray):
        return [str(value.dtype), list(value.shape), b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")]
    if isinstance(value, datetime):
        return value.isoformat()
    if names := _field_names(cast(Hashable, kind)):
        return [encoded(getattr(value, name)) for name in names]
    raise TypeError(f"A {kind.__name__} can't be kept.")


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def decoded(kind: type[T], value: Any) -> T:
    """What `encoded` made of a value of this dataclass."""
    return cast(T, _decoder(cast(Hashable, kind))(value))


def _decoder(hint: Hashable) -> _Decode:
    return _made_decoder(hint)


@cache
def _made_decoder(hint: Any) -> _Decode:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        inner = _decoder(next(each for each in arguments if each is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is np.ndarray:
        return lambda value: np.frombuffer(b64decode(value[2]), value[0]).reshape(value[1]).copy()
    if hint is datetime:
        return datetime.fromisoformat
    if origin is tuple:
        return _tuple(arguments)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        of_key, of_item = map(_decoder, arguments)
        return lambda value: {of_key(key): of_item(item) for key, item in value}
    if isinstance(origin, type) and issubclass(origin, Sequence | AbstractSet):
        item = _decoder(arguments[0])
        return list if item is _as_it_is else lambda value: [item(each) for each in value]
    if isinstance(hint, type) and (is_dataclass(hint) or hasattr(hint, "_fields")):
        return _record(hint)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _tuple(arguments: Sequence[Any]) -> _Decode:
    if arguments[-1] is Ellipsis:
        item = _decoder(arguments[0])
        return lambda value: tuple(item(each) for each in value)
    items = [_decoder(argument) for argument in arguments]
    return lambda value: tuple(item(each) for item, each in zip(items, value, strict=True))


def _record(kind: type[Any]) -> _Decode:
    """Of a dataclass or a named tuple: its fields in their order."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else list(kind._fields)
    items = [_decoder(hints[name]) for name in names]
    return lambda value: kind(*[item(each) for item, each in zip(items, value, strict=True)])
