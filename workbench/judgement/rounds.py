"""Blind rounds: several people label the same conversations, and see each other's votes only once it is revealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workbench.errors import Denied, UserError
from workbench.judgement.causes import pod_taxonomy
from workbench.judgement.journal import Change, JournalPart
from workbench.judgement.kinds import ROUND, VOTE
from workbench.judgement.records.rounds import Round, Vote
from workbench.judgement.taxonomy import disposition_code, severity_code

SHORT_LIST = 9
"""Codes of a round that have a key of their own: 1 to 9."""


class Rounds(JournalPart):
    """The blind rounds of a judgement store and their votes."""

    def start(
        self,
        title: str,
        conversations: Sequence[str],
        *,
        actor: str,
        raters: Sequence[str] = (),
        codes: Sequence[str] = (),
        scope: dict[str, Any] | None = None,
    ) -> Round:
        """Let people label these conversations (keys) blind. `raters` are who is expected; others may vote, too."""
        sample = list(dict.fromkeys(conversations))
        if not sample:
            raise UserError("A round needs at least one conversation.")
        if not title.strip():
            raise UserError("A round needs a title.")
        expected = list(dict.fromkeys(name.strip() for name in raters if name.strip()))
        with self._journal.changing(actor) as change:
            started = Round(
                f"AG-{change.next_number('round'):04}",
                title.strip(),
                sample,
                expected,
                scope or {},
                list(codes)[:SHORT_LIST],
                created_by=change.actor,
                created_at=change.at,
            )
            return change.put(ROUND, (started.round,), started, "started") or started

    def vote(
        self,
        round: str,
        conversation: str,
        *,
        actor: str,
        cause: str | None = None,
        disposition: str | None = None,
        severity: str | None = None,
        note: str = "",
    ) -> Vote:
        """Say what is wrong with a conversation of an open round; it replaces what the actor said of it before.

        Raises `UserError` unless it is one root cause or one disposition, and once the round is revealed.
        """
        if bool(cause) == bool(disposition):
            raise UserError("A vote is one root cause, or one disposition.")
        with self._journal.changing(actor) as change:
            if conversation not in _open(change, round).conversations:
                raise UserError(f"This conversation is not in {round}.")
            vote = Vote(
                round,
                conversation,
                change.actor,
                pod_taxonomy(change.connection).code(cause) if cause else None,
                disposition_code(disposition) if disposition else None,
                severity_code(severity) if severity else None,
                note.strip(),
            )
            previous = change.get(VOTE, round, conversation, change.actor)
            if previous is not None and replace(previous, at=vote.at, version=0) == vote:
                return previous  # the same again says nothing new
            return change.put(VOTE, (round, conversation, change.actor), replace(vote, at=change.at), "voted") or vote

    def unvote(self, round: str, conversation: str, *, actor: str) -> None:
        """Take the actor's vote back; `UserError` where there is none."""
        with self._journal.changing(actor) as change:
            _open(change, round)
            if change.get(VOTE, round, conversation, change.actor) is None:
                raise UserError(f"{change.actor} said nothing of this conversation in {round}.")
            change.put(VOTE, (round, conversation, change.actor), None, "vote taken back")

    def reveal(self, round: str, *, actor: str) -> Round:
        """Show everybody all votes, and take no more. Who started the round may, or a lead.

        Raises `UserError` where fewer than two people voted: there is nothing to compare.
        """
        with self._journal.changing(actor) as change:
            opened = _open(change, round)
            if opened.created_by != change.actor:
                try:
                    change.require_role("lead")
                except Denied as e:
                    raise Denied(f"{opened.created_by} started {round} and reveals it, or a lead does.") from e
            raters = sorted({vote.rater for vote in change.all(VOTE) if vote.round == round})
            if len(raters) < 2:
                who = f"only {raters[0]}" if raters else "nobody"
                raise UserError(f"So far {who} voted in {round}: agreement takes two.")
            return _existing(round, change.put(ROUND, (round,), replace(opened, status="revealed"), "revealed"))

    def get(self, round: str) -> Round:
        """One round; `UserError` where there is none."""
        return _existing(round, self._journal.get(ROUND, round))

    def all(self) -> list[Round]:
        """Every round, the newest first."""
        return sorted(self._journal.all(ROUND), key=lambda round: round.round, reverse=True)

    def votes(self, round: str, *, seen_by: str) -> list[Vote]:
        """The votes of a round that this person may see: all of them once it is revealed, before that their own."""
        revealed = self.get(round).status == "revealed"
        return [
            vote
            for vote in self._journal.all(VOTE)
            if vote.round == round and (revealed or vote.rater == seen_by.strip())
        ]

    def voted(self) -> dict[str, dict[str, int]]:
        """How many conversations of each round each rater has voted on, those expected first; no votes are told.

        Votes whose round is gone count nowhere.
        """
        votes = Counter((vote.round, vote.rater) for vote in self._journal.all(VOTE))
        counts = {round.round: dict.fromkeys(round.raters, 0) for round in self._journal.all(ROUND)}
        for (round, rater), count in sorted(votes.items()):
            if round in counts:
                counts[round][rater] = count
        return counts


def _open(change: Change, round: str) -> Round:
    opened = _existing(round, change.get(ROUND, round))
    if opened.status != "open":
        raise UserError(f"{round} is revealed: what is said now would not be blind. Start another round.")
    return opened


def _existing(name: str, round: Round | None) -> Round:
    if round is None:
        raise UserError(f"There is no round {name}.")
    return round
