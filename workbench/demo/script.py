"""The small language that the demo's conversations are written in.

A *play* (workbench/demo/data/<bot>.toml) holds one bot's intents, failure modes, phrases, documents and releases. A
script is read line by line:

    user: text             what the customer says; `user=ask: …` keeps the words as $ask, to be said again later
    bot: text              a reply; `bot=answer:` marks the one that settles the request
    cut: text              a reply that stops in the middle (finish_reason length)
    blocked: text          a reply that a content filter put there (finish_reason content_filter)
    call: tool {json}      a tool call, or `call: again`; `result: {json}` or `error: 503 text` answers it
    again: 3..5            the last call and its result, repeated that many times
    docs: id .82, id .6 | query   documents given to the next reply; `none` where nothing was found
    cite: id, id           documents that the last reply cites
    do: name               a fragment, or one of its alternatives
    end:                   the customer is gone

`30% ` before a line plays it in that share of the conversations (lines that follow each other share one draw); `!` marks
the failing turn. In texts `[a|b|]` is a
choice, `{phrase}` a phrase, `$slot` a value that stays the same throughout one conversation.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
_LINE = re.compile(
    r"(?:(?P<share>\d+)% )?(?P<failing>!?)"
    r"(?P<kind>user|bot|cut|blocked|call|result|error|again|docs|cite|do|end)(?:=(?P<name>\w+))?:(?: (?P<text>.*))?"
)


@dataclass(frozen=True)
class Line:
    """One line of a script."""

    kind: str
    """user, bot, call and so on."""
    text: str = ""
    """What stands after the colon."""
    name: str | None = None
    """The part after `=`."""
    share: float = 1.0
    """Of the conversations that play it."""
    failing: bool = False
    """Whether it is the failing turn."""


@dataclass(frozen=True)
class Play:
    """What one bot's file says, with what all bots have in common."""

    bot: str
    """The bot, as its file is called."""
    phrases: dict[str, list[str]]
    """Ways to say something, by the name that a script draws them by."""
    fragments: dict[str, list[str]]
    """Scripts of a part of a conversation, by the name that `do:` plays them by."""
    misleading: dict[str, list[str]]
    """The same of what looks like failing in a success."""
    tails: list[str]
    """Names of fragments that may follow once the request is settled."""
    slots: dict[str, Any]
    """How the value of a slot is drawn, by its name."""
    docs: dict[str, dict[str, str]]
    """Documents to retrieve and cite, by id: their title, text and so on."""
    search_tool: str | None
    """The tool that retrieves them; None where documents come without a call."""
    intents: dict[str, dict[str, Any]]
    """What users want, by name: how often, in which scripts."""
    modes: list[dict[str, Any]]
    """The ways of failing that are planted."""
    releases: list[dict[str, Any]]
    """The bot's releases in order of time, with their models and prompts."""
    channels: dict[str, int]
    """How often each channel is used, as weights."""
    share: float
    """The bot's share of all of the demo's conversations, 0 to 1."""
    first: list[str]
    """First names of users."""
    last: list[str]
    """Last names of users."""
    praise: list[str]
    """What users write beside a thumb up."""
    blame: list[str]
    """What users write beside a thumb down."""


@cache
def load_play(bot: str) -> Play:
    """The play of one bot."""
    common = tomllib.loads((DATA / "common.toml").read_text("utf-8"))
    own = tomllib.loads((DATA / f"{bot}.toml").read_text("utf-8"))
    return Play(
        bot=bot,
        phrases=common["phrases"] | own["phrases"],
        fragments=common["fragments"] | own["fragments"],
        misleading=own["misleading"],
        tails=own["tails"],
        slots=own["slots"],
        docs=own.get("docs", {}),
        search_tool=own.get("search_tool"),
        intents=own["intents"],
        modes=own["modes"],
        releases=own["releases"],
        channels=own["channels"],
        share=own["share"],
        **{name: common[name] for name in ("first", "last", "praise", "blame")},
    )


def load_prompts() -> dict[str, dict[str, str]]:
    """What each bot was told, by version."""
    bots: dict[str, dict[str, str]] = tomllib.loads((DATA / "prompts.toml").read_text("utf-8"))
    return bots


@cache
def parse(script: str) -> tuple[Line, ...]:
    """The lines of a script; ValueError names a line that is none."""
    lines = []
    for raw in filter(None, (line.strip() for line in script.splitlines())):
        match = _LINE.fullmatch(raw)
        if match is None:
            raise ValueError(f"not a line of a script: {raw!r}")
        lines.append(
            Line(
                kind=match["kind"],
                text=match["text"] or "",
                name=match["name"],
                share=int(match["share"] or 100) / 100,
                failing=bool(match["failing"]),
            )
        )
    return tuple(lines)
