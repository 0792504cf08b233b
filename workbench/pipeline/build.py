"""Builds the next snapshot, stage by stage: read, judge, embed, cluster, identify, describe, learn, write, publish.

A build holds the store's lock, works beside the current snapshot and switches at its very end, so a kill at any
moment leaves the old one serving. It runs in a child process (see worker.py).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from workbench.access import current
from workbench.clusters.grouping import RESOLUTION
from workbench.embedding.vectors import Encoder, LateEncoder, VectorCache, late_encoder, load_encoder
from workbench.engine.engine import LOCAL, Engine
from workbench.errors import UserError
from workbench.evidence.schema import Rows
from workbench.failures.gaps import blind_signals
from workbench.judgement.disabled_signals import disabled_codes
from workbench.judgement.records.clusters import Act, Lineage, Registered
from workbench.judgement.store import Judgement
from workbench.logs.fields import log_fields
from workbench.logs.formats import load_mapping
from workbench.logs.integrity import require_whole
from workbench.logs.manifest import Manifest
from workbench.logs.parts import Part
from workbench.logs.preview import preview
from workbench.memory import rare_collections
from workbench.pipeline import erasure
from workbench.pipeline.analyse import HumanInput, judge_beside_others, judge_log, learn_scores, survey_log, tool_kinds
from workbench.pipeline.beside import take_unfinished
from workbench.pipeline.build_lock import sole_builder
from workbench.pipeline.cluster import ClusterHistory, KeptClustering, StandingMaps, cluster_log
from workbench.pipeline.describe import describe
from workbench.pipeline.embed import embed_cases, embed_texts
from workbench.pipeline.engines import open_engine, spread_encoder
from workbench.pipeline.identify import identify
from workbench.pipeline.job import WAITING, Job, Progress
from workbench.pipeline.judged import JudgedCases
from workbench.pipeline.kept_results import KeptResults
from workbench.pipeline.nameless import nameless
from workbench.pipeline.observe import Observer, observed_otherwise
from workbench.pipeline.previous import PreviousSnapshot, indexed
from workbench.pipeline.publish import count, draft_part, failures_of, publish, sweep, write
from workbench.pipeline.read import counted_parts, next_name, nothing_new, read_logs, vanished
from workbench.pipeline.recovery import recover_register
from workbench.pipeline.result import BuildResult, result_of
from workbench.pipeline.rows import import_rows, learned_rows
from workbench.pipeline.search_texts import make_search_texts
from workbench.pipeline.tables import analysis_table
from workbench.store import Store

T = TypeVar("T")


@dataclass(frozen=True)
class AnalysedLog:
    """What an analysis made of a log, ready to be written and recorded."""

    rows: Rows
    """The rows of the snapshot's tables."""
    clustering: str
    """full, assigned (at least one bot's failures were only put into standing clusters) or none."""
    model: str | None
    """The model and precision of the vectors; None before the first analysis."""
    registered: list[Registered] = field(default_factory=list)
    """What the identity register is to record."""
    lineage: list[Lineage] = field(default_factory=list)
    """What became of each cluster that there was."""
    laid_out: dict[str, int] = field(default_factory=dict)
    """How many failures each bot had when its map was last laid out."""
    sampled: dict[str, int] = field(default_factory=dict)
    """How many failures of a bot were clustered, by bot; those of which all were are absent."""
    assigned: list[str] = field(default_factory=list)
    """The bots whose failures were only put into standing clusters."""


class Build:
    """One build under the lock. `run` is the whole of it."""

    def __init__(
        self,
        job: Job,
        progress: Progress,
        encoder: Encoder | None = None,
        lost: Callable[[str], None] = lambda message: None,
    ) -> None:
        self._lost = lost
        self._job = job
        self._store = Store(Path(job.store))
        self._progress = progress
        self._encoder = encoder
        self._engine: Engine = LOCAL
        self._seconds: dict[str, float] = {}
        self.notes: list[str] = []
        """What a person should know of what was read, in sentences."""

    def run(self) -> dict[str, Any]:
        """Do the job and return what `import --json` prints; raises `WorkbenchError`, leaving the store as it was."""
        current().require_readable(self._job.reads)
        if self._job.dry_run:
            return self._dry_run()
        self._store.create()
        with sole_builder(self._store, self._wait), rare_collections():
            judgement = Judgement(self._store.judgement_url)
            try:
                if not self._job.rearrange:  # whoever changed a cluster was asked already
                    judgement.pod.require_role(self._job.actor, _least(self._job))
                if self._job.pod_timezone:
                    judgement.pod.set_time_zone(self._job.pod_timezone, actor=self._job.actor)
                self._engine = self._open_engine()
                return asdict(self._build(judgement))
            finally:
                self._engine.close()
                judgement.close()

    def _wait(self, builder: str) -> None:
        self._progress(f"{WAITING} for the build by {builder}", 0, None)

    def _open_engine(self) -> Engine:
        if self._job.engine != "local":
            self._progress("starting the engine", 0, None)
        return open_engine(self._job, self._lost)

    def _dry_run(self) -> dict[str, Any]:
        """Read into a draft that is thrown away, and say what was understood (`preview`)."""
        if current().shared:
            judgement = Judgement(self._store.judgement_url)
            try:
                judgement.pod.require_role(self._job.actor, _least(self._job))
            finally:
                judgement.close()
        parts = counted_parts(self._store, self._store.pointer())
        with TemporaryDirectory(prefix="workbench-") as scratch:
            if self._job.fields_only:
                rows = load_mapping(Path(self._job.mapping)).rows if self._job.mapping else None
                return log_fields(self._job.paths, Path(scratch) / "remote", self._progress, rows)
            manifest = read_logs(self._job, self._store, parts, Path(scratch) / "draft", self._progress, LOCAL)
            return preview(Path(scratch) / "draft", manifest, blind_signals)

    def _build(self, judgement: Judgement) -> BuildResult:
        if self._job.granularity not in (None, *RESOLUTION):
            raise UserError(f"There is no granularity {self._job.granularity!r}. Choose {', '.join(RESOLUTION)}.")
        previous = self._previous(judgement)
        erasing = erasure.pending(self._store)
        if erasing:  # what stands now holds what is to go: nothing of it is carried on
            self._job = replace(self._job, analyze=True, rearrange=False)
        if previous is not None and self._job.rearrange and previous.shows(judgement.edits.all()):
            return self._unchanged(previous, None)
        sweep(self._store, previous.pointer if previous else None)
        if erasing:
            self._stage("erase", lambda: erasure.resume(self._store, judgement))
        parts = self._kept_parts(previous)
        manifest = None
        if self._job.paths:
            manifest = self._stage("read", lambda: self._read(parts))
            if nothing_new(manifest, parts):
                shutil.rmtree(draft_part(self._store))
                if previous is not None and not erasing:
                    return self._unchanged(previous, manifest)
            else:
                parts = [*parts, Part(manifest.import_id, draft_part(self._store))]
        elif not parts and not self._job.undo:
            raise UserError(
                f"The store {self._store.root} holds no import yet. Import logs with `python -m workbench import PATH`."
            )
        snapshot = next_name("S", self._store.snapshots)
        acts = judgement.edits.all() if self._job.analyze else []
        settings = self._settings(previous, judgement, acts)
        if self._job.analyze:
            analysed = self._analyse(parts, judgement, snapshot, settings, previous, acts, erasing)
        else:
            analysed = self._carried_on(previous)
        if self._job.analyze or previous is not None:
            settings["model"] = analysed.model
            settings["laid_out"], settings["sampled"] = analysed.laid_out, analysed.sampled
            settings["assigned"] = analysed.assigned
        rows = import_rows(parts) | analysed.rows
        if self._job.analyze:  # masking is a third of what --no-analyze takes
            self._stage("search texts", lambda: make_search_texts(parts, self._progress, self._engine))
        self._engine.close()  # the rest is done here, and a cluster that goes away now is no matter
        settings["indexed"] = indexed(parts)
        standing = previous.index_of(parts) if previous and not erasing else None
        counts = self._stage(
            "write", lambda: write(self._store, snapshot, settings, parts, rows, standing, self._progress)
        )
        publish(self._store, snapshot, parts, self._job.undo)
        if self._job.analyze:
            judgement.register.record(snapshot, analysed.registered, analysed.lineage)
        self._record_activity(judgement, manifest, snapshot)
        if erasing:
            erasure.finish(self._store, snapshot, [part.import_id for part in parts])
        of_import = manifest.import_id if manifest and manifest.conversations else None
        failures, suspected, clusters = failures_of(self._store, snapshot, of_import)
        if suspected:
            self.notes.append(
                f"Suspected beside the failing ones, in no rate: {suspected:,} (clusters --tier suspected lists them)."
            )
        return result_of(manifest, analysed.clustering, snapshot, self._seconds, counts, failures, clusters)

    def _analyse(
        self,
        parts: Sequence[Part],
        judgement: Judgement,
        snapshot: str,
        settings: Mapping[str, Any],
        previous: PreviousSnapshot | None,
        acts: Sequence[Act],
        erasing: bool,
    ) -> AnalysedLog:
        """What the log of these parts shows, from what was said in it to the rows of the snapshot."""
        human, progress = HumanInput.read(judgement), self._progress
        kept = previous.clustering() if previous and self._job.rearrange else None
        cache = VectorCache(self._store)
        granularity, zone = settings["granularity"], settings["time_zone"]

        if anew := observed_otherwise(parts):
            self.notes.append(
                f"This version of the workbench observes otherwise than the one before it: {', '.join(anew)} "
                f"{'is' if len(anew) == 1 else 'are'} observed again, once."
            )
        survey = self._stage("signals", lambda: survey_log(parts, human, progress, self._engine))
        kept_cases = JudgedCases(self._store)
        judged = self._stage("signals", lambda: judge_log(parts, survey, human, kept_cases, progress))
        encoder = self._encoder or self._stage("load model", lambda: _load_encoder(cache, kept), 1)
        encoder = spread_encoder(encoder, self._store, self._engine, by_copy=self._encoder is not None)
        cases = self._stage(
            "returns",
            lambda: judge_beside_others(
                parts,
                survey,
                human,
                judged,
                kept_cases,
                lambda texts, done: embed_texts(texts, cache, encoder, done),
                progress,
            ),
        )
        kept_cases.forget_unasked(all_of_them=erasing)
        vectors = self._stage("embed", lambda: embed_cases(cases, cache, encoder, progress))
        history = ClusterHistory(
            register=judgement.register.clusters(),
            model=f"{encoder.model}/{encoder.precision}",
            made_by_hand=_made_by_hand(acts),
            same_granularity=previous is None or granularity == previous.granularity,
            kept=kept,
            importing=bool(self._job.paths),
            maps=previous.maps(f"{encoder.model}/{encoder.precision}") if previous else StandingMaps(),
        )
        results = KeptResults(self._store, cases, history.model, granularity, zone)
        clusterings = self._stage(
            "cluster",
            lambda: cluster_log(cases, vectors, granularity, history, zone, progress, self._engine, results),
        )
        identified = self._stage(
            "identify",
            lambda: identify(clusterings, history, judgement.register.next_number(), acts, snapshot),
            sum(len(clustering.discovery.clusters) for clustering in clusterings),
        )
        shown = nameless(cases)
        rows = self._stage("describe", lambda: describe(cases, vectors, identified, results, progress, shown))
        requests = {bot: of_bot.requests for bot, of_bot in vectors.items()}
        scores = self._stage("learn", lambda: learn_scores(cases, requests, human, progress, results))
        results.forget_unasked()
        if erasing:
            cache.keep_only_asked()
        rows |= learned_rows(scores) | analysis_table(shown, {score.bot: score for score in scores})
        assigned = [clustering.bot for clustering in clusterings if clustering.assigned] if kept is None else []
        return AnalysedLog(
            rows,
            "assigned" if any(clustering.assigned for clustering in clusterings) else "full",
            history.model,
            identified.clustered + identified.made_by_hand,
            identified.lineage,
            identified.laid_out,
            identified.sampled,
            assigned,
        )

    def _carried_on(self, previous: PreviousSnapshot | None) -> AnalysedLog:
        """The rows of the snapshot before, which stay until the next analysis."""
        if previous is None:
            return AnalysedLog({}, "none", None)
        settings = previous.settings
        return AnalysedLog(
            previous.rows(),
            "none",
            settings.get("model"),
            laid_out=settings.get("laid_out", {}),
            sampled=settings.get("sampled", {}),
            assigned=settings.get("assigned", []),
        )

    def _previous(self, judgement: Judgement) -> PreviousSnapshot | None:
        """The snapshot that serves, recorded; None where it can't be read: then this build makes it anew."""
        try:
            recover_register(self._store, judgement)
            pointer = self._store.pointer()
            return PreviousSnapshot.open(self._store, pointer) if pointer else None
        except UserError as e:
            self._progress(f"rebuilding: {e}", 0, None)
            return None

    def _kept_parts(self, previous: PreviousSnapshot | None) -> list[Part]:
        """The imports that count, without the one that is to be left out."""
        parts = counted_parts(self._store, previous.pointer if previous else None)
        for name in vanished(self._store, previous.pointer if previous else None):
            self.notes.append(
                f"The import {name} is gone from {self._store.parts}, and its conversations with it. "
                "Import its files again, or restore a backup that holds it."
            )
        kept = [part for part in parts if part.import_id != self._job.undo]
        require_whole(kept)
        if self._job.undo and len(kept) == len(parts):
            raise UserError(f"There is no import {self._job.undo} in this store. `doctor` lists the imports.")
        return kept

    def _read(self, parts: Sequence[Part]) -> Manifest:
        observed = self._store.unfinished.exists()  # by a build that was killed
        watch = Observer() if self._job.analyze and not self._engine.spreads and not observed else None
        manifest = read_logs(
            self._job, self._store, parts, draft_part(self._store), self._progress, self._engine, watch
        )
        take_unfinished(draft_part(self._store), self._store.unfinished)
        self.notes += manifest.notes
        return manifest

    def _settings(self, previous: PreviousSnapshot | None, judgement: Judgement, acts: Sequence[Act]) -> dict[str, Any]:
        """How the snapshot is built, as it says of itself."""
        settings: dict[str, Any] = {
            "granularity": self._job.granularity or (previous.granularity if previous else "normal"),
            "analyzed": self._job.analyze,
            "time_zone": self._time_zone(previous, judgement),
        }
        if self._job.analyze:
            off = disabled_codes(judgement.pod.settings())
            settings["signals_off"] = {bot: sorted(codes) for bot, codes in off.items()}
            settings["tools"] = tool_kinds(judgement)
            settings["acts"] = {act.act: act.version for act in acts}
        return settings

    def _time_zone(self, previous: PreviousSnapshot | None, judgement: Judgement) -> str:
        """The zone whose weeks are counted: the pod's from an analysis on, until then that of the findings carried on."""
        carried_on = None if self._job.analyze else previous
        return carried_on.time_zone if carried_on else judgement.pod.time_zone()

    def _record_activity(self, judgement: Judgement, manifest: Manifest | None, snapshot: str) -> None:
        """Say in the activity who changed what the store holds."""
        if manifest is not None:
            counts = {"conversations": manifest.conversations, "rejected": manifest.rows_rejected}
            files = [file["name"] for file in manifest.files]
            after = counts | {"files": files, "snapshot": snapshot}
            judgement.journal.append_event("imported", f"import:{manifest.import_id}", after, actor=self._job.actor)
        elif self._job.undo:
            judgement.journal.append_event(
                "left out", f"import:{self._job.undo}", {"snapshot": snapshot}, actor=self._job.actor
            )

    def _stage(self, name: str, work: Callable[[], T], total: int | None = None) -> T:
        """One stage, timed. `total` is what there is to do in it where `work` itself doesn't say: steps that end together."""
        self._progress(name, 0, total)
        start = time.perf_counter()
        result = work()
        if total is not None:
            self._progress(name, total, total)
        self._seconds[name] = round(self._seconds.get(name, 0) + time.perf_counter() - start, 3)
        return result

    def _unchanged(self, previous: PreviousSnapshot, manifest: Manifest | None) -> BuildResult:
        """The result where nothing new came: the snapshot before serves on."""
        counts = count(self._store, previous.pointer)
        return result_of(manifest, "none", previous.pointer.snapshot, self._seconds, counts)


def _least(job: Job) -> str:
    """The role that a job takes: where people sign in, what is read from the server's disk or network is a lead's act."""
    access = current()
    return "lead" if access.shared and not all(map(access.is_own, job.reads)) else "triager"


def _made_by_hand(acts: Sequence[Act]) -> frozenset[str]:
    """The clusters that only hands made."""
    return frozenset(act.into for act in acts if act.kind == "split" and act.into)


def _load_encoder(cache: VectorCache, kept: KeptClustering | None) -> Encoder:
    """The encoder of the store, or of the clusters that only are rearranged."""
    if kept is None:
        return late_encoder(cache)
    model, _, precision = kept.model.rpartition("/")
    return LateEncoder(model, precision, kept.dimension, lambda: load_encoder(cache, model, precision))
