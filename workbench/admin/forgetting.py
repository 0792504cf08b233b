"""Forgetting somebody: their conversations leave the store, judgement says nothing of them any more, and a search proves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.errors import UserError
from workbench.judgement.records.events import Forgotten
from workbench.judgement.store import Judgement
from workbench.logs.erasures import Erasures
from workbench.pipeline import erasure
from workbench.pipeline.build_lock import sole_builder
from workbench.pipeline.job import Job
from workbench.pipeline.worker import run
from workbench.store import KEPT, Store
from workbench.text import formatting

MANY, MANY_SHARE = 20, 0.02
"""More conversations than both are hardly one person's: whoever forgets so many says that they mean it."""
LISTED = 20
REGISTERED = "registered:"

Follow = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Erased:
    """What was forgotten, or would be, and what stands where nobody here can reach it."""

    forgotten: Forgotten
    """What judgement forgets."""
    conversations: int = 0
    """How many conversations go."""
    users: list[str] = field(default_factory=list)
    """Other ids by which the log calls whose these are: what else is theirs goes only under these."""
    imports: list[str] = field(default_factory=list)
    """The imports that they are in."""
    files: list[str] = field(default_factory=list)
    """Files of the store in which the text stands: before, and, once it is forgotten, still."""
    snapshot: str | None = None
    """The snapshot that was built without them."""


def find(store: Store, text: str, actor: str, follow: Follow = lambda stage, done, total: None) -> Erased:
    """What forgetting a text would do; a lead's act, since it looks behind every mask. Nothing is changed."""
    with closing(Judgement(store.judgement_url)) as judgement:
        judgement.erasing.forget(text, actor, dry_run=True)  # who may not is told before anything is read
        located = erasure.locate(store, text)
        forgotten = judgement.erasing.forget(text, actor, dry_run=True, gone=located.gone)
    return _erased(store, text, forgotten, located, follow)


def forget(
    store: Store,
    text: str,
    actor: str,
    *,
    sure: bool = False,
    follow: Follow = lambda stage, done, total: None,
    build: Callable[[Job], Any] = run,
) -> Erased:
    """Forget a text for good, with the conversations whose user it is or that name it; a lead's act.

    They leave the parts, and the next snapshot is built without them; the older ones go, so that no rollback brings them back, and
    an import of the same log rejects them. Raises `UserError` for so many that it is hardly one person, unless they are
    `sure`, and where a build runs.
    """

    def busy(builder: str) -> None:
        raise UserError(f"A build of this store is running ({builder}). Wait for it, or cancel it, and try again.")

    store.create()
    with closing(Judgement(store.judgement_url)) as judgement:
        judgement.erasing.forget(text, actor, dry_run=True)
        with sole_builder(store, busy):
            located = erasure.locate(store, text)
            if not sure and len(located.keys) > max(MANY, MANY_SHARE * located.total):
                raise UserError(
                    f"It stands in {len(located.keys):,} of {located.total:,} conversations, which is more than one person's. "
                    "Give the whole name, id or address; if all of these are to go, say that you are sure (--yes)."
                )
            if located.keys or erasure.pending(store):
                erasure.begin(store, text, located.keys, actor)
                forgotten = erasure.resume(store, judgement) or Forgotten([], [])
            else:
                forgotten = judgement.erasing.forget(text, actor)
    snapshot = None
    if erasure.pending(store):
        follow("building without it", 0, None)
        snapshot = build(Job(store=str(store.root), actor=actor))["snapshot"]
    if located.keys and snapshot is None:  # another build took it up in between
        snapshot = store.require_pointer().snapshot
    return replace(_erased(store, text, forgotten, located, follow), snapshot=snapshot)


def lift(store: Store, text: str, actor: str) -> None:
    """Let what was erased under a text be imported again; a lead's act, and an event that does not say the text."""
    with closing(Judgement(store.judgement_url)) as judgement:
        judgement.pod.require_role(actor, "lead")
        Erasures.of(store.root).lifted(text).write(store.root)
        judgement.journal.append_event("allowed again", "erasure", {}, actor=actor)


def _erased(store: Store, text: str, forgotten: Forgotten, located: erasure.Located, follow: Follow) -> Erased:
    kept = sorted(file.name for file in store.root.glob(f"{KEPT}*.zip"))
    files = [str(file.relative_to(store.root)) for file in erasure.naming_files(store, text, follow)]
    return Erased(
        replace(forgotten, copies=[*forgotten.copies, *kept]),
        len(located.keys),
        sorted(each for each in located.users if each.casefold() != text.strip().casefold()),
        sorted(located.imports),
        files,
    )


def describe_erased(erased: Erased, *, done: bool) -> list[str]:
    """What goes or went, and what is out of reach, a line for each; the text itself is in none of them."""
    forgotten = erased.forgotten
    clusters = [subject.removeprefix(REGISTERED) for subject in forgotten.still_in if subject.startswith(REGISTERED)]
    states = [subject for subject in forgotten.still_in if not subject.startswith(REGISTERED)]
    copies = [name for name in forgotten.copies if name in erased.files]
    left = [name for name in erased.files if name not in copies]
    lines = [
        _conversations(erased, done),
        _judgement(forgotten, done),
        f"As who acted, or on what, it stays in {_events(forgotten.named_in)}: the chain needs these."
        if forgotten.named_in
        else "",
        f"Other things hang on it, so it stays in {_listed(states)}. Change that, and forget it again."
        if states
        else "",
        f"Clusters are named with it: {_listed(clusters)}. Names come from the logs." if clusters else "",
        _files(left, done),
        "It may still stand in the database's write-ahead log, since somebody was reading. "
        "Give this command again when nobody is."
        if forgotten.in_log
        else "",
        f"Earlier states of the store hold it, too: {_listed(copies)}. Delete those that nobody needs."
        if copies
        else "",
        f"These tickets told of it, and a tracker has them as well: {_listed(forgotten.trackers)}. Change them there."
        if forgotten.trackers
        else "",
        "Out of reach are the logs that were imported, backups, exports, reports and tickets that were handed on, and a "
        "database server's own log and backups.",
    ]
    return [line for line in lines if line]


def _conversations(erased: Erased, done: bool) -> str:
    if not erased.conversations:
        return "No conversation names it."
    gone = formatting.count(erased.conversations, "conversation")
    of = f" of {_listed(erased.imports)}"
    users = f" Their users are also called {_listed(erased.users)}: forget these, too, for what else is theirs." if erased.users else ""  # fmt: skip
    if done:
        return (
            f"{gone}{of} {'is' if erased.conversations == 1 else 'are'} erased; snapshot {erased.snapshot} is built without, and the "
            f"older ones are gone. The same log imported again leaves them out and says so.{users}"
        )
    return f"{gone}{of} would be erased for good, with all older snapshots.{users}"


def _judgement(forgotten: Forgotten, done: bool) -> str:
    changed = [subject.removeprefix(REGISTERED) for subject in forgotten.changed]
    verb = "was" if done else "would be"
    parts = [
        f"what {_events(forgotten.events)} said {verb} blanked" if forgotten.events else "",
        f"it {verb} taken out of {_listed(changed)}" if changed else "",
    ]
    summary = "; ".join(part for part in parts if part)
    return f"Of judgement, {summary}." if summary else "Judgement says nothing of it."


def _files(left: Sequence[str], done: bool) -> str:
    if not done:
        return (
            f"It stands in these files of the store: {_listed(left)}." if left else "It stands in no file of the store."
        )
    if not left:
        return "A search of every file of the store finds it no more."
    return f"It still stands in {_listed(left)}."


def _events(sequences: Sequence[int]) -> str:
    return f"{'event' if len(sequences) == 1 else 'events'} {_listed([f'{sequence:,}' for sequence in sequences])}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {formatting.count(more, 'more', 'more')}" if more > 0 else "")
