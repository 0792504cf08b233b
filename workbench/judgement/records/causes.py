"""Root causes as a pod changed them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class CauseEdit:
    """A root cause that a pod added or changed; it stands over the default of the same code."""

    code: str
    """What labels keep."""
    title: str = ""
    """What people see."""
    meaning: str = ""
    """What it means, in a sentence."""
    discipline: str = ""
    """Who can mend it."""
    hint: str = ""
    """What in the log suggests it."""
    examples: list[str] = field(default_factory=list)
    """Examples, in the pod's words."""
    retired: bool = False
    """Whether it is offered no more."""
    merged_into: str | None = None
    """The code that its labels follow to."""
    by: str = ""
    """Who changed it last."""
    at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""
