"""Builds the next snapshot: read, analyse, cluster, write, then switch the pointer.

A build holds the store's lock, works beside the current snapshot and switches at its very end, so a kill at any
moment leaves the old one serving. It runs in a child process (see jobs.py).
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np

from workbench.clusters.discovery import Cluster, KnownCluster, discover
from workbench.clusters.grouping import RESOLUTION
from workbench.clusters.identity import Found, assign_ids
from workbench.clusters.manual_edits import BotFailures, rearranged
from workbench.dates import utc_now
from workbench.embedding import Encoder, LateEncoder, VectorCache, Vectors, load_encoder
from workbench.errors import UserError
from workbench.evidence.queries import reading
from workbench.evidence.schema import SCHEMA, Counts, Meta, Rows
from workbench.evidence.snapshot import write_snapshot
from workbench.failures.case import Case
from workbench.judgement.disabled_signals import switched_off
from workbench.judgement.records import Act, Lineage, Registered
from workbench.judgement.store import Judgement
from workbench.logs.fields import log_fields
from workbench.logs.formats import ReadOptions
from workbench.logs.importing import write_part
from workbench.logs.parts import Manifest, Part, read_manifest
from workbench.logs.preview import preview
from workbench.logs.versions import Version, keys, versions
from workbench.pipeline.analyse import (
    HumanInput,
    Survey,
    judge_log,
    judge_returns,
    learn_scores,
    survey_log,
    tool_kinds,
)
from workbench.pipeline.job import Job, Progress
from workbench.pipeline.recovery import heal
from workbench.pipeline.rows import (
    analysis_row,
    cluster_rows,
    contrast_rows,
    failure_vector_rows,
    found_cluster,
    import_rows,
    learned_rows,
    pattern_rows,
    proposed_rows,
    signal_rows,
    strand_rows,
    suspect_rows,
)
from workbench.pipeline.snapshots import SNAPSHOTS_KEPT, snapshot_names
from workbench.stats import benjamini_hochberg
from workbench.store import Pointer, Store, write_json

T = TypeVar("T")
PUBLISHED = "published"
"""The mark of an import that a snapshot came to serve; it tells what counts where every snapshot is gone."""
FULL_LIMIT = 15_000
"""Failures of one bot up to which every import clusters anew; above, an import assigns and `analyze` clusters."""


@dataclass(frozen=True)
class Standing:
    """The clusters of a snapshot as they were found, before any hand changed them, and the map's places by key."""

    model: str
    dimension: int
    clusters: list[Registered]
    places: dict[str, tuple[float, float]]


class Build:
    """One build under the lock, stage by stage. `run` is the whole of it."""

    def __init__(self, job: Job, progress: Progress, encoder: Encoder | None = None) -> None:
        self._job = job
        self._store = Store(Path(job.store))
        self._progress = progress
        self._encoder = encoder
        self._seconds: dict[str, float] = {}
        self._clustering = "full" if job.analyze else "none"
        self._same_granularity = True
        self.notes: list[str] = []
        """What a person should know of what was read, in sentences."""

    def run(self) -> dict[str, Any]:
        """Do the job and return the JSON of `import` (DESIGN.md); raises `WorkbenchError`, leaving the store as it was."""
        if self._job.dry_run:
            return self._dry_run()
        self._store.create()
        with self._store.build_lock(lambda: self._progress("waiting for another build of this store", 0, None)):
            judgement = Judgement(self._store.judgement_url)
            try:
                if not self._job.rearrange:  # whoever changed a cluster was asked already
                    judgement.allow(self._job.actor)
                return self._build(judgement)
            finally:
                judgement.close()

    def _dry_run(self) -> dict[str, Any]:
        """Read into a draft that is thrown away, and say what was understood (`preview`)."""
        parts = [Part(name, self._store.parts / name) for name in _known_parts(self._store, self._store.pointer())]
        with TemporaryDirectory(prefix="workbench-") as scratch:
            if self._job.fields_only:
                return log_fields(self._job.paths, Path(scratch) / "remote", self._progress)
            manifest = self._read(parts, Path(scratch) / "draft")
            return preview(Path(scratch) / "draft", manifest)

    def _build(self, judgement: Judgement) -> dict[str, Any]:
        if self._job.granularity not in (None, *RESOLUTION):
            raise UserError(f"There is no granularity {self._job.granularity!r}. Choose {', '.join(RESOLUTION)}.")
        old = self._readable_pointer(judgement)
        if old is not None and self._job.rearrange and not self._to_rearrange(old, judgement):
            return self._result(None, "none", old.snapshot, self._count(old), (0, 0))
        self._sweep(old)
        kept = [p for p in _known_parts(self._store, old) if p != self._job.undo]
        if self._job.undo and len(kept) == len(_known_parts(self._store, old)):
            raise UserError(f"There is no import {self._job.undo} in this store. `doctor` lists the imports.")
        parts = [Part(name, self._store.parts / name) for name in kept]
        manifest = None
        if self._job.paths:
            manifest = self._stage("read", lambda: self._read(parts, self._draft))
            self.notes = manifest.notes
            if manifest.conversations == 0 and _nothing_new(manifest, parts):
                shutil.rmtree(self._draft)
                if old is not None:
                    return self._result(manifest, "none", old.snapshot, self._count(old), (0, 0))
            else:
                parts.append(Part(manifest.import_id, self._draft))
        elif not parts and not self._job.undo:
            raise UserError(
                f"The store {self._store.root} holds no import yet. Import logs with `python -m workbench import PATH`."
            )
        snapshot = _next_name("S", self._store.snapshots)
        settings: dict[str, Any] = {
            "granularity": self._job.granularity or _granularity(self._store, old),
            "analyzed": self._job.analyze,
        }
        self._same_granularity = old is None or settings["granularity"] == _granularity(self._store, old)
        if self._job.analyze:
            off = switched_off(judgement.settings())
            settings["signals_off"] = {bot: sorted(codes) for bot, codes in off.items()}
            settings["tools"] = tool_kinds(judgement)
        rows: Rows = import_rows(parts)
        recorded: list[Registered] = []
        if self._job.analyze:
            acts = judgement.acts()
            settings["acts"] = {act.act: act.version for act in acts}
            recorded, lineage, findings, settings["model"] = self._analyse(
                parts, judgement, snapshot, settings["granularity"], self._standing(old), acts
            )
            rows |= findings
        elif old is not None:
            findings, settings["model"] = self._carried(old)
            rows |= findings
        found = _found_in(rows, set(keys(parts[-1].folder)) if manifest and manifest.conversations else None)
        counts = self._stage("write", lambda: self._write(snapshot, settings, parts, rows))
        self._publish(snapshot, parts)
        if self._job.analyze:
            judgement.record_snapshot(snapshot, recorded, lineage)
        self._tell(judgement, manifest, snapshot)
        return self._result(manifest, self._clustering, snapshot, counts, found)

    @property
    def _draft(self) -> Path:
        return self._store.parts / ".draft"

    def _read(self, parts: Sequence[Part], draft: Path) -> Manifest:
        options = ReadOptions(
            self._job.format,
            self._job.bot,
            self._job.timezone,
            Path(self._job.mapping) if self._job.mapping else None,
        )
        return write_part(
            draft,
            self._job.paths,
            options,
            known_versions(parts),
            self._progress,
            self._job.actor,
            _next_name("I", self._store.parts),
        )

    def _analyse(
        self,
        parts: Sequence[Part],
        judgement: Judgement,
        snapshot: str,
        granularity: str,
        standing: Standing | None,
        acts: Sequence[Act],
    ) -> tuple[list[Registered], list[Lineage], Rows, str]:
        human = HumanInput.read(judgement)
        survey, judged = self._stage("signals", lambda: self._judge(parts, human))
        cache = VectorCache(self._store)
        encoder = self._encoder or self._stage("load model", lambda: self._load_encoder(cache, standing))
        cases = self._stage(
            "returns",
            lambda: judge_returns(
                parts, survey, human, judged, lambda texts: _embed_texts(texts, cache, encoder), self._progress
            ),
        )
        vectors = self._stage("embed", lambda: self._embed(cases, cache, encoder))

        requests = {bot: of_bot for bot, (of_bot, _) in vectors.items()}
        register, model = judgement.register(), f"{encoder.model}/{encoder.precision}"
        made_by_hand = frozenset(act.into for act in acts if act.kind == "split" and act.into)

        def cluster() -> tuple[list[Registered], list[Lineage], Rows]:
            rows: Rows = signal_rows(cases)
            found: list[tuple[Cluster, list[Case], Found]] = []
            places: dict[str, tuple[float, float]] = {}
            bots: dict[str, BotFailures] = {}
            for n, (bot, of_bot) in enumerate(sorted(cases.items())):
                self._progress("cluster", n, len(cases))
                known = self._known(bot, len(vectors[bot][1]), register, model, standing, made_by_hand)
                stood = self._stood(bot, len(vectors[bot][1]), register, model, made_by_hand)
                discovery = discover(of_bot, *vectors[bot], granularity, known, stood)
                bots[bot] = BotFailures(bot, of_bot, discovery)
                places |= {of_bot[i].key: place for i, place in discovery.places.items()}
                passages = dict(zip(discovery.failing, vectors[bot][1], strict=True))
                found += [(c, of_bot, found_cluster(bot, c, of_bot, passages)) for c in discovery.clusters]
            found.sort(key=lambda entry: -len(entry[0].members))
            recorded, lineage = assign_ids(
                [entry[2] for entry in found],
                register,
                judgement.next_cluster_number(),
                model,
                snapshot,
                made_by_hand,
            )
            if standing:
                places |= standing.places
                lineage = [row for row in lineage if row.relation != "continued"]
            now = rearranged(found, recorded, bots, acts, register, model, snapshot)
            found = now.found
            escalating = benjamini_hochberg([entry[0].change[1] for entry in found])
            rows |= cluster_rows(found, now.clusters, escalating) | proposed_rows(recorded, now.made)
            rows["places"] = [{"key": key, "x": x, "y": y} for key, (x, y) in places.items()]
            rows |= strand_rows(found, now.clusters) | pattern_rows(found, now.clusters)
            rows |= suspect_rows(found, now.clusters) | contrast_rows(found, now.clusters, cases, requests)
            rows["lineage"] = [asdict(row) for row in lineage]
            rows["request_vectors"] = [
                {"key": case.key, "vector": vector}
                for bot, of_bot in cases.items()
                for case, vector in zip(of_bot, vectors[bot][0], strict=True)
                if vector.any()
            ]
            rows |= failure_vector_rows(cases, {bot: passages for bot, (_, passages) in vectors.items()})
            return recorded + now.made, lineage, rows

        recorded, lineage, rows = self._stage("cluster", cluster)
        learned = self._stage("learn", lambda: learn_scores(cases, requests, human, self._progress))
        rows |= learned_rows(learned, [analysis_row(case) for of_bot in cases.values() for case in of_bot])
        return recorded, lineage, rows, model

    def _judge(self, parts: Sequence[Part], human: HumanInput) -> tuple[Survey, dict[str, list[Case]]]:
        survey = survey_log(parts, human)
        return survey, judge_log(parts, survey, human, self._progress)

    def _to_rearrange(self, old: Pointer, judgement: Judgement) -> bool:
        """Whether hands changed what the snapshot before does not show yet: another build may have applied it meanwhile."""
        with reading(self._store.snapshot_file(old.snapshot), any_layout=True) as evidence:
            settings = evidence.meta.settings
        return bool(settings.get("acts", {}) != {act.act: act.version for act in judgement.acts()})

    def _load_encoder(self, cache: VectorCache, standing: Standing | None) -> Encoder:
        """The encoder; for clusters that only are rearranged, one that is loaded where a text has no vector yet."""
        if standing is None:
            return load_encoder(cache)
        model, _, precision = standing.model.rpartition("/")
        return LateEncoder(model, precision, standing.dimension, lambda: load_encoder(cache, model, precision))

    def _standing(self, old: Pointer | None) -> Standing | None:
        """The clusters of the snapshot before as they were found, where hands shall rearrange them; None to find them anew."""
        if not self._job.rearrange or old is None:
            return None
        with reading(self._store.snapshot_file(old.snapshot), any_layout=True) as evidence:
            model = evidence.meta.settings.get("model")
            found = evidence.proposed(by_hand=False) if evidence.has("proposed") else []
            if not model or not found:
                return None
            clusters = [Registered(**row, model=model) for row in found]
            return Standing(str(model), len(found[0]["centroid"]) // 4, clusters, evidence.places())

    def _known(
        self,
        bot: str,
        failures: int,
        register: Sequence[Registered],
        model: str,
        standing: Standing | None,
        by_hand: frozenset[str],
    ) -> list[KnownCluster] | None:
        """The bot's clusters where a build shall only assign to them; None where it clusters anew.

        Those that only hands made are not among them: what is theirs lies in the others until the acts are applied.
        """
        if standing is None and (not self._job.paths or failures <= FULL_LIMIT):
            return None
        known = [
            KnownCluster(r.mechanical_key, r.members, np.frombuffer(r.centroid, "<f4"))
            for r in (standing.clusters if standing else register)
            if r.bot == bot and r.active and r.model == model and (standing or r.cluster not in by_hand)
        ]
        if known:
            self._clustering = "assigned"
        return known or None

    def _stood(
        self, bot: str, failures: int, register: Sequence[Registered], model: str, by_hand: frozenset[str]
    ) -> dict[str, str]:
        """The topical cluster of each of the bot's failures as found before, by key.

        None where the granularity is another, nor above `FULL_LIMIT`, where most were only assigned to theirs.
        """
        if not self._same_granularity or failures > FULL_LIMIT:
            return {}
        return {
            member: r.cluster
            for r in register
            if r.bot == bot and r.active and r.model == model
            if not r.mechanical_key and r.cluster not in by_hand
            for member in r.members
        }

    def _embed(
        self, cases: dict[str, list[Case]], cache: VectorCache, encoder: Encoder
    ) -> dict[str, tuple[Vectors, Vectors]]:
        """Request vectors of all cases and passage vectors of the failing ones, by bot; one call, so that each text is embedded once."""
        requests = [case.analysis.request for of_bot in cases.values() for case in of_bot]
        passages = [c.analysis.passage for of_bot in cases.values() for c in of_bot if c.analysis.failed]
        vectors = _embed_texts(requests + passages, cache, encoder, lambda n, of: self._progress("embed", n, of))
        by_bot: dict[str, tuple[Vectors, Vectors]] = {}
        at, failing_at = 0, len(requests)
        for bot, of_bot in cases.items():
            failing = sum(case.analysis.failed for case in of_bot)
            by_bot[bot] = (vectors[at : at + len(of_bot)], vectors[failing_at : failing_at + failing])
            at, failing_at = at + len(of_bot), failing_at + failing
        return by_bot

    def _write(self, snapshot: str, settings: dict[str, Any], parts: Sequence[Part], rows: Rows) -> Counts:
        self._progress("write", 0, None)
        draft = self._store.snapshots / f".{snapshot}.duckdb"
        draft.unlink(missing_ok=True)
        counts = write_snapshot(draft, Meta(snapshot, utc_now().replace(microsecond=0), SCHEMA, settings), parts, rows)
        os.replace(draft, self._store.snapshot_file(snapshot))
        return counts

    def _publish(self, snapshot: str, parts: Sequence[Part]) -> None:
        for part in parts:
            if part.folder == self._draft:
                os.replace(self._draft, self._store.parts / part.import_id)
        pointer = Pointer(snapshot, [part.import_id for part in parts])
        if self._job.undo:
            (self._store.parts / self._job.undo / PUBLISHED).unlink(missing_ok=True)
        write_json(self._store.snapshots / f"{snapshot}.json", asdict(pointer))
        self._store.switch(pointer)
        for name in pointer.parts:
            (self._store.parts / name / PUBLISHED).touch()
        for name in snapshot_names(self._store)[:-SNAPSHOTS_KEPT]:
            if name != snapshot:
                self._store.snapshot_file(name).unlink(missing_ok=True)
                (self._store.snapshots / f"{name}.json").unlink(missing_ok=True)

    def _carried(self, old: Pointer) -> tuple[Rows, str | None]:
        """The findings of the snapshot before, which stay until the next analysis."""
        with reading(self._store.snapshot_file(old.snapshot), any_layout=True) as evidence:
            return evidence.findings(), evidence.meta.settings.get("model")

    def _tell(self, judgement: Judgement, manifest: Manifest | None, snapshot: str) -> None:
        """Say in the activity who changed what the store holds."""
        if manifest is not None:
            counts = {"conversations": manifest.conversations, "rejected": manifest.rows_rejected}
            files = [file["name"] for file in manifest.files]
            told = counts | {"files": files, "snapshot": snapshot}
            judgement.tell("imported", f"import:{manifest.import_id}", told, actor=self._job.actor)
        elif self._job.undo:
            judgement.tell("left out", f"import:{self._job.undo}", {"snapshot": snapshot}, actor=self._job.actor)

    def _readable_pointer(self, judgement: Judgement) -> Pointer | None:
        """The pointer, its snapshot recorded; None where either can't be read: then this build makes them anew."""
        try:
            heal(self._store, judgement)
            return self._store.pointer()
        except UserError as e:
            self._progress(f"rebuilding: {e}", 0, None)
            return None

    def _sweep(self, pointer: Pointer | None) -> None:
        """Remove what a killed build left: drafts, and a part that no snapshot came to use."""
        for draft in [*self._store.snapshots.glob(".S*"), *self._store.parts.glob(".draft*")]:
            shutil.rmtree(draft) if draft.is_dir() else draft.unlink()
        if pointer is None:
            return
        used = set(pointer.parts)
        for name in snapshot_names(self._store):
            used.update(json.loads((self._store.snapshots / f"{name}.json").read_text("utf-8"))["parts"])
        for folder in self._store.parts.iterdir():
            if folder.name not in used:
                shutil.rmtree(folder)

    def _stage(self, name: str, work: Callable[[], T]) -> T:
        self._progress(name, 0, None)
        start = time.perf_counter()
        result = work()
        self._seconds[name] = round(time.perf_counter() - start, 3)
        return result

    def _count(self, pointer: Pointer) -> Counts:
        with reading(self._store.snapshot_file(pointer.snapshot), any_layout=True) as evidence:
            counts = evidence.counts()
        return Counts(counts["conversations"], counts["turns"], counts["failures"], counts["clusters"])

    def _result(
        self, manifest: Manifest | None, clustering: str, snapshot: str, counts: Counts, found: tuple[int, int]
    ) -> dict[str, Any]:
        return {
            "conversations": manifest.conversations if manifest else 0,
            "turns": manifest.turns if manifest else 0,
            "rows_read": manifest.rows_read if manifest else 0,
            "rows_kept": manifest.rows_kept if manifest else 0,
            "rows_rejected": manifest.rows_rejected if manifest else 0,
            "rows_duplicate": manifest.rows_duplicate if manifest else 0,
            "rejected": manifest.rows_rejected if manifest else 0,
            "duplicates": manifest.duplicates if manifest else 0,
            "refused": manifest.refused if manifest else [],
            "failures": found[0],
            "clusters": found[1],
            "clustering": clustering,
            "snapshot": snapshot,
            "seconds": self._seconds,
            "store": asdict(counts),
        }


def _embed_texts(
    texts: list[str],
    cache: VectorCache,
    encoder: Encoder,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Vectors:
    """Unit vectors of the texts, zero where there is no text."""
    vectors = cache.embed(texts, encoder, progress)
    vectors[[i for i, text in enumerate(texts) if not text.strip()]] = 0
    return vectors


def known_versions(parts: Sequence[Part]) -> dict[str, Version]:
    """The latest version of each conversation, by key."""
    found: dict[str, Version] = {}
    for part in parts:
        found |= versions(part.folder, read_manifest(part.folder).rules)
    return found


def _known_parts(store: Store, pointer: Pointer | None) -> list[str]:
    """The imports that count and are there: the pointer's, or those that it last named, or all that ever were published."""
    names = pointer.parts if pointer is not None else store.last_parts()
    if names is None:
        names = sorted(marker.parent.name for marker in store.parts.glob(f"*/{PUBLISHED}"))
    return [name for name in names if (store.parts / name / "manifest.json").exists()]


def _found_in(rows: Rows, keys: set[str] | None) -> tuple[int, int]:
    """Failures among these conversations, and the clusters that hold one of them; None means all."""
    failures = sum(row["failed"] and (keys is None or row["key"] in keys) for row in rows.get("analyses", []))
    return failures, len({row["cluster"] for row in rows.get("members", []) if keys is None or row["key"] in keys})


def _nothing_new(manifest: Manifest, parts: Sequence[Part]) -> bool:
    known = {file["sha256"] for part in parts for file in asdict(read_manifest(part.folder))["files"]}
    return manifest.rows_rejected == 0 or all(file["sha256"] in known for file in asdict(manifest)["files"])


def _next_name(letter: str, folder: Path) -> str:
    """The next number after all that stand in the folder, like S000012."""
    taken = [path.stem for path in folder.glob(f"{letter}*")]
    return f"{letter}{max((int(name[1:]) for name in taken if name[1:].isdigit()), default=0) + 1:06d}"


def _granularity(store: Store, pointer: Pointer | None) -> str:
    if pointer is None:
        return "normal"
    with reading(store.snapshot_file(pointer.snapshot), any_layout=True) as evidence:
        return str(evidence.meta.settings.get("granularity", "normal"))
