"""Does a kill lose anything that was acknowledged, or break a store? SIGKILL at random moments of every act that writes.

The command `label` is killed after its first acknowledgement; imports, backups, restores, analyses and migrations at a moment
drawn evenly over how long they take. After each kill the store is opened as an app opens it, and the same act is done again to its
end. A change counts as lost if it was acknowledged and is not there; a store as broken if it can't be opened, its chain of events
does not hold, it shows a state between two, or the act can't be done again. The drill restores a backup into an empty folder and
compares hashes of all that people said. Clustering uses the tests' tiny encoder, so that the kills fall into our own work.

    python benchmarks/faults.py [--json] [--labels N] [--imports N] [--others N]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.builds import build
from tests.support.kills import kill_while_labelling
from tests.support.small_log import small_log, write_chat
from workbench.admin import backup as backups
from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.judgement import hash_chain
from workbench.judgement.store import Judgement
from workbench.judgement.tables import events
from workbench.stats import wilson
from workbench.store import Store

OLDER = ROOT / "tests" / "judgement" / "older_store.zip"
EACH = 6
"""Conversations of an import that is killed."""
SEED = 20261129
_FORKS = multiprocessing.get_context("forkserver")


@dataclass
class Killed:
    """What the kills of one act did."""

    kills: int = 0
    """Kills that came before the act was through."""
    in_time: int = 0
    """Times that the act was through first."""
    acknowledged: int = 0
    """Changes that were acknowledged."""
    lost: int = 0
    """Acknowledged changes that are not there."""
    broken: list[str] = field(default_factory=list)
    """What is wrong, of each store that is broken."""


def main() -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--labels", type=int, default=200, help="kills while labelling")
    parser.add_argument("--imports", type=int, default=50, help="kills while importing")
    parser.add_argument("--others", type=int, default=20, help="kills of each other act")
    arguments = parser.parse_args()
    _FORKS.set_forkserver_preload(["benchmarks.faults"])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        store = Store(folder / "store")
        build(store.root, write_chat(folder / "small.parquet", small_log()[:24]))
        with closing(Bench(store, "Ana")) as bench:
            bench.label("FC-0001", cause="loop", note="before all")
        figures = {
            "label": labelling(folder, store, arguments.labels),
            "import": importing(folder, store, arguments.imports),
            "analyze": analysing(folder, store, arguments.others),
            "backup": backing_up(folder, store, arguments.others),
            "restore": restoring(folder, store, arguments.others),
            "migrate": migrating(folder, arguments.others),
        }
        drill = restore_drill(folder, store)
    if arguments.json:
        print(json.dumps({act: asdict(killed) for act, killed in figures.items()} | {"drill": drill}))
        return
    print(f"{'act':10} {'kills':>6} {'through':>8} {'acknowledged':>13} {'lost':>5} {'broken':>7}  lost at most (95 %)")
    for act, killed in figures.items():
        of = max(killed.kills, 1)
        high = wilson(min(killed.lost + len(killed.broken), of), of)[1]
        print(
            f"{act:10} {killed.kills:6} {killed.in_time:8} {killed.acknowledged:13} {killed.lost:5} {len(killed.broken):7}  "
            f"{high:.3f} of kills"
        )
        for problem in killed.broken:
            print(f"  {problem}")
    print(
        f"restore drill: hashes {'equal' if drill['equal'] else 'DIFFER'} ({drill['events']} events, {drill['states']} states)"
    )


# ── the acts ──


def labelling(folder: Path, store: Store, kills: int) -> Killed:
    """The command `label`, killed after its first acknowledgement."""
    shutil.copytree(store.root, folder / "labelled")
    killed = kill_while_labelling(Store(folder / "labelled"), kills)
    return Killed(
        killed.kills, 0, killed.acknowledged, killed.lost, [] if killed.intact else ["the chain of events is broken"]
    )


def importing(folder: Path, store: Store, kills: int) -> Killed:
    """Imports of a few new conversations each; killed, looked at, and done again."""
    shutil.copytree(store.root, folder / "imported")
    store, killed = Store(folder / "imported"), Killed()
    held = _conversations(store)
    log = _new_log(folder, "first")
    lasts = _timed(lambda: _run(_import, store.root, log))
    held += EACH
    for number in _until(killed, kills):
        log = _new_log(folder, f"k{number}")
        with _looked_at(killed, f"import {number}"):
            acknowledged = _kill_at_random(killed, lasts, _import, store.root, log)
            _require(_conversations(store) in (held, held + EACH), "it shows a part of an import")
            killed.lost += acknowledged * (_conversations(store) != held + EACH) * EACH
            killed.acknowledged += acknowledged * EACH
            _run(_import, store.root, log)
            held += EACH
            _require(_conversations(store) == held, f"imported again it holds {_conversations(store)}, not {held}")
    return killed


def _new_log(folder: Path, name: str) -> Path:
    """A log of conversations that no store has."""
    rows = [row | {"conversation_id": f"{name}-{row['conversation_id']}"} for row in small_log()[:EACH]]
    return write_chat(folder / f"{name}.parquet", rows)


def analysing(folder: Path, store: Store, kills: int) -> Killed:
    """Analyses of all that is imported."""
    shutil.copytree(store.root, folder / "analysed")
    store, killed = Store(folder / "analysed"), Killed()
    before, held = _clusters(store), _said(store)
    lasts = _timed(lambda: _run(_analyse, store.root))
    for number in _until(killed, kills):
        with _looked_at(killed, f"analysis {number}"):
            _kill_at_random(killed, lasts, _analyse, store.root)
            _require(_clusters(store) == before, "its clusters have other names")
    with _looked_at(killed, "the analysis after all"):
        _run(_analyse, store.root)
        _require(_clusters(store) == before, "its clusters have other names")
        _require(_said(store) == held, "what people said of it changed")
    return killed


def backing_up(folder: Path, store: Store, kills: int) -> Killed:
    """Backups to one file: it is a whole one, at any moment."""
    killed, out = Killed(), folder / "backups" / "latest.zip"
    out.parent.mkdir()
    lasts = _timed(lambda: _run(_back_up, store.root, out))
    for number in _until(killed, kills):
        with _looked_at(killed, f"backup {number}"):
            killed.acknowledged += _kill_at_random(killed, lasts, _back_up, store.root, out)
            shutil.rmtree(folder / "tried", ignore_errors=True)
            backups.restore(Store(folder / "tried"), out, actor="Ana")
            _require(_said(Store(folder / "tried")) == _said(store), "what it restores is something else")
    return killed


def restoring(folder: Path, store: Store, kills: int) -> Killed:
    """Restores over a store that has changed since: it holds what it held, or what the backup holds."""
    killed, file = Killed(), folder / "kept.zip"
    backups.backup(store, file, actor="Ana", imports=True)
    wanted = _said(store)
    shutil.copytree(store.root, folder / "changed")
    with closing(Bench(Store(folder / "changed"), "Ana")) as bench:
        bench.label("FC-0001", cause="handoff", note="said since")
    since = _said(Store(folder / "changed"))
    shutil.copytree(folder / "changed", folder / "timed")
    lasts = _timed(lambda: _run(_restore, folder / "timed", file))
    for number in _until(killed, kills):
        with _looked_at(killed, f"restore {number}"):
            here = Store(folder / f"restored-{number}")
            shutil.copytree(folder / "changed", here.root)
            acknowledged = _kill_at_random(killed, lasts, _restore, here.root, file)
            killed.acknowledged += acknowledged
            killed.lost += acknowledged and _said(here) != wanted
            _require(_said(here) in (since, wanted), "it holds neither what it held nor what the backup holds")
            _run(_restore, here.root, file)
            _require(_said(here) == wanted, "restored again it is something else")
            shutil.rmtree(here.root)
    return killed


def migrating(folder: Path, kills: int) -> Killed:
    """The first opening of a store of an older version."""
    killed, older = Killed(), folder / "older"
    with zipfile.ZipFile(OLDER) as archive:
        archive.extractall(older)
    shutil.copytree(older, folder / "opened")
    lasts = _timed(lambda: _run(_migrate, folder / "opened"))
    wanted = _said(Store(folder / "opened"))
    for number in _until(killed, kills):
        with _looked_at(killed, f"migration {number}"):
            here = Store(folder / f"migrated-{number}")
            shutil.copytree(older, here.root)
            killed.acknowledged += _kill_at_random(killed, lasts, _migrate, here.root)
            _require(_said(here) == wanted, "what people said changed")
    return killed


def restore_drill(folder: Path, store: Store) -> dict[str, int | bool]:
    """A backup put into an empty folder: are the hashes of all events and states those of before?"""
    contents = backups.backup(store, folder / "drill.zip", actor="Ana", imports=True)
    empty = Store(folder / "drill")
    backups.restore(empty, folder / "drill.zip", actor="Ana")
    build(empty.root)
    states = _said(store)
    equal = (states, _hash_at(store, contents.events)) == (_said(empty), _hash_at(empty, contents.events))
    return {"equal": equal and _clusters(store) == _clusters(empty), "events": contents.events, "states": states.states}


# ── what a child does, until it is killed ──


def _import(root: Path, log: Path) -> None:
    build(root, log)


def _analyse(root: Path) -> None:
    build(root)


def _back_up(root: Path, out: Path) -> None:
    backups.backup(Store(root), out, actor="Ana", imports=True)


def _restore(root: Path, file: Path) -> None:
    backups.restore(Store(root), file, actor="Ana")


def _migrate(root: Path) -> None:
    Judgement(Store(root).judgement_url).close()


def _acknowledging(done: Path, act: Callable[..., None], arguments: tuple[Path, ...]) -> None:
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    act(*arguments)
    done.touch()


def _kill_at_random(killed: Killed, lasts: float, act: Callable[..., None], *arguments: Path) -> bool:
    """Do something in a process that is killed at a random moment; whether it had acknowledged it."""
    with tempfile.TemporaryDirectory() as folder:
        done = Path(folder) / "done"
        process = _FORKS.Process(target=_acknowledging, args=(done, act, arguments))
        process.start()
        time.sleep(_MOMENTS.uniform(0, lasts))
        process.kill()
        process.join()
        through = done.exists()
    killed.in_time += through
    killed.kills += not through
    return through


def _until(killed: Killed, kills: int) -> Iterator[int]:
    """Numbers, until so many kills came in time; where most do not, three times as many tries end it."""
    for number in range(3 * kills):
        if killed.kills >= kills:
            return
        yield number


def _run(act: Callable[..., None], *arguments: Path) -> None:
    """Do something in a process, to its end."""
    with tempfile.TemporaryDirectory() as folder:
        done = Path(folder) / "done"
        process = _FORKS.Process(target=_acknowledging, args=(done, act, arguments))
        process.start()
        process.join()
        _require(done.exists(), f"{act.__name__} failed with exit code {process.exitcode}")


_MOMENTS = random.Random(SEED)


# ── looking at a store ──


class _Broken(Exception):
    """What is wrong with a store."""


@dataclass(frozen=True)
class _Said:
    """What people said, so that two stores can be compared."""

    states: int
    """Labels, owners, tickets and the like."""
    digest: str
    """SHA-256 over them."""


@contextmanager
def _looked_at(killed: Killed, name: str) -> Iterator[None]:
    """A store that is broken is counted, with what is wrong."""
    try:
        yield
    except (_Broken, WorkbenchError, OSError) as e:
        killed.broken.append(f"{name}: {e}")


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise _Broken(problem)


def _said(store: Store) -> _Said:
    """The states of judgement; its chain must hold."""
    with closing(Judgement(store.judgement_url)) as judgement:
        chain = judgement.journal.verify_chain()
        _require(chain.intact, f"the chain of events is broken: {chain.problem}")
        with judgement.journal.reading() as connection:
            states = hash_chain.states(connection)
    digest = hashlib.sha256(json.dumps(states, sort_keys=True, default=str).encode()).hexdigest()
    return _Said(len(states), digest)


def _hash_at(store: Store, sequence: int) -> str:
    """What the chain of events up to one of them hashes to."""
    with closing(Judgement(store.judgement_url)) as judgement, judgement.journal.reading() as connection:
        return str(connection.execute(sa.select(events.c.hash).where(events.c.sequence == sequence)).scalar_one())


def _clusters(store: Store) -> dict[str, int]:
    """The size of each cluster."""
    with closing(Bench(store)) as bench:
        return {row.cluster: row.size for row in bench.clusters()}


def _conversations(store: Store) -> int:
    with closing(Bench(store)) as bench:
        held = bench.summary().conversations
        _require(len(bench.points()) > 0, "it shows no failures")
        return held


def _timed(act: Callable[[], None]) -> float:
    """Seconds of the second run: the first loads what is loaded once."""
    with suppress(_Broken):
        started = time.monotonic()
        act()
        return time.monotonic() - started
    raise SystemExit("The act fails without any kill.")


if __name__ == "__main__":
    main()
