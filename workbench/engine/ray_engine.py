"""The engine that spreads a build over a Ray cluster, as stages of Ray Data: an item a block, results in the items' order.

Ray Data holds back what is ahead of its reader, keeps blocks in shared memory or on disk, and does again what a dead worker
did. An item and its results travel as Ray's own messages do, pickled between processes of this program; nothing of that is kept.
"""

from __future__ import annotations

import logging
import pickle
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa

from workbench.engine.engine import Item, Result, Work
from workbench.engine.ray_cluster import LOST_AFTER, WATCHED_EVERY, RayCluster
from workbench.errors import UserError, WorkbenchError

RESULTS_A_BLOCK = 500
"""Results of one item that travel together."""
_AHEAD = 4
_POLL = 0.5
_CELLS = pa.schema([("kind", pa.string()), ("cell", pa.large_binary())])
Program = Callable[[], str]


class RayEngine:
    """Work spread over a cluster; `program` gives what stands for the program's sources, which must be the same on all its nodes."""

    spreads = True

    def __init__(self, cluster: RayCluster, program: Program) -> None:
        self._cluster = cluster
        self._program = program
        import ray.data  # takes a second, and only who spreads work pays it

        self._data = ray.data
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.execution_options.preserve_order = True

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """The result of each item, a task each."""
        return self.flat(partial(_alone, work), items)

    def flat(self, work: Work[Item, Result], items: Sequence[Item]) -> Iterator[Result]:
        """The results of all items, a task each; they travel in blocks, so that no item's need fit in memory at once."""
        checked = partial(_checked, work, self._program, self._program())
        return self._results(items, lambda blocks: blocks.map_batches(checked, batch_size=1, batch_format="pyarrow"))

    def each_by(self, make: Callable[[], Callable[[Item], Result]], items: Sequence[Item]) -> Iterator[Result]:
        """The result of each item, by an actor a GPU where the cluster has any, else by one a processor."""
        gpus = self._cluster.gpus
        most = min(gpus or self._cluster.processors, len(items)) or 1
        pool = self._data.ActorPoolStrategy(min_size=1, max_size=most)
        maker = {"make": make, "program": self._program, "expected": self._program()}
        return self._results(
            items,
            lambda blocks: blocks.map_batches(
                _Maker, fn_constructor_kwargs=maker, batch_size=1, batch_format="pyarrow", compute=pool,
                num_cpus=1, num_gpus=1 if gpus else 0,
            ),
        )  # fmt: skip

    def close(self) -> None:
        """Leave the cluster."""
        self._cluster.leave()

    def _results(self, items: Sequence[Any], stage: Callable[[Any], Any]) -> Iterator[Any]:
        if not items:
            return
        cells = [{"cell": pickle.dumps(item)} for item in items]
        done = stage(self._data.from_items(cells, override_num_blocks=len(cells)))
        for block in self._while_there(done.iter_batches(batch_size=None, batch_format="pyarrow")):
            for kind, cell in zip(block["kind"].to_pylist(), block["cell"].to_pylist(), strict=True):
                yield from _opened(kind, cell)

    def _while_there(self, blocks: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """The blocks as they come; `WorkbenchError` once the cluster is gone, which Ray itself would wait for a minute for."""
        box: queue.Queue[pa.Table | Exception | None] = queue.Queue(_AHEAD)
        left = threading.Event()

        def pump() -> None:
            try:
                for block in blocks:
                    if not _put(box, block, left):
                        return
                _put(box, None, left)
            except Exception as e:
                _put(box, e, left)

        threading.Thread(target=pump, name="blocks from Ray", daemon=True).start()
        try:
            while True:
                try:
                    block = box.get(timeout=_POLL)
                except queue.Empty:
                    self._cluster.require()
                    continue
                if block is None:
                    return
                if isinstance(block, Exception):
                    self._explain(block)
                yield block
        finally:
            left.set()

    def _explain(self, problem: Exception) -> None:
        """Raise what a person needs to know of an error of Ray's own; where it tells of a cluster that goes, the watch soon says so."""
        deadline = time.monotonic() + (LOST_AFTER + 2) * 2 * WATCHED_EVERY
        while time.monotonic() < deadline:
            self._cluster.require()
            time.sleep(_POLL)
        detail = " ".join(str(problem).split())[:300]
        raise WorkbenchError(
            f"Ray could not do its part ({type(problem).__name__}: {detail}). The store is unchanged."
        ) from problem


class _Maker:
    """An actor: what it makes once does all its items."""

    def __init__(self, make: Callable[[], Callable[[Any], Any]], program: Program, expected: str) -> None:
        self._make, self._program, self._expected = make, program, expected
        self._made: Callable[[Any], Any] | None = None

    def __call__(self, block: pa.Table) -> Iterator[pa.Table]:
        return _checked(self._work, self._program, self._expected, block)

    def _work(self, item: Any) -> Iterator[Any]:
        self._made = self._made or self._make()
        yield self._made(item)


def _alone(work: Callable[[Item], Result], item: Item) -> Iterator[Result]:
    yield work(item)


def _checked(work: Work[Any, Any], program: Program, expected: str, block: pa.Table) -> Iterator[pa.Table]:
    """The results of a block's items as cells, or, last, why there are no more: no exception travels, only its words."""
    try:
        if program() != expected:
            raise UserError(
                "A node of the Ray cluster runs another version of the workbench than this one. "
                "Let all nodes see the same folder, and start the cluster again."
            )
        for cell in block["cell"].to_pylist():
            results = iter(work(pickle.loads(cell)))
            while chunk := list(islice(results, RESULTS_A_BLOCK)):
                yield _cell("results", chunk)
    except WorkbenchError as e:
        yield _cell("user" if isinstance(e, UserError) else "ours", str(e))
    except Exception:
        yield _cell("fault", traceback.format_exc())


def _cell(kind: str, value: Any) -> pa.Table:
    return pa.table([[kind], [pickle.dumps(value)]], _CELLS)


def _opened(kind: str, cell: bytes) -> Iterator[Any]:
    value = pickle.loads(cell)
    if kind == "results":
        yield from value
    elif kind == "fault":
        raise RuntimeError(f"A worker failed:\n{value}")
    else:
        raise (UserError if kind == "user" else WorkbenchError)(value)


def _put(box: queue.Queue[Any], value: Any, left: threading.Event) -> bool:
    """Hand a value on; False where nobody waits for it any more."""
    while not left.is_set():
        try:
            box.put(value, timeout=_POLL)
        except queue.Full:
            continue
        return True
    return False
