"""The engines that a build can work on, and an encoder whose work is spread by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from workbench.embedding.vectors import Encoder, VectorCache, Vectors, load_encoder
from workbench.engine.engine import LOCAL, Engine
from workbench.engine.ray_cluster import RayCluster
from workbench.engine.ray_engine import RayEngine
from workbench.errors import UserError
from workbench.pipeline.job import Job
from workbench.pipeline.source_version import source_version
from workbench.store import Store

ENGINES = ("local", "ray")


def open_engine(job: Job, lost: Callable[[str], None] = lambda message: None) -> Engine:
    """The engine that a job names; `UserError` where there is none of that name, or no cluster.

    `lost` is called with what to say where the cluster goes away.
    """
    if job.engine not in ENGINES:
        raise UserError(f"There is no engine {job.engine!r}. Choose {' or '.join(ENGINES)}.")
    if job.engine == "local":
        if job.ray_address:
            raise UserError("--ray-address goes with --engine ray, which works on that cluster.")
        return LOCAL
    return RayEngine(RayCluster(job.ray_address, lost=lost), partial(source_version, ""))


class SpreadEncoder:
    """An encoder whose chunks of texts are embedded by an engine's workers, each of which loads the model once."""

    def __init__(
        self, encoder: Encoder, engine: Engine, make: Callable[[], Callable[[Sequence[str]], Vectors]]
    ) -> None:
        self.model, self.precision, self.dimension = encoder.model, encoder.precision, encoder.dimension
        self._engine = engine
        self._make = make

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The vectors of one chunk."""
        return next(self.encode_each([texts]))

    def encode_each(self, chunks: Sequence[Sequence[str]]) -> Iterator[Vectors]:
        """The vectors of each chunk, in their order."""
        return self._engine.each_by(self._make, chunks)


def spread_encoder(encoder: Encoder, store: Store, engine: Engine, by_copy: bool) -> Encoder:
    """An encoder as an engine spreads it: its workers load the model by its name, or get a copy of the encoder itself."""
    if not engine.spreads:
        return encoder
    make = partial(_copy, encoder) if by_copy else partial(_loaded, str(store.root), encoder.model, encoder.precision)
    return SpreadEncoder(encoder, engine, make)


def _copy(encoder: Encoder) -> Callable[[Sequence[str]], Vectors]:
    return encoder.encode


def _loaded(store: str, model: str, precision: str) -> Callable[[Sequence[str]], Vectors]:
    return load_encoder(VectorCache(Store(Path(store))), model, precision, device=None).encode
