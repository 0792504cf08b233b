"""What one import read, as its part and every snapshot built from it keep it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from workbench.conversation.outcome import DEFAULT_RULES, FailRule, parse_rules
from workbench.logs.values.json_object import JsonFields, JsonObject


@dataclass
class Manifest:
    """What one import read. rows_read == rows_kept + rows_rejected + rows_duplicate, always.

    `gaps` gives, for each thing that a log may lack, the share of the kept conversations without it, `roles` some of the
    roles that were met, masked. `notes` are sentences for a person: a file without rows, rejects that were counted but not kept.
    """

    import_id: str
    created_at: str
    actor: str
    format: str
    files: list[JsonObject]
    refused: list[dict[str, str]]
    rows_read: int = 0
    rows_kept: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    conversations: int = 0
    turns: int = 0
    duplicates: int = 0
    options: JsonObject = field(default_factory=dict)
    gaps: dict[str, float] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def rules(self) -> tuple[FailRule, ...]:
        """Which values mean that a conversation of this import failed: what its mapping says, else the default."""
        conditions = self.options.get("fails_when") or {}
        return (*parse_rules(conditions), *(rule for rule in DEFAULT_RULES if rule.column not in conditions))

    @classmethod
    def of(cls, raw: JsonFields) -> Manifest:
        """A manifest from its JSON; what this program doesn't know of it is dropped."""
        names = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in raw.items() if name in names})
