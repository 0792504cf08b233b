"""What a person says of a cluster or of a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

TARGET_KINDS = ("cluster", "conversation")


@dataclass(frozen=True)
class Label:
    """What a person said of a cluster or of one conversation."""

    target_kind: str
    """One of `TARGET_KINDS`."""
    target: str
    """A cluster's FC-id or a conversation's key."""
    cause: str | None = None
    """The code of the root cause."""
    contributing: list[str] = field(default_factory=list)
    """Codes of the causes that contributed."""
    disposition: str | None = None
    """The code of what it is where it is no fault of the bot."""
    severity: str | None = None
    """S1 to S4."""
    note: str = ""
    """In the person's words."""
    by: str = ""
    """Who said it."""
    at: datetime = datetime.min
    """When it was said, UTC."""
    about: dict[str, Any] = field(default_factory=dict)
    """What the evidence had of the target at that time, e.g. bot and conversation_id: the label is read without it."""
    inherited_from: str | None = None
    """The cluster that a split or merge took it from."""
    decided_by: str | None = None
    """Who said its root cause or disposition; None where nobody did, or before this was kept."""
    decided_at: datetime | None = None
    """When that was said, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""

    @property
    def decides(self) -> bool:
        """Whether it says what its target is, by a root cause or a disposition; a severity or a note alone doesn't."""
        return bool(self.cause or self.disposition)


class LabelChange(TypedDict, total=False):
    """What a person says of several conversations at once, each part by its own key."""

    cause: str | None
    contributing: Sequence[str]
    disposition: str | None
    severity: str | None
    note: str
