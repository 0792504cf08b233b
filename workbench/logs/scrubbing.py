"""Masking while a log comes in: what is masked then is never kept, so nobody can see it again, and no erasure has to find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workbench.conversation import Conversation
from workbench.conversation.masked import masked
from workbench.logs.values.records import Reject
from workbench.text.masking import mask

SCRUBBED = (
    "Masked as it came in: what was logged there can't be had back from this store. Earlier imports stay as they are."
)
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def scrubbed(conversation: Conversation, digest: Callable[[str], str]) -> Conversation:
    """The conversation with every text masked for good, known from then on by the id that it has after it.

    An id of a conversation or of a user that held something personal is told apart from others by part of its keyed `digest` (64 hex
    digits, the same for the same id in one store), in letters, so that no digits of it are taken for a number.
    """
    copy = masked(conversation)

    def apart(logged: str, shown: str) -> str:
        return f"{shown} {digest(logged)[:12].translate(_LETTERS)}"

    conversation_id, user_id = conversation.conversation_id, conversation.user_id
    if copy.conversation_id != conversation_id:
        conversation_id = apart(conversation_id, mask(conversation_id))
    if user_id is not None and copy.user_id is not None and copy.user_id != user_id:
        user_id = apart(user_id, copy.user_id)
    return replace(copy, conversation_id=conversation_id, user_id=user_id)


def scrubbed_reject(reject: Reject) -> Reject:
    """A rejected row with what was logged in it masked."""
    return replace(reject, reason=mask(reject.reason), value=mask(reject.value))
