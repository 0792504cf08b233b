"""What a log lacks, and which signals and pages are blind because of it: gaps must not look like health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Gap:
    """One thing that a log may lack. `signals` can't fire in a conversation without it, `signals_of_none` in none at
    all where the whole log lacks it; `blind` says what pages can't show."""

    title: str
    blind: str
    signals: tuple[str, ...] = ()
    signals_of_none: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lack:
    """A gap as it is in one import: `share` of its conversations lack it, `silent` signals (codes) can't fire there."""

    gap: Gap
    share: float

    @property
    def silent(self) -> tuple[str, ...]:
        return self.gap.signals + (self.gap.signals_of_none if self.share == 1 else ())


GAPS = {
    "session": Gap(
        "Session",
        "Nothing joins what belongs together, so each trace, or each row without an id, counts as a conversation of its own: "
        "who came back with the same request, or gave up half way, can't be seen.",
    ),
    "times": Gap(
        "Times",
        "They are in no week: trends, escalation, weekly charts, first and last seen and the week filter leave them out.",
    ),
    "bot": Gap(
        "Bot's name",
        "They all count as one bot, “unknown”, so clusters and what is usual may mix several. Name it when importing.",
    ),
    "model": Gap("Model", "Unless the log names releases, what began with another model can't be told apart."),
    "model_version": Gap("Model version", "Unless the log names releases, these are only as fine as the model's name."),
    "prompt_version": Gap(
        "Prompt version", "Unless the log names releases, what began with another prompt can't be told apart."
    ),
    "tool_calls": Gap(
        "Tool calls",
        "Failures are told apart by what was said alone; the failing turn can't be a write, nor an outcome a hand-over by tool.",
        (
            "same-call-after-error",
            "three-errors",
            "tool-error",
            "error-claim",
            "repeated-write",
            "empty-result-claim",
            "same-call-loop",
        ),
        ("promise-without-call",),
    ),
    "tool_results": Gap(
        "Tool results",
        "Whether a call succeeded is unknown.",
        ("same-call-after-error", "three-errors", "tool-error", "error-claim", "repeated-write", "empty-result-claim"),
    ),
    "documents": Gap(
        "Documents",
        "What the bot was given to read is unknown, so nothing tells whether its answers rest on it.",
        ("low-coverage", "unsupported-numbers"),
        ("no-documents",),
    ),
    "citations": Gap("Citations", "The transcript can't show what a reply cites. No signal needs them."),
    "feedback": Gap("Feedback", "What users thought of it is unknown.", ("thumbs-down",)),
    "outcome": Gap(
        "Outcome",
        "How it ended is derived from a reward, the way it stopped or a hand-over; where these are missing too it stays unknown.",
        ("abandoned",),
    ),
}
"""By the names of `parts.GAPS`."""


def lacks(shares: Mapping[str, float]) -> list[Lack]:
    """What a manifest's `gaps` (share of conversations without, by name) say is missing, the most first."""
    found = [Lack(GAPS[name], share) for name, share in shares.items() if share > 0 and name in GAPS]
    return sorted(found, key=lambda lack: -lack.share)


def complete(shares: Mapping[str, float]) -> list[str]:
    """The titles of what every conversation has."""
    return [GAPS[name].title for name, share in shares.items() if share == 0 and name in GAPS]
