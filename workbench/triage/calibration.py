"""Items that a session labels blind: members vote on their own devices, the votes are revealed, talked over and agreed on.

A blind vote on a cluster is a round (`judgement.rounds`) over that one cluster, so nobody sees a vote before the reveal, and
every vote is an event that can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.judgement.records.labels import Label
from workbench.judgement.records.rounds import Round, Vote
from workbench.review import blind_rounds
from workbench.review.blind_rounds import cause_or_not
from workbench.triage import session as triage

MOST = 3
"""Items of one session that are voted on blind: each takes minutes that the others lose."""


@dataclass(frozen=True)
class Ballot:
    """The blind vote on one item of a session."""

    round: Round
    """Where the votes are kept."""
    cluster: str
    """What is voted on."""
    voted: list[str]
    """Who voted so far, by name; what they said stays hidden until the reveal."""
    votes: list[Vote]
    """All votes once they are revealed; before that none."""

    @property
    def revealed(self) -> bool:
        """Whether everybody sees them."""
        return self.round.status == "revealed"

    @property
    def raters_by_code(self) -> dict[str, list[str]]:
        """Who gave each code, the code given most often first."""
        raters: dict[str, list[str]] = {}
        for vote in self.votes:
            raters.setdefault(vote.code, []).append(vote.rater)
        return dict(sorted(raters.items(), key=lambda item: (-len(item[1]), item[0])))


def ballots(bench: Bench, session: str) -> dict[str, Ballot]:
    """The blind votes of a session by cluster, in the order in which they were marked."""
    voted = bench.rounds.voted()
    marked = [round for round in reversed(bench.rounds.all()) if round.scope.get("session") == session]
    return {
        round.scope["cluster"]: Ballot(
            round,
            round.scope["cluster"],
            [name for name, count in voted.get(round.round, {}).items() if count],
            bench.judgement.rounds.votes(round.round, seen_by="") if round.status == "revealed" else [],
        )
        for round in marked
    }


def mark(bench: Bench, session: str, cluster: str) -> Ballot:
    """Have an item voted on blind, from devices; one that is marked already stays so.

    Raises `UserError` where `MOST` of the session are marked, and for a cluster that is not on its agenda.
    """
    marked = ballots(bench, session)
    if cluster in marked:
        return marked[cluster]
    held = bench.sessions.get(session)
    if cluster not in [item.cluster for item in held.agenda]:
        raise UserError(f"{cluster} is not on the agenda of {session}.")
    if held.status != "open":
        raise UserError(f"{session} is closed; open it again to vote.")
    if len(marked) >= MOST:
        raise UserError(f"{session} votes blind on {', '.join(marked)} already, and {MOST} items are the most.")
    bench.judgement.rounds.start(
        f"{cluster} in {session}",
        [cluster],
        actor=bench.actor,
        codes=blind_rounds.short_list(bench),
        scope={"session": session, "cluster": cluster},
    )
    return ballots(bench, session)[cluster]


def waiting(bench: Bench, session: str) -> list[Ballot]:
    """The blind votes that still take votes."""
    if bench.sessions.get(session).status != "open":
        return []
    return [ballot for ballot in ballots(bench, session).values() if not ballot.revealed]


def vote(bench: Bench, ballot: Ballot, code: str, severity: str | None = None) -> Vote:
    """Say what this bench's person holds for the cause; it replaces what they said before."""
    return blind_rounds.vote(bench, ballot.round.round, ballot.cluster, code, severity=severity)


def own_vote(bench: Bench, ballot: Ballot) -> str | None:
    """The code that this bench's person gave; None where they said nothing yet."""
    votes = bench.judgement.rounds.votes(ballot.round.round, seen_by=bench.actor)
    return next((vote.code for vote in votes if vote.rater == bench.actor), None)


def reveal(bench: Bench, ballot: Ballot) -> Round:
    """Show everybody all votes, and take no more; whoever marked the item may, or a lead."""
    return bench.rounds.reveal(ballot.round.round)


def agree(bench: Bench, session: str, ballot: Ballot, code: str) -> Label:
    """Record what the meeting agreed on after the reveal as the cluster's label, with all votes behind it, and as its decision."""
    if not ballot.revealed:
        raise UserError(f"The votes on {ballot.cluster} are still blind. Reveal them first.")
    standing = bench.judgement.labels.all().get(("cluster", ballot.cluster))
    record = bench.evidence.cluster(ballot.cluster)
    votes = [
        {
            "rater": vote.rater,
            "code": vote.code,
            "severity": vote.severity,
            "note": vote.note,
            "at": vote.at.isoformat(),
        }
        for vote in ballot.votes
    ]
    severities = {vote.severity for vote in ballot.votes if vote.code == code and vote.severity}
    severity = severities.pop() if len(severities) == 1 else standing.severity if standing else None
    label = bench.judgement.labels.set(
        "cluster",
        ballot.cluster,
        actor=bench.actor,
        severity=severity,
        note=standing.note if standing else "",
        about={
            "bot": record.bot if record else "",
            "name": record.name if record else "",
            "round": ballot.round.round,
            "votes": votes,
        },
        **cause_or_not(code),
    )
    triage.decide(bench, session, ballot.cluster, **cause_or_not(code), severity=severity)
    return label
