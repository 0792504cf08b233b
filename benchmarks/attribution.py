"""Where did it first go wrong? The guess of the failing turn against what people, and annotators, said.

    python benchmarks/attribution.py [--logs ../shared/logs] [--json]

*teams*: whowhen-dev.parquet, failures of teams of agents in which people named the agent and the step of the decisive
mistake (Who&When, Zhang et al. 2025, "Which Agent Causes Task Failures and When?"). Exact step and agent of the first guess,
with Wilson 95 % intervals, by the log's two kinds and by half: rules were settled on the even half (SHA-256 of the id), the
odd one was only measured. Beside it: the second step, the first code or else the second step, the last turn, and a random
turn of the agents' (expectation).
*agents*: 30 failures of agents.parquet that two annotators read before any rule was changed (data/failing_turns.json; two
sessions of one model: their agreement flatters). Where they differ either counts. First guess exact; one of up to three
within an exchange (two turns); against "last change, else last reply" and against three random turns: the expectation over
all draws, once of all turns, once of the turns in which bot or user speak. Rules were made with these thirty in view: the
figures say that the rules fit, not how they will fare elsewhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.tiers import judged
from workbench.conversation.model import Conversation, Turn
from workbench.conversation.roles import is_bot, is_tool
from workbench.conversation.tool_calls import bot_calls
from workbench.failures.agent_runs import leader
from workbench.logs.formats import LoggedConversation, ReadOptions, chat, open_source
from workbench.stats import wilson

ANNOTATED = Path(__file__).parent / "data" / "failing_turns.json"
EXCHANGE = 2
GUESSES = 3
Guess = Callable[[Conversation], int | None]


@dataclass(frozen=True)
class Share:
    """How many of how many, with a Wilson 95 % interval."""

    hits: int
    total: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class TeamFigures:
    """How one rule fares on the failures of teams."""

    kind: str
    half: str
    rule: str
    step: Share
    agent: Share


@dataclass(frozen=True)
class AgentFigures:
    """How one rule fares on the thirty annotated failures; `abstained` of them have no guess."""

    rule: str
    first_exact: float
    first_within_an_exchange: float
    one_of_three_within_an_exchange: float
    abstained: int
    exact_interval: tuple[float, float] | None = None
    three_interval: tuple[float, float] | None = None


def main() -> None:
    """Print the figures as tables, or as one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--logs", type=Path, default=ROOT.parent / "shared" / "logs")
    arguments = parser.parse_args()
    teams = team_figures(load(arguments.logs / "whowhen-dev.parquet"))
    agents = agent_figures(load(arguments.logs / "agents.parquet"))
    if arguments.json:
        print(json.dumps({"teams": [asdict(row) for row in teams], "agents": [asdict(row) for row in agents]}))
    else:
        show(teams, agents)


def load(path: Path) -> list[Conversation]:
    """The conversations of a log in the chat layout."""
    with TemporaryDirectory() as scratch:
        rows = chat.read([open_source(path)], ReadOptions(), Path(scratch))
        return [row.conversation for row in rows if isinstance(row, LoggedConversation)]


def ours(conversations: Sequence[Conversation]) -> dict[str, list[int]]:
    """Up to three positions to look at first for each conversation, by its key."""
    guesses: dict[str, list[int]] = {}
    for bot in {conversation.bot for conversation in conversations}:
        own = [each for each in conversations if each.bot == bot]
        for each, analysis in zip(own, judged(own), strict=True):
            guesses[each.key] = [candidate.position for candidate in analysis.candidates]
    return guesses


def share(hits: Sequence[bool]) -> Share:
    """The hits as a share with its interval."""
    return Share(sum(hits), len(hits), round(fmean(hits), 3), *interval(hits))


# --- teams of agents ------------------------------------------------------------------------------------------------


def team_figures(conversations: Sequence[Conversation]) -> list[TeamFigures]:
    """Our rule and trivial ones by kind and half."""
    guessed = ours(conversations)
    rules: dict[str, Guess] = {
        "ours": lambda each: next(iter(guessed[each.key]), None),
        "second step": second_step,
        "first code, else second step": lambda each: first_code(each, second_step(each)),
        "last turn": lambda each: each.turns[-1].position,
    }
    figures = []
    for kind in sorted({each.bot for each in conversations}):
        for half in ("even", "odd", "both"):
            own = [each for each in conversations if each.bot == kind and half in (half_of(each), "both")]
            figures += [team_row(kind, half, rule, own, guess) for rule, guess in rules.items()]
    return figures


def half_of(conversation: Conversation) -> str:
    """The half that a conversation's id falls in: rules were settled on the even one."""
    return "odd" if int(hashlib.sha256(conversation.conversation_id.encode()).hexdigest(), 16) % 2 else "even"


def team_row(kind: str, half: str, rule: str, own: Sequence[Conversation], guess: Guess) -> TeamFigures:
    """How one rule fares on these."""
    positions = [guess(each) for each in own]
    steps = [position == each.metadata["mistake_turn"] for each, position in zip(own, positions, strict=True)]
    agents = [
        agent_at(each, position) == each.metadata["mistake_agent"]
        for each, position in zip(own, positions, strict=True)
    ]
    return TeamFigures(kind, half, rule, share(steps), share(agents))


def agent_at(conversation: Conversation, position: int | None) -> str | None:
    """Who speaks at a position; a leader that thinks or gives orders under several names is one agent."""
    if position is None or (name := conversation.turns[position].name) is None:
        return None
    names = frozenset(turn.name for turn in conversation.turns if turn.name and is_bot(turn.role))
    return leader(name, names) or name


def steps_of(conversation: Conversation) -> list[Turn]:
    """The turns in which an agent speaks."""
    return [turn for turn in conversation.turns if is_bot(turn.role)]


def second_step(conversation: Conversation) -> int | None:
    """The second turn of the agents'."""
    return next((turn.position for turn in steps_of(conversation)[1:]), None)


def first_code(conversation: Conversation, otherwise: int | None) -> int | None:
    """The first turn of the agents' that holds code."""
    return next((turn.position for turn in steps_of(conversation) if "```" in turn.content), otherwise)


# --- a bot and its user ---------------------------------------------------------------------------------------------


def agent_figures(conversations: Sequence[Conversation]) -> list[AgentFigures]:
    """Our rule, the default of old, and three random turns."""
    annotated = {row["conversation_id"]: row for row in json.loads(ANNOTATED.read_text("utf-8"))["failures"]}
    guessed = ours(conversations)
    own = [each for each in conversations if each.conversation_id in annotated]
    accepted = {each.key: frozenset(annotated[each.conversation_id]["accepted"]) for each in own}
    return [
        guessing("ours", own, accepted, {each.key: guessed[each.key] for each in own}),
        guessing("last change, else last reply", own, accepted, {each.key: [last_change(each)] for each in own}),
        drawing("three random turns", own, accepted, lambda turn: True),
        drawing("three random turns of bot or user", own, accepted, lambda turn: not is_tool(turn.role)),
    ]


def last_change(conversation: Conversation) -> int:
    """The last change that went through, else the bot's last turn."""
    writes = [call.position for call in bot_calls(conversation) if call.kind == "write" and call.succeeded]
    return writes[-1] if writes else max(turn.position for turn in conversation.turns if is_bot(turn.role))


def near(position: int, accepted: frozenset[int]) -> bool:
    """Whether a position lies within an exchange of an accepted one."""
    return any(abs(position - place) <= EXCHANGE for place in accepted)


def guessing(
    rule: str, own: Sequence[Conversation], accepted: dict[str, frozenset[int]], guesses: dict[str, list[int]]
) -> AgentFigures:
    """How a rule with definite guesses fares; to abstain counts as a miss."""
    exact = [guesses[each.key][:1] != [] and guesses[each.key][0] in accepted[each.key] for each in own]
    first = [any(near(position, accepted[each.key]) for position in guesses[each.key][:1]) for each in own]
    three = [any(near(position, accepted[each.key]) for position in guesses[each.key]) for each in own]
    return AgentFigures(
        rule,
        first_exact=round(fmean(exact), 3),
        first_within_an_exchange=round(fmean(first), 3),
        one_of_three_within_an_exchange=round(fmean(three), 3),
        abstained=sum(not guesses[each.key] for each in own),
        exact_interval=interval(exact),
        three_interval=interval(three),
    )


def interval(hits: Sequence[bool]) -> tuple[float, float]:
    """Wilson's 95 % interval of the share of hits."""
    low, high = wilson(sum(hits), len(hits))
    return round(low, 3), round(high, 3)


def drawing(
    rule: str, own: Sequence[Conversation], accepted: dict[str, frozenset[int]], may: Callable[[Turn], bool]
) -> AgentFigures:
    """What random turns hit on average: one for the first, three without repetition for the three."""
    exact, first, three = [], [], []
    for each in own:
        places = [turn.position for turn in each.turns if may(turn)]
        close = sum(near(place, accepted[each.key]) for place in places)
        drawn = min(GUESSES, len(places))
        exact.append(len(accepted[each.key].intersection(places)) / len(places))
        first.append(close / len(places))
        three.append(1 - comb(len(places) - close, drawn) / comb(len(places), drawn))
    return AgentFigures(rule, round(fmean(exact), 3), round(fmean(first), 3), round(fmean(three), 3), abstained=0)


# --- on a terminal --------------------------------------------------------------------------------------------------


def show(teams: Sequence[TeamFigures], agents: Sequence[AgentFigures]) -> None:
    """The figures as two tables."""
    for row in teams:
        step, agent = (f"{each.share:.3f} [{each.low:.3f}, {each.high:.3f}]" for each in (row.step, row.agent))
        print(f"{row.kind:<20} {row.half:<5} {row.rule:<30} n {row.step.total:>3}  step {step}  agent {agent}")
    print()
    for each in agents:
        intervals = f"  {each.exact_interval} {each.three_interval}" if each.exact_interval else ""
        print(
            f"{each.rule:<36} first exact {each.first_exact:.3f}, within an exchange {each.first_within_an_exchange:.3f};"
            f" one of three {each.one_of_three_within_an_exchange:.3f}; abstained {each.abstained}{intervals}"
        )


if __name__ == "__main__":
    main()
