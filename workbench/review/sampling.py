"""Reading conversations: which to read next, what readers settled, and how much there is still to see.

Pure: no store and no drawing here.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.embedding.vectors import Vectors
from workbench.judgement.records.reading import Draw, Mode, Verdict
from workbench.judgement.verdicts import agreed_verdict

TOP_CLUSTERS = 10
"""Clusters, from the top of the list, that a reading list takes its typical failures from."""
RANDOM_KINDS = 10
"""Failures drawn at random that must be read before the share of unseen kinds is told."""
SOURCES = ("random", "cluster", "novel")
"""What a mixed list takes from in turn."""


@dataclass(frozen=True)
class Failing:
    """A failure that may be read."""

    key: str
    """The conversation's key in the store."""
    cluster: str | None
    """Its FC-id; None where it is in none."""
    rank: int | None
    """Its cluster's place in the ranked list."""
    similarity: float
    """How typical it is there (cosine)."""


@dataclass(frozen=True)
class Item:
    """One conversation of a reading list."""

    key: str
    """The conversation's key in the store."""
    source: str
    """random, cluster, novel or learn."""
    why: str
    """The reason, in words."""


@dataclass(frozen=True)
class Saturation:
    """How much of what goes wrong was seen."""

    read: int
    """Conversations read."""
    failures: int
    """Those of them that failed."""
    kinds: int
    """How many kinds of failures they are."""
    since: int | None
    """Reads since the last new kind; None without one."""
    random: int
    """Failures that were met by chance."""
    unseen: float | None
    """The estimated share of failures whose kind nobody has read yet: the share of `random` ones whose kind was met in no other read (Good 1953, leaving one out); None below `RANDOM_KINDS` of them."""


def sample(keys: Iterable[str], count: int, seed: int, without: Iterable[str] = ()) -> list[str]:
    """`count` of the keys, or all there are, in the random order that `seed` gives; never those in `without`."""
    left = sorted(set(keys) - set(without))
    return random.Random(seed).sample(left, min(count, len(left)))


def typical(failures: Sequence[Failing], count: int, read: Iterable[str]) -> list[Failing]:
    """Unread failures of the top clusters: always of the one that was read least, the higher rank first; most typical first."""
    seen = set(read)
    by_cluster: dict[str, list[Failing]] = {}
    reads: Counter[str] = Counter()
    for failure in sorted(failures, key=lambda candidate: (candidate.rank or 0, -candidate.similarity, candidate.key)):
        if failure.cluster is None or failure.rank is None:
            continue
        if len(by_cluster) == TOP_CLUSTERS and failure.cluster not in by_cluster:
            break
        waiting = by_cluster.setdefault(failure.cluster, [])
        if failure.key in seen:
            reads[failure.cluster] += 1
        else:
            waiting.append(failure)
    chosen: list[Failing] = []
    while len(chosen) < count and any(by_cluster.values()):
        cluster = min((name for name, waiting in by_cluster.items() if waiting), key=lambda name: reads[name])
        reads[cluster] += 1
        chosen.append(by_cluster[cluster].pop(0))
    return chosen


def farthest_first(vectors: Vectors, count: int, read: Sequence[int]) -> list[int]:
    """Rows in the order of novelty: each the farthest by cosine from all that was read or chosen before it (Gonzalez 1985).

    `vectors` are (n, d) unit rows. With nothing read, the first is the one nearest to the mean of all.
    """
    if not len(vectors):
        return []
    closeness = np.full(len(vectors), -np.inf, np.float32)
    for row in read:
        closeness = np.maximum(closeness, vectors @ vectors[row])
    taken = np.zeros(len(vectors), bool)
    taken[list(read)] = True
    chosen: list[int] = []
    while len(chosen) < count and not taken.all():
        row = (
            int(np.argmax(vectors @ vectors.mean(0)))
            if not taken.any()
            else int(np.argmin(np.where(taken, np.inf, np.round(closeness, 4))))
        )
        chosen.append(row)
        taken[row] = True
        closeness = np.maximum(closeness, vectors @ vectors[row])
    return chosen


def mixed(items: Mapping[str, Sequence[Item]], count: int) -> list[Item]:
    """A reading list of `count` conversations that takes from each source in turn; no conversation twice."""
    waiting = [list(items.get(source, ())) for source in (*SOURCES, "learn")]
    chosen: dict[str, Item] = {}
    while any(waiting) and len(chosen) < count:
        for source in waiting:
            while source and source[0].key in chosen:
                source.pop(0)
            if source and len(chosen) < count:
                item = source.pop(0)
                chosen[item.key] = item
    return list(chosen.values())


def sample_read(draw: Draw, verdicts: Mapping[str, Sequence[Verdict]]) -> list[str]:
    """The part of a random draw that was read to: up to the last conversation that a reader met there by chance.

    What was read of the rest was read for another reason, and would make the sample one of the conspicuous.
    """
    reached = [
        place
        for place, key in enumerate(draw.conversations)
        if any(verdict.draw == draw.draw for verdict in verdicts.get(key, ()))
    ]
    return draw.conversations[: reached[-1] + 1] if reached else []


def kind_of(key: str, verdicts: Sequence[Verdict], modes: Mapping[tuple[str, str], str], cluster: str | None) -> str:
    """What kind of failure this is: the failure mode of a note on it, else its cluster, else the note's own words."""
    for verdict in verdicts:
        if mode := modes.get((key, verdict.reader)):
            return mode
    if cluster:
        return cluster
    noted = next((verdict.note for verdict in verdicts if verdict.note), "")
    return " ".join(noted.lower().split()) or "no cluster, no note"


def mode_of_notes(modes: Iterable[Mode]) -> dict[tuple[str, str], str]:
    """The failure mode of each note, (conversation key, reader); a merged mode counts as what it was merged into."""
    by_id = {mode.mode: mode for mode in modes}

    def home(mode: Mode) -> str:
        while mode.merged_into in by_id and by_id[mode.merged_into] is not mode:
            mode = by_id[mode.merged_into]
        return mode.mode

    return {(key, reader): home(mode) for mode in by_id.values() for key, reader in mode.notes}


def saturation(
    verdicts: Mapping[str, Sequence[Verdict]], modes: Iterable[Mode], clusters: Mapping[str, str | None]
) -> Saturation:
    """How much of what goes wrong was seen, over all that was read, in the order of its first verdicts."""
    of_notes = mode_of_notes(modes)
    order = sorted(verdicts, key=lambda key: (min(verdict.at for verdict in verdicts[key]), key))
    times: Counter[str] = Counter()
    drawn: list[str] = []
    last = None
    for place, key in enumerate(order):
        if agreed_verdict(verdicts[key]) != "failed":
            continue
        kind = kind_of(key, verdicts[key], of_notes, clusters.get(key))
        if kind not in times:
            last = place
        times[kind] += 1
        if any(verdict.source == "random" for verdict in verdicts[key]):
            drawn.append(kind)
    return Saturation(
        read=len(order),
        failures=times.total(),
        kinds=len(times),
        since=None if last is None else len(order) - 1 - last,
        random=len(drawn),
        unseen=sum(times[kind] == 1 for kind in drawn) / len(drawn) if len(drawn) >= RANDOM_KINDS else None,
    )
