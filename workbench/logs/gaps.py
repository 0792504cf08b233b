"""What a log lacks, and what pages can't show because of it: gaps must not look like health."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workbench.conversation import Conversation
from workbench.conversation.roles import is_bot, is_tool, is_user, side_of
from workbench.text.escaping import visible

_ROLES_SHOWN = 12


@dataclass(frozen=True)
class Gap:
    """One thing that a log may lack. Which signals are blind without it, the signals say (`failures.gaps`)."""

    title: str
    """What is lacking, as a page calls it."""
    blind: str
    """What pages can't show without it, in a sentence or two."""
    by_role: bool = False
    """Whether the roles of the turns decide if it is there."""


@dataclass(frozen=True)
class Lack:
    """A gap as it is in one import or one bot's log."""

    name: str
    """The gap's name in `GAPS`."""
    share: float
    """The share of the conversations that lack it, above 0 and up to 1."""
    roles: tuple[str, ...] = ()
    """The roles that were met, where these decide."""

    @property
    def gap(self) -> Gap:
        """What is lacking."""
        return GAPS[self.name]

    @property
    def blind(self) -> str:
        """What can't be seen, with the roles that were met where these decide."""
        return f"{self.gap.blind} {_roles_met(self.roles)}" if self.gap.by_role and self.roles else self.gap.blind


GAPS = {
    "session": Gap(
        "Session",
        "Nothing joins what belongs together, so each trace, or each row without an id, counts as a conversation of its own: "
        "who came back with the same request, or gave up half way, can't be seen.",
    ),
    "user_words": Gap(
        "User's words",
        "No turn is the user's, so what was asked is unknown: they can't be grouped, searched or compared by their requests.",
        by_role=True,
    ),
    "bot_words": Gap(
        "Bot's words",
        "No turn is the bot's: neither its replies nor its calls are judged, and the failing turn can be none of them.",
        by_role=True,
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
    ),
    "tool_results": Gap(
        "Tool results",
        "Whether a call succeeded is unknown.",
    ),
    "documents": Gap(
        "Documents",
        "What the bot was given to read is unknown, so nothing tells whether its answers rest on it.",
    ),
    "citations": Gap("Citations", "The transcript can't show what a reply cites. No signal needs them."),
    "feedback": Gap("Feedback", "What users thought of it is unknown."),
    "outcome": Gap(
        "Outcome",
        "How it ended is derived from a reward, the way it stopped or a hand-over; where these are missing too it stays unknown.",
    ),
}


def missing(conversation: Conversation, joined: bool) -> Iterator[str]:
    """What this conversation lacks, of GAPS; `joined` says that the log itself names it."""
    turns = conversation.turns
    present = {
        "session": joined,
        "user_words": any(is_user(turn.role) for turn in turns),
        "bot_words": any(is_bot(turn.role) for turn in turns),
        "times": conversation.started_at is not None,
        "bot": conversation.bot != "unknown",
        "model": conversation.model is not None,
        "model_version": conversation.model_version is not None,
        "prompt_version": conversation.prompt_version is not None,
        "tool_calls": any(turn.tool_calls for turn in turns),
        "tool_results": any(is_tool(turn.role) for turn in turns),
        "documents": bool(conversation.retrieved) or any(turn.retrieved for turn in turns),
        "citations": any(turn.citations for turn in turns),
        "feedback": conversation.feedback_score is not None
        or conversation.feedback_text is not None
        or any(turn.feedback is not None for turn in turns),
        "outcome": conversation.outcome is not None,
    }
    return (gap for gap in GAPS if not present[gap])


def lacks(shares: Mapping[str, float], roles: Sequence[str] = ()) -> list[Lack]:
    """What a manifest's `gaps` (share of conversations without, by name) and `roles` say is missing, the most first."""
    lacking = [
        Lack(name, share, tuple(roles) if GAPS[name].by_role else ())
        for name, share in shares.items()
        if share > 0 and name in GAPS
    ]
    return sorted(lacking, key=lambda lack: -lack.share)


def complete(shares: Mapping[str, float]) -> list[str]:
    """The titles of what every conversation has."""
    return [GAPS[name].title for name, share in shares.items() if share == 0 and name in GAPS]


def _roles_met(roles: Sequence[str]) -> str:
    """Which roles were met, and where to say who they are."""
    unknown_first = sorted(roles, key=lambda role: side_of(role) is not None)
    met = ", ".join(
        f"“{visible(role)}”" + " (unknown)" * (side_of(role) is None) for role in unknown_first[:_ROLES_SHOWN]
    )
    more = f" and {len(roles) - _ROLES_SHOWN} more" if len(roles) > _ROLES_SHOWN else ""
    return f"Roles met: {met}{more}. Who is the user and who the bot, [roles] of a mapping says."
