"""The parts that a build rests on: those that count, and the one that it reads from new logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from workbench.dates import utc_now
from workbench.engine.engine import Engine
from workbench.logs.erasures import Erasures
from workbench.logs.formats import ReadOptions
from workbench.logs.importing import write_part
from workbench.logs.manifest import Manifest
from workbench.logs.parts import Part, Watch, read_manifest
from workbench.logs.running_import import ERASED
from workbench.logs.versions import Version, versions
from workbench.pipeline.job import Job, Progress
from workbench.store import PUBLISHED, Pointer, Store


def read_logs(
    job: Job,
    store: Store,
    parts: Sequence[Part],
    draft: Path,
    progress: Progress,
    engine: Engine,
    watch: Watch | None = None,
) -> Manifest:
    """Read the job's logs into the folder `draft`, without what the `parts` hold already; `watch` sees what is written."""
    mapping = Path(job.mapping) if job.mapping else None
    erasures = Erasures.of(store.root)
    if job.scrub and not job.dry_run:
        erasures.write(store.root)  # its secret tells scrubbed ids apart, in this import and in later ones
    return write_part(
        draft,
        job.paths,
        ReadOptions(job.format, job.bot, job.timezone, mapping, _last_import(parts), job.scrub),
        latest_versions(parts),
        progress,
        job.actor,
        next_name("I", store.parts),
        engine,
        erasures,
        watch,
    )


def _last_import(parts: Sequence[Part]) -> datetime | None:
    """When the last of these imports began; today is no earlier, whatever this machine's clock says."""
    moments = [read_manifest(part.folder).created_at.removesuffix("Z") for part in parts]
    return datetime.fromisoformat(max(moments)) if moments else None


def counted_parts(store: Store, pointer: Pointer | None) -> list[Part]:
    """The imports that count and are there: the pointer's, or those that it last named, or all that ever were published.

    One that lost its manifest is among them, as a damaged one, so that nobody takes its conversations for gone.
    """
    names = pointer.parts if pointer is not None else store.last_parts()
    if names is None:
        names = sorted(marker.parent.name for marker in store.parts.glob(f"*/{PUBLISHED}"))
    return [Part(name, store.parts / name) for name in names if (store.parts / name).is_dir()]


def vanished(store: Store, pointer: Pointer | None) -> list[str]:
    """The imports that should count, but that somebody or something took away."""
    names = (pointer.parts if pointer is not None else store.last_parts()) or []
    return [name for name in names if not (store.parts / name).is_dir()]


def latest_versions(parts: Sequence[Part]) -> dict[str, Version]:
    """The latest version of each conversation, by key."""
    latest: dict[str, Version] = {}
    for part in parts:
        latest |= versions(part.folder, read_manifest(part.folder).rules)
    return latest


def reworded(parts: Sequence[Part]) -> dict[str, datetime]:
    """When each conversation got other words than it had, by key, naive UTC; one that only goes on, or came as it was, is absent."""
    at: dict[str, datetime] = {}
    latest: dict[str, Version] = {}
    for part in parts:
        served = served_since(part)
        for key, version in versions(part.folder, ()).items():
            before = latest.get(key)
            if before and version.content_hash != before.content_hash and not version.goes_on_from(before):
                at[key] = served
            latest[key] = version
    return at


def served_since(part: Part) -> datetime:
    """When a snapshot with this import began to serve, naive UTC; now, for one that none has yet."""
    try:
        stated = (part.folder / PUBLISHED).read_text("ascii", "replace")
    except FileNotFoundError:
        return utc_now()
    try:
        when = datetime.fromisoformat(stated)
    except ValueError:  # an older program left the mark empty, or it is damaged
        when = datetime.fromisoformat(read_manifest(part.folder).created_at)
    return when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when


def nothing_new(manifest: Manifest, parts: Sequence[Part]) -> bool:
    """Whether an import brought neither a conversation nor a rejected row that the parts don't tell of."""
    if manifest.conversations:
        return False
    rejecting = {note for note in manifest.notes if note.startswith(ERASED)}
    if not rejecting <= {note for part in parts for note in read_manifest(part.folder).notes}:
        return False
    read_before = {file["sha256"] for part in parts for file in asdict(read_manifest(part.folder))["files"]}
    return manifest.rows_rejected == 0 or all(file["sha256"] in read_before for file in asdict(manifest)["files"])


def next_name(letter: str, folder: Path) -> str:
    """The next number after all that stand in the folder, like S000012."""
    taken = [path.stem for path in folder.glob(f"{letter}*")]
    return f"{letter}{max((int(name[1:]) for name in taken if name[1:].isdigit()), default=0) + 1:06d}"
