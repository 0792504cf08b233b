"""What a build shall do, and how it reports how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Job:
    """What a build shall do: import `paths` (then analyse), analyse again, or leave the import `undo` out."""

    store: str
    """The store's folder."""
    paths: list[str] = field(default_factory=list)
    """Files and folders to import; none: only analyse again."""
    format: str = "auto"
    """The log's format, or auto."""
    bot: str | None = None
    """The bot's name where the log has none."""
    mapping: str | None = None
    """A file that says how an in-house log is to be read."""
    timezone: str | None = None
    """The zone of times that have none."""
    scrub: bool = False
    """Whether what is imported is masked as it comes in, for good."""
    analyze: bool = True
    """Whether to analyse and cluster, and not only to read."""
    granularity: str | None = None
    """few, normal or many clusters; None: as in the snapshot before."""
    pod_timezone: str | None = None
    """The zone by whose clocks the pod's weeks are to begin from now on; None: as it is set."""
    rearrange: bool = False
    """Keep the clusters that stand, and apply to them what people changed by hand."""
    undo: str | None = None
    """The import to leave out from now on."""
    actor: str = "somebody"
    """Who asked for it."""
    dry_run: bool = False
    """Read the paths, say what was understood, and do nothing else."""
    engine: str = "local"
    """Where the work is done: local, in the build's own process, or ray, on a Ray cluster."""
    ray_address: str | None = None
    """The cluster's HOST:PORT; None starts one on this machine for as long as the build takes."""
    fields_only: bool = False
    """With `dry_run`: only say which fields the logs have, whatever their columns are called."""

    @property
    def reads(self) -> list[str]:
        """What it opens of this machine's disk, or in buckets: its paths, and its mapping."""
        return [*self.paths, *([self.mapping] if self.mapping else [])]


WAITING = "waiting"
"""How the stage of a build begins that waits for another one."""
Progress = Callable[[str, int, int | None], None]
"""Takes the stage, what is done of it, and what there is to do (None where it can't be known)."""
