"""Every conversation of a log: observed by itself, then judged beside its bot's others and by what people said.

`observe` needs nothing but one conversation; `judge` what is usual for the bot, what others repeat, and `HumanInput`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from workbench.conversation import Conversation
from workbench.conversation.outcome import FailRule
from workbench.conversation.tool_calls import NOTHING_SAID, CallKind
from workbench.embedding import Vectors
from workbench.failures.action_trace import action_trace
from workbench.failures.analysis import analyse
from workbench.failures.case import Case, reply
from workbench.failures.circumstances import Circumstance, circumstances
from workbench.failures.failing_turn import HumanVerdict
from workbench.failures.learned_score import Example, Learned, facets, learn
from workbench.failures.repeated_turns import Repeats
from workbench.failures.return_visits import Visit, returns
from workbench.failures.signals import BotNorms, NormsCounter
from workbench.judgement.disabled_signals import disabled_codes
from workbench.judgement.records.reading import Verdict
from workbench.judgement.store import Judgement
from workbench.judgement.verdicts import agreed_verdict
from workbench.logs.parts import Part, read_manifest, read_part
from workbench.logs.versions import keys
from workbench.pipeline.job import Progress

REPORTED_EVERY = 500
"""Conversations between two reports of progress."""


@dataclass(frozen=True)
class HumanInput:
    """What people said that decides how a conversation is judged."""

    verdicts: Mapping[str, HumanVerdict] = field(default_factory=dict)
    """What readers agree on, by conversation key."""
    signals_off: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Codes of the signals that are switched off, by bot; under "" those off for every bot."""
    tools: Mapping[str, Mapping[str, CallKind]] = field(default_factory=dict)
    """What a bot's tools do, by bot and name of the tool, where people said it."""

    @classmethod
    def read(cls, judgement: Judgement) -> HumanInput:
        """What a judgement store holds now."""
        agreed = {key: agreed_finding(verdicts) for key, verdicts in judgement.verdicts.all().items()}
        return cls(
            {key: finding for key, finding in agreed.items() if finding},
            disabled_codes(judgement.pod.settings()),
            tool_kinds(judgement),
        )

    def off_for(self, bot: str) -> frozenset[str]:
        """The signals that are switched off for a bot, by itself or for all."""
        return self.signals_off.get(bot, frozenset()) | self.signals_off.get("", frozenset())


@dataclass(frozen=True, slots=True)
class Observation:
    """What one conversation shows by itself, whatever the others show and people say."""

    key: str
    """The conversation's key in the store."""
    conversation_id: str
    """Its id in the log."""
    bot: str
    """The bot that answered."""
    user_id: str | None
    """The pseudonym of the user, where the log has one."""
    started_at: datetime | None
    """When it began, naive UTC."""
    ended_at: datetime | None
    """When it ended, naive UTC."""
    circumstances: frozenset[Circumstance]
    """What was in service, what the bot called and was given to read."""


@dataclass(frozen=True)
class Survey:
    """The first pass over a log: each conversation by itself, and what is usual and repeated among those of one bot."""

    observations: Mapping[str, Observation]
    """By conversation key."""
    norms: Mapping[str, BotNorms]
    """What is usual, by bot."""
    repeats: Mapping[str, Repeats]
    """Which turns several rows of the log share, by bot."""


def tool_kinds(judgement: Judgement) -> dict[str, dict[str, CallKind]]:
    """What people said that tools do, by bot; bots of which nobody said it are absent."""
    return {
        name: {tool: cast(CallKind, kind) for tool, kind in sorted(bot.tools.items())}
        for name, bot in judgement.pod.bots().items()
        if bot.tools
    }


def agreed_finding(verdicts: Sequence[Verdict]) -> HumanVerdict | None:
    """What readers agree on of one conversation, the oldest verdict first; None where nobody is sure, or they disagree."""
    agreed = agreed_verdict(verdicts)
    if agreed is None:
        return None
    sure = [verdict for verdict in verdicts if verdict.verdict == agreed]
    turns = [verdict.failing_turn for verdict in sure if verdict.failing_turn is not None]
    readers = " and ".join(dict.fromkeys(verdict.reader for verdict in sure))
    return HumanVerdict(agreed == "failed", readers, turns[-1] if turns else None)


def observe(conversation: Conversation) -> Observation:
    """What one conversation shows by itself."""
    return Observation(
        conversation.key,
        conversation.conversation_id,
        conversation.bot,
        conversation.user_id,
        conversation.started_at,
        conversation.ended_at,
        circumstances(conversation),
    )


def survey_log(parts: Sequence[Part], human: HumanInput) -> Survey:
    """Read the parts once: observe every conversation, and count what is usual for each bot."""
    observations: dict[str, Observation] = {}
    counters: dict[str, NormsCounter] = {}
    repeats: dict[str, Repeats] = defaultdict(Repeats)
    for _, conversation in latest_conversations(parts):
        bot = conversation.bot
        observations[conversation.key] = observe(conversation)
        if bot not in counters:
            counters[bot] = NormsCounter(human.tools.get(bot, NOTHING_SAID))
        counters[bot].add(conversation)
        repeats[bot].add(conversation)
    return Survey(observations, {bot: counter.norms() for bot, counter in counters.items()}, dict(repeats))


def judge(
    conversation: Conversation,
    rules: tuple[FailRule, ...],
    survey: Survey,
    human: HumanInput,
    came_back: str = "",
) -> Case:
    """Judge one conversation beside its bot's others. `rules` are its log's own; `came_back` says that the user did."""
    seen = survey.observations[conversation.key]
    norms = survey.norms[seen.bot]
    analysis = analyse(
        conversation,
        norms,
        rules,
        survey.repeats[seen.bot].new_from(conversation),
        human=human.verdicts.get(seen.key),
        came_back=came_back,
        off=human.off_for(seen.bot),
    )
    return Case(
        seen.key,
        seen.conversation_id,
        seen.started_at,
        analysis,
        reply(conversation, analysis.failing_turn),
        seen.circumstances,
        action_trace(conversation, norms.tools),  # what counts as a change, people may have said
    )


def judge_log(parts: Sequence[Part], survey: Survey, human: HumanInput, progress: Progress) -> dict[str, list[Case]]:
    """Every case by bot, in the order of their keys."""
    cases: dict[str, list[Case]] = defaultdict(list)
    for case in _judged(parts, survey, human, progress):
        cases[survey.observations[case.key].bot].append(case)
    for of_bot in cases.values():
        of_bot.sort(key=lambda case: case.key)
    return dict(cases)


def judge_returns(
    parts: Sequence[Part],
    survey: Survey,
    human: HumanInput,
    cases: Mapping[str, list[Case]],
    embed: Callable[[list[str]], Vectors],
    progress: Progress,
) -> dict[str, list[Case]]:
    """The cases, those after which the user came back judged again with that. `embed` gives unit vectors of requests."""
    came_back: dict[str, str] = {}
    for of_bot in cases.values():
        with_user = [case for case in of_bot if survey.observations[case.key].user_id]
        if with_user:
            visits = [_visit(survey.observations[case.key]) for case in with_user]
            came_back |= returns(visits, embed([case.analysis.request for case in with_user]))
    if not came_back:
        return dict(cases)
    renewed = {case.key: case for case in _judged(parts, survey, human, progress, came_back, only=came_back)}
    return {bot: [renewed.get(case.key, case) for case in of_bot] for bot, of_bot in cases.items()}


def learn_scores(
    cases: Mapping[str, list[Case]], requests: Mapping[str, Vectors], human: HumanInput, progress: Progress
) -> list[Learned]:
    """Each bot's learned score; `requests` has a unit row for each of its cases."""
    scores = []
    for n, (bot, of_bot) in enumerate(sorted(cases.items())):
        progress("learn", n, len(cases))
        scores.append(learn(bot, [_example(case, human) for case in of_bot], requests[bot]))
    return scores


def latest_conversations(parts: Sequence[Part]) -> Iterator[tuple[Part, Conversation]]:
    """Every conversation once, with the part that it is from: of several versions, the one of the latest part."""
    latest = {key: n for n, part in enumerate(parts) for key in keys(part.folder)}
    for n, part in enumerate(parts):
        for conversation in read_part(part.folder):
            if latest[conversation.key] == n:
                yield part, conversation


def _judged(
    parts: Sequence[Part],
    survey: Survey,
    human: HumanInput,
    progress: Progress,
    came_back: Mapping[str, str] | None = None,
    only: Collection[str] | None = None,
) -> Iterator[Case]:
    rules = {part.import_id: read_manifest(part.folder).rules for part in parts}
    total = sum(read_manifest(part.folder).conversations for part in parts)
    for n, (part, conversation) in enumerate(latest_conversations(parts)):
        if n % REPORTED_EVERY == 0:
            progress("signals", n, total)
        if only is None or conversation.key in only:
            returned = (came_back or {}).get(conversation.key, "")
            yield judge(conversation, rules[part.import_id], survey, human, returned)


def _visit(seen: Observation) -> Visit:
    return Visit(seen.key, seen.user_id, seen.started_at, seen.ended_at)


def _example(case: Case, human: HumanInput) -> Example:
    """A case as the learned score sees it: people's word is its label, else the log's."""
    finding, analysis = human.verdicts.get(case.key), case.analysis
    codes = list(dict.fromkeys(signal.code for signal in analysis.signals))
    return Example(
        case.key,
        f"task {case.trace.task}" if case.trace.task else analysis.request or case.key,
        analysis.outcome.failed if finding is None else finding.failed,
        analysis.turns,
        facets(codes, analysis.signature_tokens, analysis.traits),
    )
