"""Is everything in order? What is installed, the model, the store, the chain of judgement."""

from __future__ import annotations

import importlib.metadata
import os
import shlex
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from workbench.admin.stored_files import derived_damage, import_damage
from workbench.embedding.vectors import PACKAGED, model_folder
from workbench.errors import WorkbenchError
from workbench.evidence.queries import reading
from workbench.judgement.anchor import KEY_FILE, anchor_damage, is_sealed
from workbench.judgement.store import Judgement
from workbench.logs.erasures import Erasures
from workbench.store import JUDGEMENT_URL, Store

REQUIREMENTS = Path(__file__).parents[2] / "requirements.txt"


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    """What."""
    ok: bool
    """Whether it is as it should be."""
    found: str
    """What was found, in words."""


def examine(store: Store) -> list[Check]:
    """Every check, in the order in which a person would mend them."""
    checks = [_check("Python", _python), _check("packages", _packages), _check("model", _model)]
    if not store.is_there:
        return [*checks, _check("store", lambda: _there(store))]
    return [
        *checks,
        _check("store", lambda: _writable(store)),
        _check("readers", lambda: _readers(store)),
        _check("evidence", lambda: _evidence(store)),
        _check("imports", lambda: _imports(store)),
        _check("files", lambda: _derived(store)),
        _check("erasures", lambda: _erasures(store)),
        _check("judgement", lambda: _judgement(store)),
        _check("seal", lambda: _seal(store)),
    ]


def accept(store: Store, actor: str) -> str | None:
    """Go on with the history as the judgement store holds it; what that lacks, None where nothing. A lead's act."""
    store.require_there()
    with closing(Judgement(store.judgement_url)) as judgement:
        return judgement.journal.accept(actor)


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except WorkbenchError as e:
        return Check(name, False, str(e))
    except Exception as e:  # a damaged store breaks in ways of its own, and the other checks are wanted all the same
        return Check(name, False, f"This can't be looked at ({type(e).__name__}: {e}).")


def _python() -> str:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise WorkbenchError(f"{version}; the workbench is tried on 3.11 to 3.13.")
    return version


def _packages() -> str:
    pins = [line.split("==") for line in REQUIREMENTS.read_text("utf-8").splitlines() if "==" in line]
    wrong = []
    for name, wanted in pins:
        try:
            version = importlib.metadata.version(name).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            version = "missing"
        if version != wanted:
            wrong.append(f"{name} {version} (pinned {wanted})")
    if wrong:
        raise WorkbenchError(f"{', '.join(wrong)}. Run `pip install -r requirements.txt`.")
    return f"{len(pins)} as pinned"


def _model() -> str:
    named = os.environ.get("WORKBENCH_MODEL")
    folder = model_folder(named or PACKAGED)
    return f"{named} in {folder}" if named else f"{PACKAGED}, the published weights"


def _there(store: Store) -> str:
    store.require_there()
    return str(store.root)


def _writable(store: Store) -> str:
    store.create()
    return str(store.root)


def _readers(store: Store) -> str:
    """Who else may look in: a store that an older program made is open to whoever has an account here."""
    mode = stat.S_IMODE(store.root.stat().st_mode)
    if os.name == "posix" and mode & stat.S_IRWXO:
        raise WorkbenchError(
            f"Whoever has an account on this machine may look into {store.root} (mode {mode:04o}), where all that was logged lies as it "
            f"was said. Close it with: chmod o-rwx {shlex.quote(str(store.root))}"
        )
    return "nobody has a way in but its owner" + (" and the owner's group" if mode & stat.S_IRWXG else "")


def _evidence(store: Store) -> str:
    pointer = store.require_pointer()
    with reading(store.snapshot_file(pointer.snapshot)) as evidence:
        totals = evidence.totals()
    return (
        f"snapshot {pointer.snapshot}: {totals.conversations:,} conversations, {totals.failures:,} failing, {totals.suspected:,} suspected, "
        f"{totals.clusters:,} clusters"
    )


def _imports(store: Store) -> str:
    pointer = store.require_pointer()
    if missing := [name for name in pointer.parts if not (store.parts / name).is_dir()]:
        raise WorkbenchError(
            f"Gone from {store.parts}: {', '.join(missing)}. Import their files again, or put the folders back from a copy; "
            "`python -m workbench analyze` goes on without their conversations."
        )
    if damage := import_damage(store, pointer):
        raise WorkbenchError(" ".join(damage))
    return ", ".join(pointer.parts) or "none"


def _derived(store: Store) -> str:
    try:
        pointer = store.pointer()
    except WorkbenchError:  # the check of the evidence says it
        pointer = None
    if damage := derived_damage(store, pointer):
        raise WorkbenchError(" ".join(damage))
    return "snapshots, vectors and what is kept beside imports are as they were written"


def _erasures(store: Store) -> str:
    erasures = Erasures.of(store.root)
    if erasures.pending:
        raise WorkbenchError("An erasure was interrupted. `python -m workbench analyze` finishes it.")
    return f"{len(erasures.all):,} people or texts were forgotten and stay out"


def _judgement(store: Store) -> str:
    with closing(Judgement(store.judgement_url)) as judgement:
        result = judgement.journal.verify_chain()
        shortage = judgement.journal.shortage() if result.intact else None
        file = judgement.journal.database.file
        held = result.intact and not shortage and judgement.journal.database.is_held()
    if not result.intact:
        where = f" at event {result.broken:,} of {result.events:,}" if result.broken else ""
        raise WorkbenchError(
            f"The chain of events breaks{where}: {result.problem}. Somebody wrote to {judgement.journal.address} without this program. "
            "`python -m workbench restore FILE` puts the last backup back."
        )
    if shortage:
        raise WorkbenchError(shortage)
    if held:
        raise WorkbenchError(
            f"Another program has held {file} for a second and longer, so nothing can be saved. Find it (`fuser {shlex.quote(str(file))}`), "
            "and end it if it does not end by itself."
        )
    if file is not None and result.events and (damage := anchor_damage(file)):
        raise WorkbenchError(f"{result.events:,} events, the chain is whole. But {damage}")
    return f"{result.events:,} events, the chain is whole, in {judgement.journal.address}"


def _seal(store: Store) -> str:
    """Against whom the history is safe."""
    if os.environ.get(JUDGEMENT_URL):
        return "PostgreSQL keeps the history; the chain detects accidents, not people who can write to it"
    if is_sealed():
        return f"the end of the history is sealed with the key in {os.environ[KEY_FILE]}"
    return (
        f"not sealed: the chain and {store.root / 'judgement.head'} detect accidents, not people who can write both. "
        f"{KEY_FILE} names a key that lies elsewhere"
    )
