"""Reading shared out over several people: what each reads next, who is how far, and how far they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.bench.bench import Bench
from workbench.judgement.records.reading import ReadingScope
from workbench.judgement.records.rounds import Round
from workbench.judgement.reservations import verdicts_given, votes_given
from workbench.review.agreement import Alpha, agreement
from workbench.review.reading_lists import ReadingList


@dataclass(frozen=True)
class Shared:
    """How far a shared queue is."""

    items: int
    """Conversations in it."""
    readers: int
    """How many people are to read each."""
    complete: int
    """Conversations that this many have read."""
    by_person: dict[str, int]
    """How many each person has read, the most first."""
    alpha: Alpha
    """How far they agree so far, over what two or more have read."""


def readers_of_list(listed: ReadingList) -> int:
    """How many people are to read each conversation of a list; 0 where it is one person's own."""
    return listed.draw.scope.readers if isinstance(listed.draw.scope, ReadingScope) else 0


def readers_of_round(round: Round) -> int:
    """How many people are to label each conversation of a round; 0 where everybody labels all."""
    return int(round.scope.get("readers", 0))


def next_of_list(bench: Bench, listed: ReadingList) -> int:
    """The 0-based place of what this person reads next on a shared list, kept for them; beyond the last where nothing is left."""
    keys = [item.key for item in listed.items]
    return _place(
        keys,
        bench.judgement.reservations.reserve(
            listed.draw.draw, keys, readers_of_list(listed), verdicts_given, actor=bench.actor
        ),
    )


def next_of_round(bench: Bench, round: Round) -> int:
    """The same in a shared round."""
    keys = round.conversations
    return _place(
        keys,
        bench.judgement.reservations.reserve(
            round.round, keys, readers_of_round(round), votes_given(round.round), actor=bench.actor
        ),
    )


def shared_list(bench: Bench, listed: ReadingList) -> Shared:
    """How far a shared reading list is."""
    verdicts = bench.judgement.verdicts.all()
    given = [
        {verdict.reader: verdict.verdict for verdict in verdicts.get(item.key, []) if verdict.verdict != "unsure"}
        for item in listed.items
    ]
    read = [{verdict.reader for verdict in verdicts.get(item.key, [])} for item in listed.items]
    return _shared(given, read, readers_of_list(listed))


def _shared(given: Sequence[Mapping[str, str]], read: Sequence[set[str]], readers: int) -> Shared:
    counts = Counter(name for names in read for name in names)
    return Shared(
        len(read),
        readers,
        sum(len(names) >= readers for names in read),
        dict(counts.most_common()),
        agreement(given).alpha,
    )


def _place(keys: Sequence[str], key: str | None) -> int:
    return len(keys) if key is None else keys.index(key)
