"""Conversations that come again: the same, an older state, a later one, or the same judged by other rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from workbench.conversation import Conversation
from workbench.conversation.model import BEGINNING
from workbench.conversation.outcome import DEFAULT_RULES, FailRule
from workbench.logs.parts import opened_run, run_files

Rules = tuple[FailRule, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a conversation."""

    content_hash: str
    """The digest of its content."""
    beginnings: bytes
    """All its beginnings, as `Conversation.beginnings` has them."""
    rules: Rules = DEFAULT_RULES
    """What it is judged by."""

    @classmethod
    def of(cls, conversation: Conversation, rules: Rules = DEFAULT_RULES) -> Version:
        """The state in which a conversation is, judged by these rules."""
        return cls(conversation.content_hash, conversation.beginnings, rules)

    def goes_on_from(self, older: Version) -> bool:
        """Whether this has every turn of the older one, as it was, and more."""
        length = len(older.beginnings)
        return 0 < length < len(self.beginnings) and (
            self.beginnings[:length][-BEGINNING:] == older.beginnings[-BEGINNING:]
        )


def versions(folder: Path, rules: Rules) -> dict[str, Version]:
    """What a part holds, by the conversations' keys; `rules` are those of its import."""
    by_key: dict[str, Version] = {}
    for file in run_files(folder):
        with opened_run(file) as opened:
            table = opened.read(["key", "content_hash", "beginnings"])
        contents = table["content_hash"].to_pylist()
        begun = table["beginnings"].to_pylist() if "beginnings" in table.column_names else [b""] * len(contents)
        for key, content, beginnings in zip(table["key"].to_pylist(), contents, begun, strict=True):
            by_key[key] = Version(content, beginnings or b"", rules)  # older parts have no beginnings
    return by_key


def keys(folder: Path) -> list[str]:
    """The keys of a part's conversations."""
    return [key for file in run_files(folder) for key in pq.read_table(file, columns=["key"])["key"].to_pylist()]
