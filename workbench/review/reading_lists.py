"""The reading desk: reading lists made from a store, what readers say of them, and what it adds up to.

A reading list is fixed when it is made, so that a reload, an undo or a colleague finds the same list. Its random part is a
draw: the estimates rest on those alone.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np

from workbench.bench.bench import Bench
from workbench.clusters.failure_vectors import failure_vectors
from workbench.errors import UserError
from workbench.judgement.records.reading import Draw, ReadingScope, Verdict, VerdictChange
from workbench.judgement.verdicts import agreed_verdict
from workbench.review.estimate import Estimate, Stratum, estimate
from workbench.review.informative import most_informative, reason, uncertainty
from workbench.review.sampling import (
    SOURCES,
    Failing,
    Item,
    Saturation,
    farthest_first,
    mixed,
    sample,
    sample_read,
    saturation,
    typical,
)
from workbench.text.masking import mask

MIXES: dict[str, tuple[str, ...]] = {
    "mixed": SOURCES,
    "random": ("random",),
    "typical": ("cluster",),
    "novel": ("novel",),
    "learn": ("learn",),
}
COMPARED = 20_000
"""Failures that novelty looks at; of more, as many taken evenly."""
WEIGHED = 2_000
"""Conversations that are weighed for what reading them would teach; of more, as many taken evenly: each is compared with each."""


@dataclass(frozen=True)
class ReadingList:
    """A reading list as one person sees it."""

    draw: Draw
    """When it was drawn, by whom, from what."""
    items: list[Item]
    """In the order to read."""
    mine: dict[str, Verdict]
    """What this person said of each so far, by key."""

    @property
    def bot(self) -> str:
        """The bot that is read; empty for all."""
        return self.draw.scope.bot if isinstance(self.draw.scope, ReadingScope) else ""

    @property
    def first_unread(self) -> int:
        """The 0-based place to go on at; beyond the last where all is read."""
        return next((place for place, item in enumerate(self.items) if item.key not in self.mine), len(self.items))


@dataclass(frozen=True)
class Estimated:
    """An estimate and what it rests on."""

    estimate: Estimate
    """The figures."""
    draws: list[str]
    """The draws that were read for it."""
    drawn: int
    """Conversations in these."""
    unsure: int
    """Those of them that could not be told."""
    outdated: bool
    """Whether other conversations came or flags changed since."""


def start(
    bench: Bench, mix: str = "mixed", count: int = 30, bot: str = "", seed: int | None = None, readers: int = 0
) -> ReadingList:
    """Make a reading list for this bot (empty: for all); a `seed` draws the same one again. With `readers` it is shared out:
    so many people read each conversation.

    Raises `UserError` where nothing is left to read or the mix is unknown.
    """
    if mix not in MIXES:
        raise UserError(f"There is no reading list {mix!r}. Choose {', '.join(MIXES)}.")
    bench.judgement.pod.require_role(bench.actor)
    verdicts = bench.judgement.verdicts.all()
    flags = _flags(bench, bot, verdicts)
    scope = _scope(bench, bot, flags)
    wanted = {source: -(-count // len(MIXES[mix])) for source in MIXES[mix]}
    seed = secrets.randbelow(2**31) if seed is None else seed
    earlier = [key for draw in _of(bench.judgement.draws.all(), scope) for key in draw.conversations]
    drawn = sample(flags, wanted.get("random", 0), seed, without=earlier)
    lists = {"random": [Item(key, "random", "") for key in drawn if agreed_verdict(verdicts.get(key, ())) is None]}
    taken = [*verdicts, *drawn]
    rows, requests = bench.evidence.failing_vectors(bot, COMPARED)
    failures = [Failing(row.key, row.cluster, row.rank, row.similarity) for row in rows]
    if "cluster" in wanted:
        chosen = typical(failures, wanted["cluster"], taken)
        lists["cluster"] = [Item(item.key, "cluster", item.cluster or "") for item in chosen]
        taken += [item.key for item in chosen]
    if "novel" in wanted and rows:
        vectors = failure_vectors(requests, [row.facts or [] for row in rows])
        present = set(taken)
        order = farthest_first(vectors, wanted["novel"], [n for n, row in enumerate(rows) if row.key in present])
        lists["novel"] = [Item(rows[n].key, "novel", "") for n in order]
    if "learn" in wanted:
        lists["learn"] = _informative(bench, bot, wanted["learn"], verdicts)
    items = mixed(lists, count)
    if not items:
        raise UserError("There is nothing left to read here. Choose another bot or another mix, or import new logs.")
    draw = bench.judgement.draws.add(
        drawn,
        actor=bench.actor,
        population=len(flags),
        seed=seed,
        scope=replace(
            scope,
            mix=mix,
            flagged_drawn=[key for key in drawn if flags[key]],
            list=[[item.key, item.source, item.why] for item in items],
            readers=readers,
        ),
    )
    return ReadingList(draw, items, {})


def reading_list(bench: Bench, draw: str) -> ReadingList:
    """A reading list by its number, as this bench's person sees it; `UserError` where there is none."""
    drawn = next((entry for entry in bench.judgement.draws.all() if entry.draw == draw), None)
    if drawn is None:
        raise UserError(f"There is no reading list {draw}. Start one on the page Read.")
    return _seen_by(bench.actor, drawn, bench.judgement.verdicts.all())


def open_lists(bench: Bench) -> list[ReadingList]:
    """The lists that this person made or that are shared out, and that they have not read to the end, the newest first."""
    verdicts = bench.judgement.verdicts.all()
    mine = [
        draw for draw in reversed(bench.judgement.draws.all()) if draw.created_by == bench.actor or _is_shared(draw)
    ]
    seen = [_seen_by(bench.actor, draw, verdicts) for draw in mine]
    return [listed for listed in seen if listed.first_unread < len(listed.items)]


def _is_shared(draw: Draw) -> bool:
    return isinstance(draw.scope, ReadingScope) and draw.scope.readers > 0


def say(
    bench: Bench, key: str, item: Item | None = None, draw: str | None = None, **change: Unpack[VerdictChange]
) -> Verdict:
    """Say what this person found in a conversation; `item` and `draw` are the reading list that led there."""
    row = bench.evidence.contexts([key]).get(key)
    if row is None:
        raise UserError(f"There is no conversation {key!r} here.")
    about = {name: getattr(row, name) for name in ("bot", "conversation_id", "week", "flagged", "cluster")}
    return bench.judgement.verdicts.add(
        key,
        actor=bench.actor,
        source=item.source if item else "direct",
        draw=draw if item and item.source == "random" else None,
        about=about,
        **change,
    )


def estimated(bench: Bench, bot: str = "") -> Estimated | None:
    """What the random part of the reading lists of this bot (empty: of all) says; None where nothing was drawn yet."""
    draws = [draw for draw in bench.judgement.draws.all() if draw.conversations]
    scopes = [draw.scope for draw in draws if isinstance(draw.scope, ReadingScope) and draw.scope.bot == bot]
    if not scopes:
        return None
    verdicts = bench.judgement.verdicts.all()
    scope = scopes[-1]
    same = _of(draws, scope)
    read: Counter[bool] = Counter()
    failed: Counter[bool] = Counter()
    unsure = 0
    for draw in same:
        flagged = set(draw.scope.flagged_drawn) if isinstance(draw.scope, ReadingScope) else set()
        for key in sample_read(draw, verdicts):
            outcome = agreed_verdict(verdicts.get(key, ()))
            unsure += outcome is None
            read[key in flagged] += outcome is not None
            failed[key in flagged] += outcome == "failed"
    now = _scope(bench, bot, _flags(bench, bot, verdicts))
    return Estimated(
        estimate(
            Stratum(scope.flagged, read[True], failed[True]), Stratum(scope.unflagged, read[False], failed[False])
        ),
        [draw.draw for draw in same],
        sum(len(draw.conversations) for draw in same),
        unsure,
        outdated=_pool(now) != _pool(scope),
    )


def seen_so_far(bench: Bench, bot: str = "") -> Saturation:
    """How many kinds of failures were read, and how much is of a kind that nobody read yet."""
    verdicts = {
        key: readings
        for key, readings in bench.judgement.verdicts.all().items()
        if not bot or readings[0].about.get("bot") == bot
    }
    rows = bench.evidence.contexts(list(verdicts))
    clusters = {
        key: rows[key].cluster if key in rows else readings[0].about.get("cluster")
        for key, readings in verdicts.items()
    }
    return saturation(verdicts, bench.modes.all(), clusters)


def why(bench: Bench, item: Item) -> str:
    """Why a conversation is on a reading list, in words."""
    if item.source == "random":
        return "drawn at random; what the signals said shows after your verdict"
    if item.source == "learn":
        return item.why
    if item.source == "novel":
        return "unlike what was read so far"
    cluster = bench.evidence.cluster(item.why)
    return mask(f"typical of {item.why} {cluster.name if cluster else ''}".strip())


def _informative(bench: Bench, bot: str, count: int, verdicts: Mapping[str, Sequence[Verdict]]) -> list[Item]:
    """What to read to learn most, of what neither the log nor a reader settled; picked, so that no rate may rest on it."""
    rows, vectors = bench.evidence.unsettled(bot, list(verdicts), WEIGHED)
    read = np.array([row.read for row in rows], bool)
    unread = [row for row in rows if not row.read]
    picks = most_informative(uncertainty(unread), vectors[~read], vectors[read], count)
    return [Item(unread[pick.row].key, "learn", reason(unread[pick.row], pick, len(unread))) for pick in picks]


def _seen_by(reader: str, draw: Draw, verdicts: Mapping[str, Sequence[Verdict]]) -> ReadingList:
    items = [Item(*row) for row in draw.scope.list] if isinstance(draw.scope, ReadingScope) else []
    mine = {item.key: verdict for item in items for verdict in verdicts.get(item.key, ()) if verdict.reader == reader}
    return ReadingList(draw, items, mine)


def _flags(bench: Bench, bot: str, verdicts: Mapping[str, Sequence[Verdict]]) -> dict[str, bool]:
    """What the signals say of each conversation. Where somebody read it, that is what they said before: a later analysis
    counts the verdict itself, and the signals would be praised for what a person found."""
    flags = bench.evidence.flags(bot)
    for key in flags.keys() & verdicts.keys():
        before = verdicts[key][0].about.get("flagged")
        flags[key] = flags[key] if before is None else bool(before)
    return flags


def _scope(bench: Bench, bot: str, flags: Mapping[str, bool]) -> ReadingScope:
    """What a draw is from. Draws are pooled only while this stays the same."""
    flagged = sum(flags.values())
    imports = [manifest.import_id for manifest in bench.evidence.imports()]
    return ReadingScope(bot, imports, flagged, len(flags) - flagged)


def _of(draws: Sequence[Draw], scope: ReadingScope) -> list[Draw]:
    return [draw for draw in draws if isinstance(draw.scope, ReadingScope) and _pool(draw.scope) == _pool(scope)]


def _pool(scope: ReadingScope) -> tuple[str, list[str], int, int]:
    """What draws must share so that they are one sample."""
    return scope.bot, scope.imports, scope.flagged, scope.unflagged
