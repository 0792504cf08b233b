"""Every act that writes, reveals, or reads the server's disk, as a person does it; and who may.

`python -m tests.support.role_acts` prints docs/roles.md.
"""

from __future__ import annotations

import inspect
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from workbench.access import Access
from workbench.admin import backup, forgetting
from workbench.errors import Denied, WorkbenchError
from workbench.judgement.journal import Journal, JournalPart
from workbench.judgement.records.clusters import Registered
from workbench.judgement.records.pod import ROLES
from workbench.judgement.records.reading import ReadingScope
from workbench.judgement.records.sessions import AgendaItem, Progress
from workbench.judgement.store import Judgement
from workbench.logs.uploads import folder_of
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.pipeline.snapshots import rollback
from workbench.store import Store

SERVED = "WORKBENCH_ACCESS"
DAY = date(2026, 3, 2)
PEOPLE = {role: role.capitalize() for role in ROLES}
"""Who has each role."""


@dataclass(frozen=True)
class Seeded:
    """A store in which something of everything stands."""

    store: Store
    judgement: Judgement
    file: Path
    """A backup of it."""


Do = Callable[[Seeded, str], object]


@dataclass(frozen=True)
class Act:
    """One thing that people do."""

    subject: str
    """What it is about, as docs/roles.md groups it."""
    words: str
    """What it is, in words."""
    function: str
    """The function that does it, as its class and name."""
    do: Do
    """Does it, as a person of that name."""
    stops: bool = False
    """Whether it stops behind the check, for want of what it would need."""


def _job(**job: Any) -> Do:
    def do(seeded: Seeded, name: str) -> object:
        return Build(Job(str(seeded.store.root), actor=name, **job), lambda stage, done, of: None).run()

    return do


def _uploaded(dry_run: bool) -> Do:
    def do(seeded: Seeded, name: str) -> object:
        return _job(paths=[str(folder_of(seeded.store) / "gone.jsonl")], dry_run=dry_run)(seeded, name)

    return do


SCOPE = ReadingScope(bot="support")
ACTS = [
    Act("Labels and verdicts", "label a cluster or a conversation", "Labels.set", lambda s, n: s.judgement.labels.set("cluster", "FC-0001", cause="loop", actor=n)),
    Act("Labels and verdicts", "label several at once", "Labels.set_each", lambda s, n: s.judgement.labels.set_each({"k1": {}}, cause="loop", actor=n)),
    Act("Labels and verdicts", "add to a label", "Labels.add", lambda s, n: s.judgement.labels.add("cluster", "FC-0001", cause="loop", actor=n)),
    Act("Labels and verdicts", "take a label back", "Labels.remove", lambda s, n: s.judgement.labels.remove("cluster", "FC-0001", actor=n)),
    Act("Labels and verdicts", "say how a conversation went", "Verdicts.add", lambda s, n: s.judgement.verdicts.add("k1", verdict="fine", actor=n)),
    Act("Labels and verdicts", "take one's verdict back", "Verdicts.remove", lambda s, n: s.judgement.verdicts.remove("k2", actor=n)),
    Act("Labels and verdicts", "take up the next conversation of a shared list", "Reservations.reserve", lambda s, n: s.judgement.reservations.reserve("RD-0001", ["k1"], 2, lambda change: {}, actor=n)),
    Act("Labels and verdicts", "draw a random sample to read", "Draws.add", lambda s, n: s.judgement.draws.add(["k1"], population=9, seed=1, scope=SCOPE, actor=n)),
    Act("Labels and verdicts", "undo a change", "Judgement.undo", lambda s, n: s.judgement.undo(_last(s, "label:"), n)),
    Act("Labels and verdicts", "undo a change that took a lead", "undo a role", lambda s, n: s.judgement.undo(_last(s, "person:"), n)),
    Act("Failure modes", "name a failure mode", "FailureModes.create", lambda s, n: s.judgement.modes.create("slow", [], actor=n)),
    Act("Failure modes", "change one", "FailureModes.edit", lambda s, n: s.judgement.modes.edit("FM-0001", name="slower", actor=n)),
    Act("Failure modes", "merge two", "FailureModes.merge", lambda s, n: s.judgement.modes.merge("FM-0001", "FM-0002", actor=n)),
    Act("Clusters", "split one", "ClusterEdits.split", lambda s, n: s.judgement.edits.split("FC-0001", ["k1"], ["k2"], actor=n)),
    Act("Clusters", "merge two", "ClusterEdits.merge", lambda s, n: s.judgement.edits.merge("FC-0001", "FC-0002", actor=n)),
    Act("Clusters", "move failures to another", "ClusterEdits.move", lambda s, n: s.judgement.edits.move("FC-0001", "FC-0002", ["k1"], actor=n)),
    Act("Clusters", "set failures aside", "ClusterEdits.set_aside", lambda s, n: s.judgement.edits.set_aside("FC-0001", ["k1"], actor=n)),
    Act("Clusters", "name an owner", "Pod.set_owner", lambda s, n: s.judgement.pod.set_owner("FC-0001", "Ed", actor=n)),
    Act("Clusters", "name the owner of several", "Pod.set_owner_each", lambda s, n: s.judgement.pod.set_owner_each(["FC-0001"], "Ed", actor=n)),
    Act("Clusters", "mute one", "Pod.mute", lambda s, n: s.judgement.pod.mute("FC-0002", DAY, actor=n)),
    Act("Clusters", "mute several", "Pod.mute_each", lambda s, n: s.judgement.pod.mute_each(["FC-0002"], DAY, actor=n)),
    Act("Clusters", "end a mute", "Pod.unmute", lambda s, n: s.judgement.pod.unmute("FC-0001", actor=n)),
    Act("Tickets", "write one", "Tickets.create", lambda s, n: s.judgement.tickets.create("Mend it", ["FC-0002"], actor=n)),
    Act("Tickets", "change one", "Tickets.edit", lambda s, n: s.judgement.tickets.edit("FIX-0001", _version(s), title="Mend this", actor=n)),
    Act("Tickets", "choose its clusters", "Tickets.set_clusters", lambda s, n: s.judgement.tickets.set_clusters("FIX-0001", ["FC-0002"], evidence={}, actor=n)),
    Act("Tickets", "note its place in a tracker", "Tickets.set_tracker", lambda s, n: s.judgement.tickets.set_tracker({"FIX-0001": ("BOT-1", None)}, actor=n)),
    Act("Tickets", "mark it fixed", "Tickets.mark_fixed", lambda s, n: s.judgement.tickets.mark_fixed("FIX-0001", day=DAY, actor=n)),
    Act("Tickets", "move it on", "Tickets.set_status", lambda s, n: s.judgement.tickets.set_status("FIX-0001", "wont-fix", actor=n)),
    Act("Triage sessions", "open one", "Sessions.create", lambda s, n: s.judgement.sessions.create("Monday", [AgendaItem("FC-0001")], actor=n)),
    Act("Triage sessions", "decide", "Sessions.decide", lambda s, n: s.judgement.sessions.decide("TS-0001", "FC-0001", cause="loop", actor=n)),
    Act("Triage sessions", "leave a cluster for another time", "Sessions.skip", lambda s, n: s.judgement.sessions.skip("TS-0001", "FC-0001", actor=n)),
    Act("Triage sessions", "move the shared screen and clock", "Sessions.set_progress", lambda s, n: s.judgement.sessions.set_progress("TS-0001", Progress(1, 2.0), actor=n)),
    Act("Triage sessions", "close one", "Sessions.close", lambda s, n: s.judgement.sessions.close("TS-0001", actor=n)),
    Act("Triage sessions", "open one again", "Sessions.reopen", lambda s, n: s.judgement.sessions.reopen("TS-0001", actor=n)),
    Act("Blind rounds", "start one", "Rounds.start", lambda s, n: s.judgement.rounds.start("Two", ["k1"], actor=n)),
    Act("Blind rounds", "vote", "Rounds.vote", lambda s, n: s.judgement.rounds.vote("AG-0001", "k1", cause="loop", actor=n)),
    Act("Blind rounds", "take one's vote back", "Rounds.unvote", lambda s, n: s.judgement.rounds.unvote("AG-0001", "k2", actor=n)),
    Act("Blind rounds", "reveal another's", "Rounds.reveal", lambda s, n: s.judgement.rounds.reveal("AG-0001", actor=n)),
    Act("Taxonomy", "add a root cause", "Causes.add", lambda s, n: s.judgement.causes.add("late-refund", title="Late", actor=n)),
    Act("Taxonomy", "word one", "Causes.edit", lambda s, n: s.judgement.causes.edit("loop", title="Loops", actor=n)),
    Act("Taxonomy", "retire one", "Causes.retire", lambda s, n: s.judgement.causes.retire("loop", actor=n)),
    Act("Taxonomy", "merge two", "Causes.merge", lambda s, n: s.judgement.causes.merge("loop", "incomplete", actor=n)),
    Act("Taxonomy", "take a merge back", "Causes.unmerge", lambda s, n: s.judgement.causes.unmerge("bad-format", actor=n)),
    Act("Settings", "say who answers for a bot, and what its tools do", "Pod.set_bot", lambda s, n: s.judgement.pod.set_bot("support", owner="Ed", actor=n)),
    Act("Settings", "say who answers for several bots, as from a file", "Pod.set_bots", lambda s, n: s.judgement.pod.set_bots({"support": {"owner": "Ed"}}, actor=n)),
    Act("Settings", "bring in what a bot was told, by version", "Prompts.set_each", lambda s, n: s.judgement.prompts.set_each("support", {"p1": "Be kind."}, actor=n)),
    Act("Settings", "turn signals off, change other settings", "Pod.set_setting", lambda s, n: s.judgement.pod.set_setting("x", 1, actor=n)),
    Act("Settings", "save a view", "Pod.save_view", lambda s, n: s.judgement.pod.save_view("mine", {"bot": ["support"]}, actor=n)),
    Act("Settings", "set the pod's time zone", "Pod.set_time_zone", lambda s, n: s.judgement.pod.set_time_zone("Europe/Berlin", actor=n)),
    Act("Settings", "give a role", "Pod.set_role", lambda s, n: s.judgement.pod.set_role("Ed", "triager", actor=n)),
    Act("Logs", "preview an upload", "preview of an upload", _uploaded(True), True),
    Act("Logs", "import an upload", "import of an upload", _uploaded(False), True),
    Act("Logs", "preview a path or a bucket of the server's", "preview of a path", _job(paths=["/logs/gone.jsonl"], dry_run=True), True),
    Act("Logs", "import a path or a bucket", "import of a path", _job(paths=["/logs/gone.jsonl"]), True),
    Act("Logs", "read an upload by a mapping on the server's disk", "preview of a path", lambda s, n: _job(paths=[str(folder_of(s.store) / "gone.jsonl")], mapping="/logs/gone.toml", dry_run=True)(s, n), True),
    Act("Logs", "analyse again", "analysis", _job(), True),
    Act("Logs", "undo an import", "undo of an import", _job(undo="I000009"), True),
    Act("Logs", "roll back to an earlier snapshot", "rollback", lambda s, n: rollback(s.store, "S000001", n), True),
    Act("What is unmasked", "go on with a history that lacks something", "Journal.accept", lambda s, n: s.judgement.journal.accept(n)),
    Act("What is unmasked", "see one conversation unmasked for a quarter of an hour, with a reason", "Reveals.reveal", lambda s, n: s.judgement.reveals.reveal("k1", "asked by its user", conversation_id="c1", bot="support", actor=n)),
    Act("What is unmasked", "mask it again before", "Reveals.end", lambda s, n: s.judgement.reveals.end("k1", actor=n)),
    Act("What is unmasked", "write a backup", "backup", lambda s, n: backup.backup(s.store, s.file.with_name("b.zip"), actor=n)),
    Act("What is unmasked", "download a backup", "download", lambda s, n: backup.download(s.store, n)),
    Act("What is unmasked", "restore a backup", "restore", lambda s, n: backup.restore(s.store, s.file, actor=n)),
    Act("What is unmasked", "list where a text stands in the store", "find", lambda s, n: forgetting.find(s.store, "Ed Doe", n)),
    Act("What is unmasked", "list where a text stands in the history", "Erasing.forget, listing", lambda s, n: s.judgement.erasing.forget("Ed Doe", n, dry_run=True)),
    Act("What is unmasked", "forget a text", "Erasing.forget", lambda s, n: s.judgement.erasing.forget("Ed Doe", n)),
    Act("What is unmasked", "erase a person's conversations", "forget", lambda s, n: forgetting.forget(s.store, "Ed Doe", n)),
    Act("What is unmasked", "let what was erased be imported again", "lift", lambda s, n: forgetting.lift(s.store, "Ed Doe", n), True),
]  # fmt: skip


def writing_functions() -> set[str]:
    """Every public function that takes who acts, but those which only other such functions call."""
    classes: list[type] = [Judgement, Journal, *JournalPart.__subclasses__()]
    methods = {
        f"{owner.__name__}.{name}"
        for owner in classes
        for name, function in vars(owner).items()
        if inspect.isfunction(function)
        and not name.startswith("_")
        and "actor" in inspect.signature(function).parameters
    }
    functions = {
        name
        for name, function in [*vars(backup).items(), *vars(forgetting).items(), ("rollback", rollback)]
        if inspect.isfunction(function)
        and not name.startswith("_")
        and function.__module__.startswith("workbench.")
        and "actor" in inspect.signature(function).parameters
    }
    return (methods | functions) - {
        "Journal.append_event", "Journal.changing", "Journal.change", "Journal.writing", "Pod.require_role",
        "Register.record", "Copies.restore_from",
    }  # fmt: skip


@contextmanager
def seeded(folder: Path) -> Iterator[Path]:
    """A folder with a store in which something of everything stands and people have roles, served to several."""
    before = os.environ.get(SERVED)
    Access(header="x-user", folders=("/logs",), own=(str(folder_of(Store(folder / "store"))),)).apply()
    try:
        store = Store(folder / "store")
        store.create()
        (store.snapshots / "S000001.duckdb").touch()
        with closing(Judgement(store.judgement_url)) as judgement:
            _seed(judgement)
        backup.backup(store, folder / "kept.zip", actor=PEOPLE["lead"])
        yield folder
    finally:
        os.environ.pop(SERVED) if before is None else os.environ.update({SERVED: before})


def _seed(judgement: Judgement) -> None:
    lead = PEOPLE["lead"]
    for role in reversed(ROLES):
        judgement.pod.set_role(PEOPLE[role], role, actor=lead)
    numbered = [
        Registered(cluster, "support", "topical", None, cluster, ["k1"], b"", "none")
        for cluster in ("FC-0001", "FC-0002")
    ]
    judgement.register.record("S000001", numbered, [])
    judgement.labels.set("cluster", "FC-0001", cause="loop", actor=lead)
    judgement.tickets.create("Mend", ["FC-0001"], actor=lead)
    judgement.sessions.create("First", [AgendaItem("FC-0001")], actor=lead)
    judgement.modes.create("slow", [("k1", "Ed")], actor=lead)
    judgement.modes.create("wrong", [("k2", "Ed")], actor=lead)
    judgement.pod.mute("FC-0001", DAY, actor=lead)
    judgement.rounds.start("One", ["k1", "k2"], actor=lead)
    judgement.causes.merge("bad-format", "incomplete", actor=lead)
    for name in (lead, PEOPLE["triager"]):
        judgement.rounds.vote("AG-0001", "k2", cause="loop", actor=name)
        judgement.verdicts.add("k2", verdict="failed", actor=name)


def _last(seeded: Seeded, subject: str) -> int:
    return next(event.sequence for event in seeded.judgement.journal.events() if event.subject.startswith(subject))


def _version(seeded: Seeded) -> int:
    return seeded.judgement.tickets.get("FIX-0001").version


def may(act: Act, role: str, folder: Path) -> bool:
    """Whether somebody of this role may do it, tried on a copy of the seeded store."""
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(folder, Path(scratch) / "copy")
        store = Store(Path(scratch) / "copy" / "store")
        Access(header="x-user", folders=("/logs",), own=(str(folder_of(store)),)).apply()
        with closing(Judgement(store.judgement_url)) as judgement:
            before = judgement.journal.sequence()
            try:
                act.do(Seeded(store, judgement, Path(scratch) / "copy" / "kept.zip"), PEOPLE[role])
            except Denied:
                after = [event.what for event in judgement.journal.events() if event.sequence > before]
                assert after in ([], ["denied"]), f"{act.words}: denied, and yet {after} was done"
                return False
            except WorkbenchError:
                assert act.stops, f"{act.words}: a {role} could not do it"
    return True


def page() -> str:
    """docs/roles.md."""
    lines = [
        "# Who may do what",
        "",
        "Tried by `tests/test_roles.py`, each act by a person of each role on a store that people sign in to, and printed by",
        "`python -m tests.support.role_acts`. Reading what is masked takes no role. The role is asked where the act is done, not only",
        "where its button is, each time anew. On a store of one's own that nobody signs in to, whoever was given no role is a lead.",
    ]
    with tempfile.TemporaryDirectory() as scratch, seeded(Path(scratch)) as folder:
        subject = ""
        for act in ACTS:
            if act.subject != subject:
                subject = act.subject
                lines += ["", f"| {subject} | {' | '.join(ROLES)} |", "|---|" + "---|" * len(ROLES)]
            marks = ["yes" if may(act, role, folder) else "no" for role in ROLES]
            lines.append(f"| {act.words} | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
