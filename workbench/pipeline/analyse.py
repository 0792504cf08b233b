"""Every conversation of a log: observed by itself, then judged beside its bot's others and by what people said.

An observation needs nothing but one conversation and is kept with its part; `judge` needs what is usual for the bot, what
others repeat, and `HumanInput`, and is done again only where one of these changed for the conversation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from workbench.conversation import Conversation
from workbench.conversation.outcome import FailRule
from workbench.conversation.people import people
from workbench.conversation.tool_calls import NOTHING_SAID, CallKind
from workbench.embedding.vectors import Vectors
from workbench.engine.engine import LOCAL, Engine
from workbench.failures.action_trace import action_trace
from workbench.failures.analysis import analyse
from workbench.failures.case import Case, reply
from workbench.failures.circumstances import circumstances
from workbench.failures.failing_turn import HumanVerdict
from workbench.failures.learned_score import Example, Learned, facets, learn
from workbench.failures.repeated_turns import new_from
from workbench.failures.return_visits import Visit, returns
from workbench.failures.signals import BotNorms, Observation, bot_norms
from workbench.judgement.disabled_signals import disabled_codes
from workbench.judgement.records.reading import Verdict
from workbench.judgement.store import Judgement
from workbench.judgement.verdicts import agreed_verdict
from workbench.logs.parts import Part, read_manifest, read_part
from workbench.pipeline.job import Progress
from workbench.pipeline.judged import JudgedCases, fingerprint
from workbench.pipeline.kept_results import KeptResults
from workbench.pipeline.observe import REPORTED_EVERY, latest_observations


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


@dataclass(frozen=True)
class Survey:
    """The first pass over a log: each conversation by itself, and what is usual and repeated among those of one bot."""

    observations: Mapping[str, Observation]
    """By conversation key, in the order of their import."""
    norms: Mapping[str, BotNorms]
    """What is usual, by bot."""
    new_from: Mapping[str, int]
    """The position of the first turn that no other row of the log had before, by conversation key."""
    parts: Mapping[str, str]
    """The import that each conversation is from, by key."""


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


def survey_log(parts: Sequence[Part], human: HumanInput, progress: Progress, engine: Engine = LOCAL) -> Survey:
    """Observe every conversation that wasn't yet, and count what is usual for each bot and what its rows repeat."""
    latest = latest_observations(parts, progress, engine)
    by_bot: dict[str, list[Observation]] = defaultdict(list)
    for _, seen in latest.values():
        by_bot[seen.bot].append(seen)
    return Survey(
        {key: seen for key, (_, seen) in latest.items()},
        {bot: bot_norms(of_bot, human.tools.get(bot, NOTHING_SAID)) for bot, of_bot in by_bot.items()},
        {
            seen.key: position
            for of_bot in by_bot.values()
            for seen, position in zip(of_bot, new_from(of_bot), strict=True)
        },
        {key: part.import_id for key, (part, _) in latest.items()},
    )


def judge(
    conversation: Conversation,
    rules: tuple[FailRule, ...],
    survey: Survey,
    human: HumanInput,
    came_back: str = "",
) -> Case:
    """Judge one conversation beside its bot's others. `rules` are its log's own; `came_back` says that the user did.

    It is judged by the norms that it meets, so that nothing counts that its fingerprint doesn't hold.
    """
    seen = survey.observations[conversation.key]
    norms = survey.norms[seen.bot].met_by(seen)
    analysis = analyse(
        conversation,
        norms,
        rules,
        survey.new_from[seen.key],
        human=human.verdicts.get(seen.key),
        came_back=came_back,
        off=human.off_for(seen.bot),
    )
    return Case(
        seen.key,
        conversation.conversation_id,
        seen.started_at,
        analysis,
        reply(conversation, analysis.failing_turn),
        circumstances(conversation),
        action_trace(conversation, norms.tools),  # what counts as a change, people may have said
        people(conversation) if analysis.passage else (),
    )


def judge_log(
    parts: Sequence[Part], survey: Survey, human: HumanInput, kept: JudgedCases, progress: Progress
) -> dict[str, list[Case]]:
    """Every case by bot, in the order of their keys; those whose fingerprint is among the `kept` are not judged again."""
    judged = _judged(parts, survey, human, kept, dict.fromkeys(survey.observations, ""), progress)
    cases: dict[str, list[Case]] = defaultdict(list)
    for seen in survey.observations.values():
        cases[seen.bot].append(judged[seen.key])
    for of_bot in cases.values():
        of_bot.sort(key=lambda case: case.key)
    return dict(cases)


def judge_returns(
    parts: Sequence[Part],
    survey: Survey,
    human: HumanInput,
    cases: Mapping[str, list[Case]],
    kept: JudgedCases,
    embed: Callable[[list[str], Callable[[int, int], None]], Vectors],
    progress: Progress,
) -> dict[str, list[Case]]:
    """The cases, those after which the user came back judged again with that. `embed` gives unit vectors of requests."""
    with_user = {
        bot: [case for case in of_bot if survey.observations[case.key].user_id] for bot, of_bot in cases.items()
    }
    requests = [case.analysis.request for of_bot in with_user.values() for case in of_bot]
    vectors = embed(requests, lambda done, total: progress("returns", done, total)) if requests else None
    came_back: dict[str, str] = {}
    begin = 0
    for of_bot in with_user.values():
        if vectors is not None and of_bot:
            visits = [_visit(survey.observations[case.key]) for case in of_bot]
            came_back |= returns(visits, vectors[begin : begin + len(of_bot)])
            begin += len(of_bot)
    if not came_back:
        return dict(cases)
    renewed = _judged(parts, survey, human, kept, came_back, progress)
    return {bot: [renewed.get(case.key, case) for case in of_bot] for bot, of_bot in cases.items()}


def learn_scores(
    cases: Mapping[str, list[Case]],
    requests: Mapping[str, Vectors],
    human: HumanInput,
    progress: Progress,
    kept: KeptResults | None = None,
) -> list[Learned]:
    """Each bot's learned score, anew or as it is `kept`; `requests` has a unit row for each of its cases."""
    scores = []
    for n, (bot, of_bot) in enumerate(sorted(cases.items())):
        progress("learn", n, len(cases))
        score = kept.read(Learned, kept.of(bot)) if kept else None
        if score is None:
            score = learn(bot, [_example(case, human) for case in of_bot], requests[bot])
            if kept:
                kept.keep(score, kept.of(bot))
        scores.append(score)
    return scores


def _judged(
    parts: Sequence[Part],
    survey: Survey,
    human: HumanInput,
    kept: JudgedCases,
    came_back: Mapping[str, str],
    progress: Progress,
) -> dict[str, Case]:
    """The cases of the conversations in `came_back`, by key, each judged with what stands there."""
    rules = {part.import_id: read_manifest(part.folder).rules for part in parts}
    depends_on = {
        key: _fingerprint(survey, human, key, rules[survey.parts[key]], returned) for key, returned in came_back.items()
    }
    cases = {case.key: case for case in kept.take(depends_on.values())}
    missing: dict[str, list[str]] = defaultdict(list)
    for key in came_back:
        if key not in cases:
            missing[survey.parts[key]].append(key)
    total, done = sum(map(len, missing.values())), 0
    for part in parts:
        for conversation in read_part(part.folder, frozenset(missing.get(part.import_id, ()))):
            if done % REPORTED_EVERY == 0:
                progress("signals", done, total)
            key = conversation.key
            case = judge(conversation, rules[part.import_id], survey, human, came_back[key])
            cases[key] = replace(case, depends_on=depends_on[key])
            kept.add(depends_on[key], cases[key])
            done += 1
    kept.flush()
    return cases


def _fingerprint(survey: Survey, human: HumanInput, key: str, rules: Sequence[FailRule], came_back: str) -> bytes:
    seen = survey.observations[key]
    return fingerprint(
        seen,
        survey.norms[seen.bot].met_by(seen),
        rules,
        survey.new_from[key],
        human.verdicts.get(key),
        came_back,
        human.off_for(seen.bot),
    )


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
