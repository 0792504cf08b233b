"""What one import read, as its part and every snapshot built from it keep it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from workbench.conversation.outcome import DEFAULT_RULES, FailRule, parse_rules
from workbench.logs.values.json_object import JsonFields, JsonObject


@dataclass
class Manifest:
    """What one import read. rows_read == rows_kept + rows_rejected + rows_duplicate, always."""

    import_id: str
    """`I000001` and so on."""
    created_at: str
    """When it began, in UTC, as ISO 8601 with a Z."""
    actor: str
    """Who imported."""
    format: str
    """The formats in which its files were read, each once, with commas between."""
    files: list[JsonObject]
    """The files that were read: the fields of `SourceFile`, of a remote file its address as the path."""
    refused: list[dict[str, str]]
    """The files that could not be read: `file` and `reason`."""
    rows_read: int = 0
    """Rows of the log in the files that were read."""
    rows_kept: int = 0
    """Rows in the conversations that were kept."""
    rows_rejected: int = 0
    """Rows that can't be taken, with or without an entry in rejects.parquet."""
    rows_duplicate: int = 0
    """Rows of what was read before, here or in the store."""
    conversations: int = 0
    """How many were kept."""
    turns: int = 0
    """How many turns these have."""
    duplicates: int = 0
    """How many conversations were there already, or have a longer state in this import."""
    options: JsonObject = field(default_factory=dict)
    """The fields of `ReadOptions`, and the rules of the mapping under `fails_when`."""
    gaps: dict[str, float] = field(default_factory=dict)
    """For each thing that a log may lack, the share of the kept conversations without it, from 0 to 1."""
    roles: list[str] = field(default_factory=list)
    """Some of the roles that were met, masked."""
    sha256: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of each file of the part, by name; empty in a part of before there were checksums."""
    notes: list[str] = field(default_factory=list)
    """Sentences for a person: a file without rows, rejects that were counted but not kept."""

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
