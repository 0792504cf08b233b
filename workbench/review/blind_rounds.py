"""Blind rounds over a store: drawing a sample, who is how far, and what comes out once it is revealed."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.evidence.failure_rows import FailureRecord
from workbench.judgement.records.labels import Label
from workbench.judgement.records.rounds import Round, Vote
from workbench.judgement.rounds import SHORT_LIST
from workbench.judgement.taxonomy import DISPOSITIONS
from workbench.review.agreement import Agreement, agreement, most_divided
from workbench.text.formatting import excerpt
from workbench.text.masking import mask

ALWAYS = ("not-a-bug", "needs-info")
"""Dispositions that a short list always offers: a rater must be able to say that there is nothing, or no telling."""


@dataclass(frozen=True)
class RoundView:
    """A round as one person sees it."""

    round: Round
    """What is voted on."""
    mine: dict[str, Vote]
    """Their own votes by conversation."""
    voted: dict[str, int]
    """How many votes each rater gave."""

    @property
    def first_open(self) -> int:
        """The 0-based place to go on at; beyond the last where this person voted on all."""
        keys = self.round.conversations
        return next((place for place, key in enumerate(keys) if key not in self.mine), len(keys))


@dataclass(frozen=True)
class Voted:
    """One conversation of a revealed round with all votes."""

    key: str
    """The conversation's key in the store."""
    conversation_id: str
    """Its id, as logged."""
    bot: str
    """The bot, as logged."""
    request_excerpt: str
    """The beginning of what was asked, masked."""
    votes: list[Vote]
    """Of all raters."""
    label: Label | None
    """What is said of it now."""
    settled: bool
    """Whether that is from this round."""

    @property
    def raters_by_code(self) -> dict[str, list[str]]:
        """Who gave each code, the code given most often first."""
        raters: dict[str, list[str]] = {}
        for vote in self.votes:
            raters.setdefault(vote.code, []).append(vote.rater)
        return dict(sorted(raters.items(), key=lambda item: (-len(item[1]), item[0])))


@dataclass(frozen=True)
class Results:
    """What a revealed round adds up to."""

    round: Round
    """What was voted on."""
    agreement: Agreement
    """Over all of it."""
    divided: list[Voted]
    """Where raters differ, the most divided first."""
    agreed: list[Voted]
    """Where two or more agree."""

    @property
    def to_record(self) -> list[Voted]:
        """Those agreed on that carry no label of their own yet."""
        return [row for row in self.agreed if row.label is None]


def start(
    bench: Bench,
    title: str,
    keys: Sequence[str],
    *,
    count: int | None = None,
    raters: Sequence[str] = (),
    codes: Sequence[str] | None = None,
    scope: Mapping[str, Any] | None = None,
    seed: int | None = None,
    readers: int = 0,
) -> Round:
    """Start a round over these conversations, or over `count` of them drawn at random; the seed is kept with it.

    With `readers` it is shared out: so many people label each conversation, and not everybody all.
    """
    seed, sample = secrets.randbelow(2**31) if seed is None else seed, sorted(set(keys))
    sample = random.Random(seed).sample(sample, min(count or len(sample), len(sample)))
    return bench.judgement.rounds.start(
        title,
        sample,
        actor=bench.actor,
        raters=raters,
        codes=short_list(bench) if codes is None else codes,
        scope=dict(scope or {}) | {"of": len(set(keys)), "seed": seed} | ({"readers": readers} if readers else {}),
    )


def failing(bench: Bench, bot: str = "") -> list[str]:
    """The conversations that fail, of one bot or of all: what a random draw is from."""
    return sorted(key for key, failed in bench.evidence.flags(bot).items() if failed)


def short_list(bench: Bench) -> list[str]:
    """The codes that get a key where nobody chose: the causes said most often, then the taxonomy's first, and `ALWAYS`."""
    offered = list(bench.causes.taxonomy().offered())
    uses = bench.judgement.causes.uses()
    used = {code: uses[code].clusters + uses[code].conversations for code in offered if code in uses}
    order = sorted(offered, key=lambda code: -used.get(code, 0))
    chosen = set(order[: SHORT_LIST - len(ALWAYS)])
    return [*(code for code in offered if code in chosen), *ALWAYS]


def vote(bench: Bench, round: str, key: str, code: str, note: str = "", severity: str | None = None) -> Vote:
    """Vote for a cause or a disposition by its code."""
    return bench.judgement.rounds.vote(
        round, key, actor=bench.actor, note=note, severity=severity, **cause_or_not(code)
    )


def cause_or_not(code: str) -> Any:
    """A code as the field that it belongs to: `cause` or `disposition`."""
    return {"disposition" if code in DISPOSITIONS else "cause": code}


def listed(bench: Bench) -> list[Round]:
    """The rounds over conversations, the newest first; a session's votes on its clusters stand in the session."""
    return [round for round in bench.rounds.all() if "session" not in round.scope]


def addressed(bench: Bench, asked: str) -> str:
    """The id of the round that an address names, as people spell it: AG-0001, ag-1 or 1; `UserError` with those that there are."""
    rounds = [round.round for round in listed(bench)]
    number = re.fullmatch(r"(?:AG-?)?0*(\d{1,9})", asked.strip().upper())
    round = f"AG-{int(number[1]):04}" if number else asked.strip()
    if round not in rounds:
        offered = f"There are {', '.join(sorted(rounds))}." if rounds else "Nobody started one yet."
        raise UserError(f"There is no round {asked!r}. {offered}")
    return round


def standing(bench: Bench, round: str) -> RoundView:
    """A round as this bench's person sees it; `UserError` where there is none."""
    current = bench.judgement.rounds.get(round)
    mine = {
        vote.conversation: vote
        for vote in bench.judgement.rounds.votes(round, seen_by=bench.actor)
        if vote.rater == bench.actor
    }
    return RoundView(current, mine, bench.rounds.voted().get(round, {}))


def results(bench: Bench, round: str) -> Results:
    """What a revealed round adds up to; `UserError` while it is blind."""
    current = bench.judgement.rounds.get(round)
    if current.status != "revealed":
        raise UserError(f"{round} is still blind. Whoever started it reveals it.")
    by_key: dict[str, list[Vote]] = {key: [] for key in current.conversations}
    for vote in bench.judgement.rounds.votes(round, seen_by=bench.actor):
        by_key[vote.conversation].append(vote)
    rows_by_key = {row.key: row for row in bench.evidence.labelled(current.conversations, [])}
    labels = bench.judgement.labels.all()
    rows = [
        _voted(round, key, votes, rows_by_key.get(key), labels.get(("conversation", key)))
        for key, votes in by_key.items()
    ]
    votes = [{vote.rater: vote.code for vote in row.votes} for row in rows]
    return Results(
        current,
        agreement(votes),
        [rows[place] for place in most_divided(votes)],
        [row for row in rows if len(row.votes) > 1 and len(row.raters_by_code) == 1],
    )


def settle(bench: Bench, results: Results, row: Voted, code: str, note: str = "") -> Label:
    """Record what the raters agreed on as the conversation's label; all votes stay with it."""
    votes = [
        {
            "rater": vote.rater,
            "code": vote.code,
            "severity": vote.severity,
            "note": vote.note,
            "at": vote.at.isoformat(),
        }
        for vote in row.votes
    ]
    severities = {vote.severity for vote in row.votes if vote.code == code}
    return bench.judgement.labels.set(
        "conversation",
        row.key,
        actor=bench.actor,
        note=note,
        severity=severities.pop() if len(severities) == 1 else None,
        about={"bot": row.bot, "conversation_id": row.conversation_id, "round": results.round.round, "votes": votes},
        **cause_or_not(code),
    )


def settle_agreed(bench: Bench, results: Results) -> int:
    """Record what all raters said alike, where the conversation has no label of its own yet; how many."""
    for agreed in results.to_record:
        settle(bench, results, agreed, next(iter(agreed.raters_by_code)))
    return len(results.to_record)


def vote_rows(results: Results) -> list[VoteRow]:
    """Every vote of a revealed round, for a download."""
    return [
        VoteRow(
            results.round.round,
            row.conversation_id,
            row.bot,
            vote.rater,
            vote.code,
            vote.severity,
            mask(vote.note),
            vote.at,
            (row.label.cause or row.label.disposition) if row.label and row.settled else None,
            row.request_excerpt,
        )
        for row in [*results.divided, *results.agreed]
        for vote in row.votes
    ]


def _voted(round: str, key: str, votes: list[Vote], row: FailureRecord | None, label: Label | None) -> Voted:
    """A conversation that an undone import took away is still there by its key."""
    return Voted(
        key,
        row.conversation_id if row else key,
        row.bot if row else "",
        excerpt(row.request) if row else "",
        votes,
        label,
        label is not None and label.about.get("round") == round,
    )


@dataclass(frozen=True)
class VoteRow:
    """One vote of a revealed round, as it is downloaded."""

    round: str
    """The round's number."""
    conversation_id: str
    """Its id, as logged."""
    bot: str
    """The bot, as logged."""
    rater: str
    """By name."""
    code: str
    """What they chose."""
    severity: str | None
    """What they chose; None where they left it open."""
    note: str
    """A remark, masked."""
    voted_at: datetime
    """When, naive UTC."""
    agreed: str | None
    """The code that the round settled on."""
    request_excerpt: str
    """The beginning of what was asked, masked."""
