"""A conversation that is open is read and masked once a snapshot, however long it is and however often it is clicked."""

from collections.abc import Callable

import pytest

from workbench.bench import opened
from workbench.bench.opened import Opened, OpenedConversations
from workbench.conversation.model import Conversation, Turn


@pytest.fixture
def reads() -> list[str]:
    """The conversations that were read, in order."""
    return []


def of_length(reads: list[str], key: str, turns: int) -> Callable[[], Opened]:
    def read() -> Opened:
        reads.append(key)
        return Opened.of(Conversation(key, turns=[Turn(n, "user", f"line {n}") for n in range(turns)]), [])

    return read


def test_a_conversation_is_read_once_a_snapshot(reads: list[str]) -> None:
    kept = OpenedConversations()
    for snapshot, key in (("S1", "a"), ("S1", "b"), ("S1", "a"), ("S2", "a"), ("S2", "a")):
        kept.get(snapshot, key, of_length(reads, key, 2))
    assert reads == ["a", "b", "a"]


def test_of_several_long_ones_that_asked_for_longest_ago_goes(
    reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "MOST_TURNS", 10)
    kept = OpenedConversations()
    for key, turns in (("a", 4), ("b", 4), ("a", 4), ("c", 4), ("a", 4), ("b", 4), ("long", 50), ("long", 50)):
        kept.get("S1", key, of_length(reads, key, turns))
    assert reads == ["a", "b", "c", "b", "long"]


def test_what_a_snapshot_has_not_is_not_kept(reads: list[str]) -> None:
    kept = OpenedConversations()
    assert kept.get("S1", "a", lambda: None) is None
    assert kept.get("S1", "a", of_length(reads, "a", 1)) is not None
