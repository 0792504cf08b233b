"""Does a kill lose anything that was acknowledged, or break a store? SIGKILL at random moments of every act that writes.

The command `label` is killed after its first acknowledgement. Of imports, analyses, backups, restores and migrations two are done one
after the other in one process, which is killed at a moment drawn evenly over the steps of both (a step opens, renames or removes a
file of the store), so that about as many kills come after an acknowledgement as before it; meanwhile somebody labels. After each kill
the store is opened as an app opens it, and the same act is done again to its end. A change counts as lost if it was acknowledged
and is not there, an act if the store is not as the last acknowledged one left it, nor as the next one would; a store as broken if it
can't be opened, its chain of events does not hold, it shows a state between two, or the act can't be done again. The drill restores a
backup into an empty folder and compares hashes of all that people said. Clustering uses the tests' tiny encoder, so that the kills
fall into our own work.

    python benchmarks/faults.py [--json] [--labels N] [--imports N] [--others N] [--only ACT,ACT]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.builds import build
from tests.support.killed_acts import Act, Course, Labeller, course, killed_on_the_way
from tests.support.kills import kill_while_labelling
from tests.support.small_log import small_log, write_chat
from workbench.admin import backup as backups
from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.judgement import hash_chain
from workbench.judgement.migrations import HEAD
from workbench.judgement.store import Judgement
from workbench.judgement.tables import events
from workbench.stats import wilson
from workbench.store import KEPT, Store, sqlite_url

OLDER = ROOT / "tests" / "judgement" / "older_store.zip"
EACH = 6
"""Conversations of an import that is killed."""
SEED = 20261129
_MOMENTS = random.Random(SEED)


@dataclass
class Killed:
    """What the kills of one act did."""

    kills: int = 0
    """Kills that came before all was through."""
    after: int = 0
    """Those of them that came after an act had been acknowledged."""
    in_time: int = 0
    """Times that all was through first."""
    acknowledged: int = 0
    """Acts, or labels by the killed command, that were acknowledged."""
    meanwhile: int = 0
    """Labels that others were acknowledged meanwhile."""
    refused: int = 0
    """Labels of others that were refused, in words."""
    lost: int = 0
    """Acknowledged acts and labels that are not there."""
    broken: list[str] = field(default_factory=list)
    """What is wrong, of each store that is broken."""


Acting = Callable[[Path, Store, int], Killed]


def main() -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--labels", type=int, default=200, help="kills while labelling")
    parser.add_argument("--imports", type=int, default=50, help="kills while importing")
    parser.add_argument("--others", type=int, default=20, help="kills of each other act")
    parser.add_argument("--only", default="", help="acts to run, separated by commas")
    arguments = parser.parse_args()
    acts: dict[str, tuple[Acting, int]] = {
        "label": (labelling, arguments.labels),
        "import": (importing, arguments.imports),
        "analyze": (analysing, arguments.others),
        "backup": (backing_up, arguments.others),
        "restore": (restoring, arguments.others),
        "migrate": (migrating, arguments.others),
    }
    asked = arguments.only.split(",") if arguments.only else list(acts)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        store = Store(folder / "store")
        build(store.root, write_chat(folder / "small.parquet", small_log()[:24]))
        with closing(Bench(store, "Ana")) as bench:
            bench.label("FC-0001", cause="loop", note="before all")
        figures = {act: acts[act][0](folder, store, acts[act][1]) for act in asked}
        drill = restore_drill(folder, store)
    if arguments.json:
        print(json.dumps({act: asdict(killed) for act, killed in figures.items()} | {"drill": drill}))
        return
    print(
        f"{'act':10} {'kills':>6} {'after':>6} {'through':>8} {'acknowledged':>13} {'meanwhile':>10} {'refused':>8} {'lost':>5} {'broken':>7}"
        "  lost at most (95 %)"
    )
    for act, killed in figures.items():
        of = max(killed.kills, 1)
        high = wilson(min(killed.lost + len(killed.broken), of), of)[1]
        print(
            f"{act:10} {killed.kills:6} {killed.after:6} {killed.in_time:8} {killed.acknowledged:13} {killed.meanwhile:10} {killed.refused:8} "
            f"{killed.lost:5} {len(killed.broken):7}  {high:.3f} of kills"
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
    broken = [] if killed.intact else ["the chain of events is broken"]
    return Killed(killed.kills, killed.kills, acknowledged=killed.acknowledged, lost=killed.lost, broken=broken)


def importing(folder: Path, store: Store, kills: int) -> Killed:
    """Imports of a few new conversations each; killed, looked at, and done again."""
    shutil.copytree(store.root, folder / "imported")
    store, killed = Store(folder / "imported"), Killed()

    def acts(name: str) -> list[Act]:
        return [partial(_build, store.root, _new_log(folder, f"{name}-{letter}")) for letter in "ab"]

    usual = course(folder, acts)
    for number in _until(killed, kills):
        held, both = _conversations(store), acts(f"k{number}")
        with _looked_at(killed, f"import {number}"):
            done = len(_killed(killed, folder, store, both, usual))
            came = (_conversations(store) - held) / EACH
            _require(came in (0, 1, 2), f"it shows {came} of two imports")
            killed.lost += came < done
            for act in both:
                act()
            came = (_conversations(store) - held) / EACH
            _require(came == 2, f"imported again it holds {came} imports of two")
    return killed


def analysing(folder: Path, store: Store, kills: int) -> Killed:
    """Analyses of all that is imported; the snapshot that the last acknowledged one named serves, or the next."""
    shutil.copytree(store.root, folder / "analysed")
    store, killed = Store(folder / "analysed"), Killed()
    before = _clusters(store)
    acts = [partial(_build, store.root), partial(_build, store.root)]
    usual = course(folder, lambda name: acts)
    for number in _until(killed, kills):
        with _looked_at(killed, f"analysis {number}"):
            acknowledged = _killed(killed, folder, store, acts, usual)
            _require(_clusters(store) == before, "its clusters have other names")
            killed.lost += bool(acknowledged) and store.require_pointer().snapshot < str(acknowledged[-1])
    with _looked_at(killed, "the analysis after all"):
        build(store.root)
        _require(_clusters(store) == before, "its clusters have other names")
    return killed


def backing_up(folder: Path, store: Store, kills: int) -> Killed:
    """Backups to one file: it is a whole one, at any moment, and no older than the last that was acknowledged."""
    shutil.copytree(store.root, folder / "backed-up")
    store, killed, out = Store(folder / "backed-up"), Killed(), folder / "backups" / "latest.zip"
    out.parent.mkdir()
    acts = [partial(_back_up, store.root, out), partial(_back_up, store.root, out)]
    usual = course(folder, lambda name: acts)
    for number in _until(killed, kills):
        with _looked_at(killed, f"backup {number}"):
            acknowledged = _killed(killed, folder, store, acts, usual)
            shutil.rmtree(folder / "tried", ignore_errors=True)
            held = backups.restore(Store(folder / "tried"), out, actor="Ana").contents.events
            killed.lost += bool(acknowledged) and held < int(str(acknowledged[-1]))
            _require(_hash_at(store, held) == _hash_at(Store(folder / "tried"), held), "it restores something else")
    return killed


def restoring(folder: Path, store: Store, kills: int) -> Killed:
    """Restores of two backups, one after the other: the store holds what it held, or what one of them holds.

    What others said before a restore is in what that keeps.
    """
    killed, files = Killed(), [folder / "a.zip", folder / "b.zip"]
    shutil.copytree(store.root, folder / "changed")
    for file in files:
        with closing(Bench(Store(folder / "changed"), "Ana")) as bench:
            bench.label("FC-0001", cause="handoff", note=file.name)
        backups.backup(Store(folder / "changed"), file, actor="Ana", imports=True)
    with closing(Bench(Store(folder / "changed"), "Ana")) as bench:
        bench.label("FC-0001", cause="handoff", note="said since")

    def acts(name: str) -> list[Act]:
        shutil.copytree(folder / "changed", folder / name)
        return [partial(_restore, folder / name, file) for file in files]

    usual = course(folder, acts)
    for number in _until(killed, kills):
        with _looked_at(killed, f"restore {number}"):
            both, here = acts(f"restored-{number}"), Store(folder / f"restored-{number}")
            done = len(_killed(killed, folder, here, both, usual))
            notes = ["said since", *(file.name for file in files)]
            _require(_note(here) in notes, f"it says {_note(here)!r}")
            killed.lost += notes.index(_note(here)) < done
            both[1]()
            _require(_note(here) == files[1].name, "restored again it is something else")
            shutil.rmtree(here.root)
    return killed


def migrating(folder: Path, store: Store, kills: int) -> Killed:
    """The first opening of stores of an older version; others open them meanwhile, and label."""
    killed, older = Killed(), folder / "older"
    with zipfile.ZipFile(OLDER) as archive:
        archive.extractall(older)

    def acts(name: str) -> list[Act]:
        for letter in "ab":
            shutil.copytree(older, folder / f"{name}-{letter}")
        return [partial(_migrate, folder / f"{name}-{letter}") for letter in "ab"]

    usual = course(folder, acts)
    last = _events(Store(folder / "second-a"))
    for number in _until(killed, kills):
        with _looked_at(killed, f"migration {number}"):
            both = acts(f"m{number}")
            here = [Store(folder / f"m{number}-{letter}") for letter in "ab"]
            done = len(_killed(killed, folder, here[number % 2], both, usual))
            killed.lost += sum(_schema(each) != HEAD for each in here[:done])
            for each in here:
                _require(_hash_at(each, last) == _hash_at(Store(folder / "second-a"), last), "its history is another")
                _require(
                    number % 2 == here.index(each) or _said(each) == _said(Store(folder / "second-b")),
                    "what people said changed",
                )
                shutil.rmtree(each.root)
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


# ── what a child does, until it is killed, and what it acknowledges ──


def _build(root: Path, *logs: Path) -> object:
    return build(root, *logs)["snapshot"]


def _back_up(root: Path, out: Path) -> object:
    return backups.backup(Store(root), out, actor="Ana", imports=True).events


def _restore(root: Path, file: Path) -> object:
    return backups.restore(Store(root), file, actor="Ana").contents.events


def _migrate(root: Path) -> object:
    Judgement(Store(root).judgement_url).close()
    return HEAD


def _killed(killed: Killed, folder: Path, store: Store, acts: Sequence[Act], usual: Course) -> list[object]:
    """What acts acknowledged before they were killed, while somebody labelled in the store; labels that are gone are counted."""
    name, after = f"Lea {killed.kills + killed.in_time}", _MOMENTS.uniform(0, usual.seconds / len(acts))
    with Labeller(store.judgement_url, name, after) as labeller:
        ended = killed_on_the_way(folder, acts, usual, _MOMENTS)
    killed.kills += ended.killed
    killed.after += ended.killed and bool(ended.acknowledged)
    killed.in_time += not ended.killed
    killed.acknowledged += len(ended.acknowledged)
    killed.meanwhile += len(labeller.acknowledged)
    killed.refused += len(labeller.refused)
    notes = _notes_by(labeller.name, store)
    killed.lost += sum(note not in notes for _, note in labeller.acknowledged)
    return ended.acknowledged


def _until(killed: Killed, kills: int) -> Iterator[int]:
    """Numbers, until so many kills came in time; where most do not, three times as many tries end it."""
    for number in range(3 * kills):
        if killed.kills >= kills:
            return
        yield number


def _new_log(folder: Path, name: str) -> Path:
    """A log of conversations that no store has."""
    rows = [row | {"conversation_id": f"{name}-{row['conversation_id']}"} for row in small_log()[:EACH]]
    return write_chat(folder / f"{name}.parquet", rows)


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


def _events(store: Store) -> int:
    with closing(Judgement(store.judgement_url)) as judgement:
        return judgement.journal.sequence()


def _clusters(store: Store) -> dict[str, int]:
    """The size of each cluster."""
    with closing(Bench(store)) as bench:
        return {row.cluster: row.size for row in bench.clusters()}


def _conversations(store: Store) -> int:
    with closing(Bench(store)) as bench:
        held = bench.summary().conversations
        _require(len(bench.points()) > 0, "it shows no failures")
        return held


def _note(store: Store) -> str:
    """What is noted on the first cluster."""
    with closing(Bench(store)) as bench:
        return bench.labels_said()["cluster", "FC-0001"].note or ""


def _schema(store: Store) -> str:
    """The schema of a judgement store, as it lies there."""
    with closing(sqlite3.connect(store.root / "judgement.db")) as connection:
        return str(connection.execute("select version_num from alembic_version").fetchone()[0])


def _notes_by(name: str, store: Store) -> set[str]:
    """What somebody noted, in a store or in what restores kept of it."""
    notes = set()
    with tempfile.TemporaryDirectory() as folder:
        databases = [store.judgement_url]
        for number, file in enumerate(store.root.glob(f"{KEPT}*.zip")):
            with zipfile.ZipFile(file) as archive:
                kept = Path(archive.extract("judgement.db", f"{folder}/{number}"))
            databases.append(sqlite_url(kept))
        for database in databases:
            with closing(Judgement(database)) as judgement:
                history = judgement.journal.events(limit=10**9)
            notes |= {event.after["note"] for event in history if event.actor == name and event.after}
    return notes


if __name__ == "__main__":
    main()
