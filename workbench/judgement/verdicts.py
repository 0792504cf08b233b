"""What readers found in conversations; one reader, one verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Unpack

from workbench.errors import UserError
from workbench.judgement.journal import JournalPart
from workbench.judgement.kinds import VERDICT
from workbench.judgement.records.reading import VERDICTS, Verdict, VerdictChange


class Verdicts(JournalPart):
    """The verdicts of a judgement store."""

    def add(
        self,
        conversation: str,
        *,
        actor: str,
        source: str = "direct",
        draw: str | None = None,
        about: dict[str, Any] | None = None,
        **parts: Unpack[VerdictChange],
    ) -> Verdict:
        """Add to what the actor found in a conversation (its key); what is not given stays.

        `source`, `draw` and `about` are kept from the first time. Only a failed conversation has a failing turn.
        Raises `UserError` where no verdict was ever given, and for one that is not in `VERDICTS`.
        """
        with self._journal.changing(actor) as change:
            previous = change.get(VERDICT, conversation, change.actor)
            if previous is None:
                if "verdict" not in parts:
                    raise UserError(f"Say first how it went: {', '.join(VERDICTS)}.")
                previous = Verdict(conversation, change.actor, source=source, draw=draw, about=about or {})
            verdict = replace(previous, **parts, at=change.at)
            if verdict.verdict not in VERDICTS:
                raise UserError(f"{verdict.verdict!r} is no verdict. There are: {', '.join(VERDICTS)}.")
            failing_turn = verdict.failing_turn if verdict.verdict == "failed" else None
            verdict = replace(verdict, note=verdict.note.strip(), failing_turn=failing_turn)
            if previous.version and replace(verdict, at=previous.at) == previous:
                return previous  # the same again says nothing new
            return change.put(VERDICT, (conversation, change.actor), verdict, f"read: {verdict.verdict}") or verdict

    def remove(self, conversation: str, *, actor: str) -> None:
        """Take back what the actor found in a conversation; `UserError` where they said nothing of it."""
        with self._journal.changing(actor) as change:
            if change.get(VERDICT, conversation, change.actor) is None:
                raise UserError(f"{change.actor} gave no verdict on this conversation.")
            change.put(VERDICT, (conversation, change.actor), None, "verdict taken back")

    def all(self) -> dict[str, list[Verdict]]:
        """What readers found, by conversation key; of each conversation the oldest verdict first."""
        by_conversation: dict[str, list[Verdict]] = {}
        for verdict in sorted(self._journal.all(VERDICT), key=lambda verdict: (verdict.at, verdict.reader)):
            by_conversation.setdefault(verdict.conversation, []).append(verdict)
        return by_conversation


PICKED = frozenset({"cluster", "novel", "learn"})
"""Queues whose conversations were picked for what is in them."""


def picked(verdicts: Iterable[Verdict]) -> bool:
    """Whether a conversation was read only because it was picked for what is in it: no rate may rest on such ones."""
    return all(verdict.source in PICKED for verdict in verdicts)


def agreed_verdict(verdicts: Iterable[Verdict]) -> str | None:
    """What readers found in one conversation, "fine" or "failed"; None where none is sure, or they disagree."""
    sure = {verdict.verdict for verdict in verdicts} - {"unsure"}
    return sure.pop() if len(sure) == 1 else None
