from workbench.conversation import Conversation
from workbench.conversation.model import Document, ToolCall, Turn
from workbench.failures.circumstances import circumstances


def test_what_was_in_service_is_named_as_it_may_be_shown() -> None:
    conversation = Conversation(
        "c",
        "bot",
        [Turn(0, "assistant", tool_calls=[ToolCall("find_order"), ToolCall("ask ana@example.com")])],
        model="gpt-4.1",
        prompt_version="v7 by bo@example.com",
        retrieved=[Document("doc-1")],
    )
    named = circumstances(conversation)
    shown = {(kind, value.split("~")[0]) for kind, value in named}
    assert shown == {
        ("model", "gpt-4.1"),
        ("prompt_version", "v7 by [email]"),
        ("release", "gpt-4.1 · v7 by [email]"),
        ("tool", "find_order"),
        ("tool", "ask [email]"),
        ("document", "doc-1"),
    }
    assert len(named) == len(shown)
