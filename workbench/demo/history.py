"""What a made-up pod said of the demo: labels, a reading list, blind rounds, tickets in every state, two sessions.

All of it is dated in the weeks of the demo, and everybody in it is called "(demo)", so that no made-up name is taken for a
person's. It goes through the same acts as a person's, so that undo, activity and exports know it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.filter import Filter
from workbench.demo import story
from workbench.demo.generator import DEMO_FILES, SEED, demo_job
from workbench.demo.script import load_prompts
from workbench.demo.story import FAULTS, FIXES, INVENTORY, JONAS, LENA, MARA, MEETINGS, PRIYA, Fix, Meeting
from workbench.errors import WorkbenchError
from workbench.judgement.records.sessions import AgendaItem, DecisionChange, Progress
from workbench.pipeline import worker
from workbench.pipeline.worker import RunningJob
from workbench.review import blind_rounds, reading_lists
from workbench.store import Store
from workbench.tickets import tickets, verification

_READ = 24
"""Conversations of the reading list that were read; the rest is left for whoever looks around."""
_VOTED, _WAITING = 12, 8
"""Conversations of the blind round that is over, and of the one that still waits."""


@dataclass
class _Clock:
    """What the journal takes for now: a time of the story, and a little more at every change."""

    now: datetime = datetime.min

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=40)
        return self.now


@dataclass
class _Pod:
    """The made-up pod at work in a store."""

    bench: Bench
    """The store, as its lead sees it."""
    clock: _Clock
    """The time of the story."""
    clusters: dict[str, ClusterRow]
    """The cluster of each fault that the snapshot shows."""
    tickets: dict[str, str] = field(default_factory=dict)
    """The FIX-id of each fault that has one."""

    def on(self, day: date, actor: str, hour: int = 9) -> Bench:
        """The bench of one of them on a day, from an hour on or from where the day is."""
        self.clock.now = max(self.clock.now, datetime(day.year, day.month, day.day, hour))
        return self.bench.acting(actor)

    def shown(self, faults: Sequence[str]) -> list[str]:
        """Those of the faults that the snapshot shows."""
        return [fault for fault in faults if fault in self.clusters]


def is_demo(bench: Bench) -> bool:
    """Whether the store holds the demo's logs and no others."""
    names = {Path(str(file["name"])).name for manifest in bench.evidence.imports() for file in manifest.files}
    return bool(names) and names <= set(DEMO_FILES)


def start_demo(store: Store) -> bool:
    """Import the demo in a child process, its history after it; False where the store already holds something, or a build is under way.

    Imports without a snapshot (somebody deleted it) are somebody's own logs, so the demo stays out of them too.
    """
    running = worker.latest(store)
    if store.pointer() is not None or any(store.parts.glob("I*")) or (running is not None and not running.done):
        return False
    write_after(worker.start(demo_job(store, "demo")))
    return True


def write_after(running: RunningJob) -> None:
    """Write the history once a build of the demo is done, beside whatever else is going on; nothing where the build fails."""
    threading.Thread(target=_follow, args=(running,), name="demo-history", daemon=True).start()


def write_history(store: Store) -> bool:
    """Write what the pod said; False where the store holds other logs, or somebody said something already."""
    clock = _Clock()
    with closing(Bench(store, LENA, clock=clock)) as bench:
        if not is_demo(bench) or bench.judgement.labels.all() or bench.tickets.all() or bench.sessions.all():
            return False
        pod = _Pod(bench, clock, _shown(bench.clusters()))
        for day, act in sorted(_acts(pod), key=lambda dated: dated[0]):
            act(day)
    return True


def _follow(running: RunningJob) -> None:
    try:
        running.result()
    except WorkbenchError:
        return  # whoever started the build is told why it failed
    write_history(Store(Path(running.job.store)))


def _shown(rows: Sequence[ClusterRow]) -> dict[str, ClusterRow]:
    """The largest cluster of each fault; a fault that no cluster shows has none."""
    alike = {name: [row for row in rows if fault.shows_in(row)] for name, fault in FAULTS.items()}
    return {name: max(rows, key=lambda row: row.size) for name, rows in alike.items() if rows}


Act = Callable[[date], object]
"""What happens on a day."""


def _acts(pod: _Pod) -> Iterator[tuple[date, Act]]:
    """Everything that happened, with its day."""
    yield date(2026, 8, 31), partial(_owners, pod)
    yield date(2026, 10, 29), partial(_prompts, pod)
    for fault, (actor, day) in story.LABELLED.items():
        yield day, partial(_label, pod, fault, actor)
    for fix in FIXES:
        if fix.fault in pod.clusters:
            yield fix.opened, partial(_open, pod, fix)
            if fix.fixed:
                yield fix.fixed, partial(_fix, pod, fix)
            yield from ((day, partial(_judge, pod, fix)) for day in fix.judged)
    yield date(2026, 10, 27), partial(_blind_round, pod)
    yield from ((meeting.day, partial(_meet, pod, meeting)) for meeting in MEETINGS)
    yield date(2026, 11, 10), partial(_read, pod)
    yield date(2026, 11, 12), partial(_waiting_round, pod)
    yield date(2026, 11, 13), partial(_tidy, pod)


def _owners(pod: _Pod, day: date) -> None:
    for name in (LENA, MARA, JONAS, PRIYA):
        pod.on(day, name).pod.remember(name)
    for bot, entry in INVENTORY.items():
        pod.on(day, LENA).pod.set_bot(bot, **entry)


def _prompts(pod: _Pod, day: date) -> None:
    """What the bots were told, brought in by the lead."""
    bench = pod.on(day, LENA)
    for bot, texts in load_prompts().items():
        bench.prompts.set_each(bot, texts)


def _label(pod: _Pod, fault: str, actor: str, day: date) -> None:
    if fault in pod.clusters:
        of = FAULTS[fault]
        pod.on(day, actor).label(
            pod.clusters[fault].cluster, cause=of.cause, severity=of.severity, note=of.remark + "."
        )


def _open(pod: _Pod, fix: Fix, day: date) -> None:
    _label(pod, fix.fault, fix.owner, day)
    bench = pod.on(day, fix.owner)
    draft = replace(tickets.draft(bench, [pod.clusters[fix.fault].cluster]), owner=fix.owner)
    pod.tickets[fix.fault] = tickets.create(bench, draft, fix.due).ticket


def _fix(pod: _Pod, fix: Fix, day: date) -> None:
    tickets.fix(pod.on(day, fix.owner, hour=16), pod.tickets[fix.fault], day=day, remedy=fix.remedy)


def _judge(pod: _Pod, fix: Fix, day: date) -> None:
    bench = pod.on(day, LENA, hour=8)
    verification.verify(bench, pod.tickets[fix.fault], record=True, until=datetime(day.year, day.month, day.day))


def _meet(pod: _Pod, meeting: Meeting, day: date) -> None:
    bench = pod.on(day, LENA, hour=10)
    decided, skipped = pod.shown(meeting.decided), pod.shown(meeting.skipped)
    agenda = [
        AgendaItem(row.cluster, f"{row.size:,} failures")
        for row in (pod.clusters[fault] for fault in (*decided, *skipped))
    ]
    if not agenda:
        return
    session = bench.sessions.create(meeting.title, agenda).session
    for fault in decided:
        of = FAULTS[fault]
        decision: DecisionChange = {"cause": of.cause, "severity": of.severity, "note": of.remark + "."}
        if fix := next((fix for fix in FIXES if fix.fault == fault), None):
            decision |= {"owner": fix.owner, "ticket": pod.tickets[fault], "due": fix.due}
        bench.judgement.sessions.decide(session, pod.clusters[fault].cluster, actor=LENA, **decision)
    for fault in skipped:
        bench.sessions.skip(session, pod.clusters[fault].cluster)
    bench.sessions.set_progress(session, Progress(len(agenda), meeting.minutes * 60.0))
    bench.sessions.close(session)


def _blind_round(pod: _Pod, day: date) -> None:
    """Three vote alike on most; on every fourth one of them sees it another way. What all say becomes the label."""
    keys = _of_faults(pod, pod.shown(story.DISPUTED), _VOTED)
    if not keys:
        return
    bench = pod.on(day, LENA, hour=11)
    raters = (MARA, JONAS, PRIYA)
    blind = blind_rounds.start(bench, "Same cause, same words? (demo)", list(keys), raters=raters, seed=SEED)
    for place, key in enumerate(blind.conversations):
        fault = keys[key]
        for rater in raters:
            apart = place % 4 == 3 and rater == raters[place // 4 % 3]
            code = story.SECOND_OPINIONS[fault] if apart else FAULTS[fault].cause
            severity = FAULTS[fault].severity
            blind_rounds.vote(bench.acting(rater), blind.round, key, code, FAULTS[fault].remark, severity)
    bench.rounds.reveal(blind.round)
    blind_rounds.settle_agreed(bench, blind_rounds.results(bench, blind.round))


def _waiting_round(pod: _Pod, day: date) -> None:
    keys = _of_faults(pod, pod.shown(("loop", "mortgage")), _WAITING)
    if not keys:
        return
    bench = pod.on(day, LENA)
    blind = blind_rounds.start(bench, "Loop or invented? (demo)", list(keys), raters=(JONAS, PRIYA), seed=SEED)
    for key in blind.conversations[: _WAITING // 2]:
        blind_rounds.vote(bench.acting(JONAS), blind.round, key, FAULTS[keys[key]].cause)


def _of_faults(pod: _Pod, faults: Sequence[str], count: int) -> dict[str, str]:
    """The latest conversations of some faults in turn, each with its fault."""
    members = {
        fault: sorted(
            pod.bench.points(Filter(cluster=(pod.clusters[fault].cluster,))), key=lambda row: str(row.started_at)
        )
        for fault in faults
    }
    taken: dict[str, str] = {}
    for fault in cycle(faults):
        if len(taken) == count or not members[fault]:
            return taken
        taken[members[fault].pop().key] = fault
    return taken


def _read(pod: _Pod, day: date) -> None:
    """Two read a list, and find what the signals found, but for one conversation that nobody can tell."""
    bench = pod.on(day, PRIYA, hour=13)
    listed = reading_lists.start(bench, seed=SEED)
    contexts = bench.evidence.contexts([item.key for item in listed.items])
    faults = {row.cluster: FAULTS[name] for name, row in pod.clusters.items()}
    for place, item in enumerate(listed.items[:_READ]):
        context = contexts[item.key]
        fault = faults.get(context.cluster or "")
        verdict = "unsure" if place == 7 else "failed" if context.flagged else "fine"
        note = fault.remark if fault and verdict == "failed" else ""
        for reader in (PRIYA, JONAS)[: 2 if place % 3 == 0 else 1]:
            reading_lists.say(
                bench.acting(reader),
                item.key,
                item,
                listed.draw.draw,
                verdict=verdict,
                note=note if reader == PRIYA else "",
            )
    _mode(pod)


def _mode(pod: _Pod) -> None:
    """A failure mode of the reader's own, made of two notes that say the same."""
    noted: dict[str, list[tuple[str, str]]] = {}
    for key, verdicts in pod.bench.judgement.verdicts.all().items():
        for verdict in verdicts:
            if verdict.note:
                noted.setdefault(verdict.note, []).append((key, verdict.reader))
    name, notes = max(noted.items(), key=lambda item: len(item[1]), default=("", []))
    if notes:
        pod.bench.judgement.modes.create(f"{name} (demo)", notes, actor=PRIYA, definition="As the readers wrote it.")


def _tidy(pod: _Pod, day: date) -> None:
    """What the pod doesn't want to see, who answers for one cluster, and the view that it opens first."""
    bench = pod.on(day, LENA, hour=15)
    fault, until = story.MUTED
    if fault in pod.clusters:
        bench.pod.mute(pod.clusters[fault].cluster, until)
    if "blocked" in pod.clusters:
        bench.pod.set_owner(pod.clusters["blocked"].cluster, PRIYA)
    bench.pod.save_view("New at the bank (demo)", {"bot": ["bank-help"], "status": ["new"]})
