"""What a bot was told to do, version by version, and what changed from one to the next. All texts leave here masked."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.evidence.overview_rows import VersionRecord
from workbench.judgement.prompts import EVERY
from workbench.judgement.records.pod import Prompt
from workbench.text.masking import mask

CONTEXT = 2
"""Lines that stay the same, shown around those that changed."""
MOST_LINES = 400
"""Lines of a comparison that are kept; beyond that nobody reads it, and the texts themselves are there."""


@dataclass(frozen=True)
class PromptVersion:
    """One version of a bot's prompt: of the log, of the texts that people brought in, or of both."""

    bot: str
    """The bot, as logged."""
    name: str
    """The version, as logged; `EVERY` for what holds for all."""
    text: str | None
    """What the model was given, masked; None where nobody brought it in."""
    by: str | None
    """Who brought it in."""
    at: datetime | None
    """When, naive UTC."""
    conversations: int
    """Conversations that ran with it; 0 where the log doesn't know it."""
    first_seen: datetime | None
    """When the first of them began, naive UTC."""
    last_seen: datetime | None
    """When the last of them began."""


CAME, WENT, STAYED, LEFT_OUT = "+", "-", " ", "…"
"""What became of a line, by the mark that it is shown with; `LEFT_OUT` stands for lines that stayed and are not shown."""


@dataclass(frozen=True)
class PromptLine:
    """One line of a comparison."""

    mark: str
    """`CAME`, `WENT`, `STAYED` or `LEFT_OUT`."""
    text: str
    """The line, masked."""


@dataclass(frozen=True)
class PromptChange:
    """What changed between two versions of a prompt, line by line."""

    before: str
    """The one version."""
    after: str
    """The other."""
    lines: list[PromptLine]
    """What came and went with the lines around it; empty where nothing shows."""
    added: int
    """Lines that came."""
    removed: int
    """Lines that went."""
    masked_only: bool = False
    """Whether they differ in what is masked alone."""


@dataclass(frozen=True)
class Running:
    """What a conversation ran with."""

    bot: str
    """Its bot, as logged."""
    version: str | None
    """The prompt version that the log names."""
    prompt: PromptVersion | None = None
    """Its text; None where nobody brought it in."""
    policy: PromptVersion | None = None
    """What holds for every version of the bot."""
    change: PromptChange | None = None
    """What changed from the version before it that has a text."""
    others: bool = False
    """Whether the bot has any text at all."""


@dataclass(frozen=True)
class ReleaseChange:
    """The prompts of two releases beside each other."""

    here: list[str]
    """The prompt versions of the first."""
    there: list[str]
    """Those of the second."""
    change: PromptChange | None = None
    """What changed from the second to the first; None where a text is missing or each has not just one version."""
    missing: list[str] = field(default_factory=list)
    """The versions without a text."""


def prompt_versions(bench: Bench, bot: str) -> list[PromptVersion]:
    """Every version of a bot that the log or a text names: by first sight, then those that only texts have, then what holds for all."""
    logged = _logged(bench, bot)
    texts = bench.prompts.of(bot)
    names = [*logged, *sorted(name for name in texts if name not in logged)]
    names.sort(key=lambda name: name == EVERY)  # stable: all others stay in their order
    return [_version(bot, name, texts.get(name), logged.get(name)) for name in names]


def compared(bench: Bench, bot: str, before: str, after: str) -> PromptChange:
    """What changed between two versions of a bot's prompt; `UserError` for one without a text."""
    texts = bench.prompts.of(bot)
    for name in (before, after):
        if name not in texts:
            raise UserError(f"Nobody brought in the text of {name!r} of {bot!r}. It has: {', '.join(texts) or 'none'}.")
    return bench.remember(
        ("prompt change", bot, before, after), lambda: changed(before, texts[before].text, after, texts[after].text)
    )


def changed(before: str, text_before: str, after: str, text_after: str) -> PromptChange:
    """What changed from one text to another, line by line (`difflib`); what is masked is masked before it is compared."""
    old, new = mask(text_before).splitlines(), mask(text_after).splitlines()
    compared = list(difflib.unified_diff(old, new, n=CONTEXT, lineterm=""))[2:]
    lines = [PromptLine(LEFT_OUT, "") if line.startswith("@@") else PromptLine(line[0], line[1:]) for line in compared]
    if compared and compared[0].startswith(("@@ -1 ", "@@ -1,")):
        lines = lines[1:]  # nothing stands before it
    return PromptChange(
        before,
        after,
        lines[:MOST_LINES],
        added=sum(line.mark == CAME for line in lines),
        removed=sum(line.mark == WENT for line in lines),
        masked_only=not lines and text_before != text_after,
    )


def running(bench: Bench, key: str) -> Running:
    """What a conversation (its key) ran with, as far as somebody brought it in."""
    bot, name = bench.evidence.prompt_of(key)
    texts = bench.prompts.of(bot)
    if not texts:
        return Running(bot, name)
    logged = _logged(bench, bot)
    policy = _version(bot, EVERY, texts[EVERY], None) if EVERY in texts else None
    if name is None or name not in texts:
        return Running(bot, name, None, policy, others=True)
    earlier = [version for version in list(logged)[: list(logged).index(name)] if version in texts]
    return Running(
        bot,
        name,
        _version(bot, name, texts[name], logged.get(name)),
        policy,
        compared(bench, bot, earlier[-1], name) if earlier else None,
        others=True,
    )


def release_change(bench: Bench, bot: str, here: str, there: str) -> ReleaseChange:
    """What changed in the prompt from release `there` to release `here`."""
    first, second = bench.evidence.prompts_of(bot, here), bench.evidence.prompts_of(bot, there)
    texts = bench.prompts.of(bot)
    missing = [name for name in dict.fromkeys([*second, *first]) if name not in texts]
    if len(first) != 1 or len(second) != 1 or first == second or missing:
        return ReleaseChange(first, second, missing=missing)
    return ReleaseChange(first, second, compared(bench, bot, second[0], first[0]))


def before_it(versions: Sequence[PromptVersion], name: str) -> str | None:
    """The last version before this one that has a text; None where there is none."""
    names = [version.name for version in versions]
    earlier = versions[: names.index(name)] if name in names else []
    return next((version.name for version in reversed(earlier) if version.text is not None), None)


def _logged(bench: Bench, bot: str) -> dict[str, VersionRecord]:
    return {each.name: each for each in bench.evidence.versions() if each.bot == bot and each.kind == "prompt"}


def _version(bot: str, name: str, kept: Prompt | None, logged: VersionRecord | None) -> PromptVersion:
    return PromptVersion(
        bot,
        name,
        mask(kept.text) if kept else None,
        kept.by if kept else None,
        kept.at if kept else None,
        logged.conversations if logged else 0,
        logged.first_seen if logged else None,
        logged.last_seen if logged else None,
    )
