"""What is usual for a bot, counted from the conversations of a test."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.conversation import Conversation
from workbench.failures.signals import BotNorms, Observations, bot_norms, observe


def norms_of(conversations: Iterable[Conversation]) -> BotNorms:
    """The norms of one bot's conversations."""
    return bot_norms(Observations.of([observe(conversation) for conversation in conversations]))
