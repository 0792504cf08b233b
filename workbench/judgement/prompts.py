"""Prompts and policies: what a bot was told to do, as text, by the version that the log names."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.errors import UserError
from workbench.judgement.journal import JournalPart
from workbench.judgement.kinds import PROMPT
from workbench.judgement.records.pod import Prompt

EVERY = "*"
"""Names the text that holds whatever the version: a policy."""
LONGEST_TEXT, LONGEST_NAME = 200_000, 200
"""Characters."""


class Prompts(JournalPart):
    """The texts of a judgement store, by bot and version."""

    def all(self) -> list[Prompt]:
        """Every text, by bot and version."""
        return self._journal.all(PROMPT)

    def of(self, bot: str) -> dict[str, Prompt]:
        """The texts of a bot by version."""
        return {prompt.name: prompt for prompt in self.all() if prompt.bot == bot}

    def set_each(self, bot: str, texts: Mapping[str, str], *, actor: str) -> list[int]:
        """Keep the text of each of these versions, all or none; an empty one takes the text away. The events that it took.

        Raises `UserError` for a bot or a version without a name, and for a text that is too long.
        """
        with self._journal.changing(actor) as change:
            before = change.sequence
            for name, text in texts.items():
                bot, name, text = bot.strip(), name.strip(), text.strip("\r\n")
                _refuse(bot, name, text)
                current = change.get(PROMPT, bot, name)
                if current is not None and current.text == text:
                    continue
                kept = Prompt(bot, name, text, change.actor, change.at) if text.strip() else None
                change.put(PROMPT, (bot, name), kept, "set" if kept else "removed")
            return list(range(before + 1, change.sequence + 1))


def _refuse(bot: str, name: str, text: str) -> None:
    if not bot or not name or max(len(bot), len(name)) > LONGEST_NAME:
        raise UserError(f"A text needs a bot and a version, each of at most {LONGEST_NAME} characters.")
    if len(text) > LONGEST_TEXT:
        raise UserError(
            f"The text of {name} has {len(text):,} characters; {LONGEST_TEXT:,} are the most. Leave out what is no prompt."
        )
