"""What a build shall do, and how it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Job:
    """What a build shall do: import `paths` (then analyse), analyse again, or leave the import `undo` out.

    With `rearrange` the clusters that stand are kept, and what people changed by hand is applied to them.
    With `dry_run` the paths are read and nothing else happens; with `fields_only`, too, no more than which fields
    the logs have is told, whatever their columns are called.
    """

    store: str
    paths: list[str] = field(default_factory=list)
    format: str = "auto"
    bot: str | None = None
    mapping: str | None = None
    timezone: str | None = None
    analyze: bool = True
    granularity: str | None = None
    rearrange: bool = False
    undo: str | None = None
    actor: str = "somebody"
    dry_run: bool = False
    fields_only: bool = False


Progress = Callable[[str, int, int | None], None]
