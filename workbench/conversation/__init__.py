"""The one shape of a conversation: turns, roles, tool calls, how it ended. Hands on the names that everybody needs."""

from workbench.conversation.model import (
    OUTCOMES,
    Conversation,
    Document,
    ToolCall,
    Turn,
    attach_tool_results,
    conversation_key,
)

__all__ = ["OUTCOMES", "Conversation", "Document", "ToolCall", "Turn", "attach_tool_results", "conversation_key"]
