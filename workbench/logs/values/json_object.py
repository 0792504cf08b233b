"""The types of a log's JSON before anybody has looked into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""An object as a stranger's exporter wrote it: any field may be missing, or of any type. Who reads a field checks it first."""
JsonFields: TypeAlias = Mapping[str, Any]
"""The same, for who only reads it."""
