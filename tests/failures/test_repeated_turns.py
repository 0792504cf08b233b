from datetime import datetime

from workbench.conversation.model import Conversation, Turn
from workbench.failures import repeated_turns
from workbench.failures.signals import Observations, observe


def row(name: str, *texts: str) -> Conversation:
    """User and bot in turn."""
    turns = [Turn(n, "assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]
    return Conversation(name, "b", turns)


def new_from(*rows: Conversation) -> dict[str, int]:
    begins = repeated_turns.new_from(Observations.of([observe(each) for each in rows])).tolist()
    return {each.conversation_id: begin for each, begin in zip(rows, begins, strict=True)}


def test_a_log_line_a_turn_is_one_dialogue_whose_turns_count_once() -> None:
    assert new_from(
        row("third", "hi", "hello", "a?", "A", "b?", "B"), row("first", "hi", "hello"), row("second", "hi", "hello", "a?", "A")
    ) == {"first": 0, "second": 2, "third": 4}  # fmt: skip


def test_several_answers_to_one_context_share_its_turns_once() -> None:
    found = new_from(*(row(name, "hi", "hello", "a?", f"answer {name}") for name in ("x", "y", "z")))
    assert sorted(found.values()) == [0, 3, 3]


def test_the_same_first_message_alone_is_no_repeat() -> None:
    assert new_from(row("x", "hi", "hello"), row("y", "hi", "good day")) == {"x": 0, "y": 0}


def test_a_shared_beginning_that_is_nobodys_context_is_no_repeat() -> None:
    assert new_from(row("x", "hi", "hello", "a?", "A"), row("y", "hi", "hello", "b?", "B")) == {"x": 0, "y": 0}


def test_two_people_who_say_the_same_at_other_times_are_two_conversations() -> None:
    morning, evening = row("x", "track", "ok", "1", "lost"), row("y", "track", "ok", "1", "lost", "again", "lost")
    morning.started_at, evening.started_at = datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 18)
    assert new_from(morning, evening) == {"x": 0, "y": 0}


def test_exact_copies_under_several_ids_are_so_many_conversations() -> None:
    assert new_from(row("x", "a", "b", "c", ""), row("y", "a", "b", "c", "")) == {"x": 0, "y": 0}
