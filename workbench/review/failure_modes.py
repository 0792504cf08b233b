"""Failure modes: what readers noted, grouped, named, counted, and turned into root causes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from workbench.bench.bench import Bench
from workbench.bench.search import embedded
from workbench.clusters.grouping import RESOLUTION, leiden
from workbench.clusters.knn_graph import neighbour_graph
from workbench.embedding.vectors import Encoder, Vectors, unit_rows
from workbench.errors import UserError
from workbench.judgement.causes import CauseChange
from workbench.judgement.records.reading import Mode
from workbench.review import cluster_edits
from workbench.review.sampling import mode_of_notes
from workbench.text.masking import mask


@dataclass(frozen=True)
class Home:
    """The cluster that holds most of a mode's conversations."""

    cluster: str
    """Its FC-id."""
    keys: list[str]
    """Which of its failures they are."""
    size: int
    """Its failures."""


def mode_counts(bench: Bench) -> list[ModeCount]:
    """How many conversations showed each failure mode, by bot and week; the commonest mode first."""
    verdicts, modes = bench.judgement.verdicts.all(), bench.modes.all()
    by_id = {mode.mode: mode for mode in modes}
    members: dict[tuple[str, str, str], set[str]] = {}
    for (key, _), mode in mode_of_notes(modes).items():
        if readings := verdicts.get(key):
            about = readings[0].about
            members.setdefault((mode, about.get("bot") or "", about.get("week") or ""), set()).add(key)
    totals = Counter(dict.fromkeys(by_id, 0))
    for (mode, _, _), keys in members.items():
        totals[mode] += len(keys)
    order = sorted(members, key=lambda place: (-totals[place[0]], *place))
    return [
        ModeCount(
            mode, mask(by_id[mode].name), by_id[mode].cause, by_id[mode].cluster, bot, week or None, len(members[place])
        )
        for place in order
        for mode, bot, week in [place]
    ]


def loose_notes(bench: Bench) -> list[Note]:
    """What readers noted of failures and nobody has put into a failure mode yet, the newest first."""
    taken = mode_of_notes(bench.modes.all())
    noted = [
        verdict
        for readings in bench.judgement.verdicts.all().values()
        for verdict in readings
        if verdict.verdict == "failed" and verdict.note
    ]
    noted.sort(key=lambda verdict: verdict.at, reverse=True)
    return [
        Note(verdict.conversation, verdict.reader, mask(verdict.note))
        for verdict in noted
        if (verdict.conversation, verdict.reader) not in taken
    ]


def notes_of(bench: Bench, mode: str) -> list[Note]:
    """The notes that count as a failure mode, those of modes merged into it too."""
    verdicts = bench.judgement.verdicts.all()
    return [
        Note(key, reader, mask(verdict.note))
        for (key, reader), home in mode_of_notes(bench.modes.all()).items()
        if home == mode
        for verdict in verdicts.get(key, ())
        if verdict.reader == reader and verdict.note
    ]


def proposed_modes(bench: Bench, encoder: Encoder | None = None) -> list[Proposal]:
    """The loose notes in groups, each a failure mode to name; loads the model, which takes seconds the first time."""
    loose = loose_notes(bench)
    if len(loose) < LEAST:
        return []
    vectors = embedded(bench, [note.text for note in loose], encoder)
    live = [mode.mode for mode in bench.modes.all() if not mode.merged_into]
    texts = {mode: [note.text for note in notes_of(bench, mode)] for mode in live}
    return propose(loose, vectors, {mode: embedded(bench, text, encoder) for mode, text in texts.items() if text})


def put_notes(bench: Bench, notes: Sequence[Note], *, name: str = "", mode: str | None = None) -> Mode:
    """Make a failure mode of these notes under a name, or add them to one that there is."""
    pairs = [(note.conversation, note.reader) for note in notes]
    if not pairs:
        raise UserError("Choose at least one note.")
    if mode is None:
        return bench.judgement.modes.create(name, pairs, actor=bench.actor)
    current = next((entry for entry in bench.modes.all() if entry.mode == mode), None)
    if current is None:
        raise UserError(f"There is no failure mode {mode}.")
    return bench.modes.edit(mode, notes=[*current.notes, *map(list, pairs)])


def home_of(bench: Bench, mode: str) -> Home | None:
    """The cluster that holds most of a mode's conversations; None where it holds fewer than two of them, or no others."""
    keys = list(dict.fromkeys(note.conversation for note in notes_of(bench, mode)))
    there: dict[str, list[str]] = {}
    for key, row in bench.evidence.contexts(keys).items():
        if row.cluster:
            there.setdefault(row.cluster, []).append(key)
    cluster = min(there, key=lambda name: (-len(there[name]), name), default=None)
    if cluster is None or len(there[cluster]) < 2:
        return None
    size = len(bench.cluster(cluster).members)
    return Home(cluster, sorted(there[cluster]), size) if size > len(there[cluster]) else None


def make_cluster(bench: Bench, mode: Mode) -> str:
    """Split the mode's conversations off the cluster that holds most of them; the id of the new cluster."""
    home = home_of(bench, mode.mode)
    if home is None:
        raise UserError(
            f"No cluster holds two conversations of {mode.mode} and others besides: there is nothing to split."
        )
    act = cluster_edits.split(bench, home.cluster, home.keys, mode.name)
    bench.modes.edit(mode.mode, cluster=act.into)
    return act.into or ""


def make_cause(bench: Bench, mode: str, code: str, **words: Unpack[CauseChange]) -> int:
    """Say that a failure mode is this root cause, which is added where the taxonomy lacks it, and label its conversations.

    Gives how many were labelled: a conversation that somebody labelled stays as it is.
    """
    code = code.strip().lower()
    if code not in bench.causes.taxonomy().causes:
        bench.causes.add(code, **words)
    bench.modes.edit(mode, cause=code)
    labels = bench.labels_said()
    members = [key for (key, _), home in mode_of_notes(bench.modes.all()).items() if home == mode]
    unlabelled = [key for key in dict.fromkeys(members) if ("conversation", key) not in labels]
    there = bench.evidence.contexts(unlabelled)
    for key in there:
        bench.label(key, cause=code)
    return len(there)


LEAST = 15
"""Notes below which grouping says nothing that a glance at the list does not."""


NEIGHBOURS = 3
"""Notes are few and short: with ten neighbours, as failures have, half of the notes of other modes are among them."""


ALIKE = 0.5
"""Cosine to the centre of a mode's notes from which a group is proposed for that mode."""


@dataclass(frozen=True)
class Note:
    """The first thing that went wrong in a conversation, in its reader's words."""

    conversation: str
    """Its key."""
    reader: str
    """By name."""
    text: str
    """As written."""


@dataclass(frozen=True)
class Proposal:
    """Notes that say alike."""

    notes: list[Note]
    """The most typical first."""
    mode: str | None
    """The failure mode that they are like, if there is one."""

    @property
    def name(self) -> str:
        """What to call it until a person does: its most typical note."""
        return self.notes[0].text


def propose(notes: Sequence[Note], vectors: Vectors, modes: Mapping[str, Vectors] | None = None) -> list[Proposal]:
    """Group notes by what they say, the largest group first; a note that is like no other stands alone.

    `vectors` has a unit row for each note, `modes` the rows of each mode's notes. Empty below `LEAST` notes.
    """
    if len(notes) < LEAST:
        return []
    centres = {mode: unit_rows(rows.mean(0, keepdims=True))[0] for mode, rows in (modes or {}).items() if len(rows)}
    labels = leiden(neighbour_graph(vectors, NEIGHBOURS), RESOLUTION["normal"])
    proposals = []
    for label in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == label)
        centre = unit_rows(vectors[rows].mean(0, keepdims=True))[0]
        order = rows[np.argsort(-np.round(vectors[rows] @ centre, 4), kind="stable")]
        like = {mode: float(centre @ other) for mode, other in centres.items()}
        nearest = max(like, key=lambda mode: like[mode], default=None)
        proposals.append(
            Proposal([notes[row] for row in order], nearest if nearest and like[nearest] >= ALIKE else None)
        )
    return proposals


@dataclass(frozen=True)
class ModeCount:
    """In how many conversations of a bot and week readers noted a failure mode, and what that mode became."""

    mode: str
    """Its number."""
    name: str
    """As readers named it, masked."""
    cause: str | None
    """The root cause that it became."""
    cluster: str | None
    """The cluster that it became."""
    bot: str
    """The bot, as logged."""
    week: str | None
    """An ISO week, like 2025-W31."""
    conversations: int
    """How many."""
