"""Mappings that people made on the data page: written as TOML, kept in the store under plain names.

They stand in store/mappings/<name>.toml and never change, since imports refer to them: what differs gets a name of its own.
An import has read all that it needs of its mapping, so one may be deleted.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import fields
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import UserError
from workbench.logs.uploads import take
from workbench.store import Store

if TYPE_CHECKING:
    from workbench.logs.formats import ColumnMapping

LONGEST_NAME = 60
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def saved(store: Store) -> list[Path]:
    """The files of the saved mappings, by name."""
    return sorted(_folder(store).glob("*.toml"))


def keep(store: Store, name: str, text: str) -> Path:
    """Save a mapping under a name, reduced to plain characters, and give its file; where the name stands for
    another mapping already, under the next free one (`name-2`). UserError for a name without a letter or digit."""
    stem = plain_name(name)
    if not stem:
        raise UserError(f"{name!r} can't name a mapping. Give it a name with letters or digits.")
    folder = _folder(store)
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        file = folder / f"{stem}{f'-{number}' if number > 1 else ''}.toml"
        try:
            with file.open("x", encoding="utf-8") as out:
                out.write(text)
        except FileExistsError:
            if file.read_text("utf-8") != text:
                continue
        return file
    raise AssertionError("numbers don't end")


def remove(store: Store, name: str) -> str:
    """Delete a saved mapping and give its text. Imports keep what they read by it; UserError where it isn't there."""
    file = next((file for file in saved(store) if file.stem == name), None)
    if file is None:
        raise UserError(f"There is no mapping {name!r} any more. Somebody may have deleted it.")
    text = file.read_text("utf-8")
    file.unlink(missing_ok=True)
    return text


def draft(store: Store, name: str, text: str) -> Path:
    """Write a mapping that nobody saved yet beside the uploads, where it is swept like them."""
    (file,) = take(store, [_Text(f"{plain_name(name) or 'mapping'}.toml", text)])
    return file


def is_saved(store: Store, file: Path) -> bool:
    """Whether a mapping's file is one that was saved."""
    return file.resolve().parent == _folder(store).resolve()


def plain_name(name: str) -> str:
    """A name for a mapping: lower-case letters, digits and single hyphens, at most 60; may be empty."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:LONGEST_NAME].strip("-")


def as_toml(mapping: ColumnMapping) -> str:
    """A mapping as the text of its file; `load_mapping` reads the same back."""
    lines = [f"layout = {_value(mapping.layout)}"] if mapping.layout else []
    lines += [f"rows = {_value(mapping.rows)}"] if mapping.rows else []
    lines += ["html = true"] if mapping.html else []
    for each in fields(mapping):
        table = getattr(mapping, each.name)
        if isinstance(table, Mapping) and table:
            lines += ["", f"[{each.name}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines).lstrip("\n") + "\n"


class _Text(io.BytesIO):
    """A text as `take` expects an upload."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text.encode("utf-8"))
        self.name = name


def _folder(store: Store) -> Path:
    return store.root / "mappings"


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _value(key)


def _value(value: object) -> str:
    """A TOML value. JSON's strings are TOML's, but for one control character."""
    if isinstance(value, str | bool):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
