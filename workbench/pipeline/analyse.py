"""Every conversation of a log: observed by itself, then judged beside its bot's others and by what people said.

An observation needs nothing but one conversation and is kept with its part; `judge` needs what is usual for the bot, what
others repeat, and `HumanInput`, and is done again only where one of these changed for the conversation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import cast

import pyarrow as pa

from workbench.conversation import Conversation
from workbench.conversation.outcome import FailRule
from workbench.conversation.people import people
from workbench.conversation.tool_calls import NOTHING_SAID, CallKind
from workbench.embedding.vectors import Vectors
from workbench.engine.engine import LOCAL, Engine
from workbench.failures.action_trace import action_trace
from workbench.failures.acts import acts
from workbench.failures.analysis import analyse
from workbench.failures.case import Case, reply
from workbench.failures.circumstances import circumstances
from workbench.failures.deviation import Deviation
from workbench.failures.failing_turn import HumanVerdict
from workbench.failures.learned_score import Learned, learn
from workbench.failures.other_runs import unlike_other_runs
from workbench.failures.repeated_turns import new_from
from workbench.failures.return_visits import Visit, returns
from workbench.failures.signals import BotNorms, Observations, bot_norms
from workbench.failures.usual_steps import unusual_steps
from workbench.judgement.disabled_signals import disabled_codes
from workbench.judgement.records.reading import Verdict
from workbench.judgement.store import Judgement
from workbench.judgement.verdicts import agreed_verdict
from workbench.logs.parts import Part, read_manifest, read_part
from workbench.pipeline.job import Progress
from workbench.pipeline.judged import JudgedCases, beside_norms, fingerprints
from workbench.pipeline.kept_results import KeptResults
from workbench.pipeline.observe import REPORTED_EVERY, latest_observations
from workbench.pipeline.stored_cases import StoredCases


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


@dataclass(frozen=True, eq=False)
class SurveyedBot:
    """The first pass over one bot: each conversation by itself, and what is usual and repeated among them."""

    seen: Observations
    """What each shows, in the order of their import."""
    norms: BotNorms
    """What is usual."""
    new_from: Sequence[int]
    """The position of the first turn that no other row of the log had before."""
    parts: Sequence[Part]
    """The part that each is from."""

    @cached_property
    def row(self) -> dict[str, int]:
        """The place of each conversation by key."""
        return {key: row for row, key in enumerate(self.seen.keys)}


Survey = Mapping[str, SurveyedBot]
"""The first pass over a log, by bot."""


@dataclass(frozen=True)
class FromOthers:
    """What the judged cases of a bot's other conversations tell of one."""

    came_back: str = ""
    """When the same user came back with a similar request, in words; empty where that did not happen."""
    deviations: tuple[Deviation, ...] = ()
    """Where it went otherwise than they."""


_NOTHING = FromOthers()


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
    return {
        bot: SurveyedBot(
            observed.seen,
            bot_norms(observed.seen, human.tools.get(bot, NOTHING_SAID)),
            new_from(observed.seen).tolist(),
            observed.parts,
        )
        for bot, observed in latest_observations(parts, progress, engine).items()
    }


def judge(
    conversation: Conversation,
    rules: tuple[FailRule, ...],
    survey: Survey,
    human: HumanInput,
    others: FromOthers = _NOTHING,
) -> Case:
    """Judge one conversation beside its bot's others. `rules` are its log's own; `others` is what their cases tell of it.

    It is judged by the norms that it meets, so that nothing counts that its fingerprint doesn't hold.
    """
    of_bot = survey[conversation.bot]
    row = of_bot.row[conversation.key]
    norms = of_bot.norms.met_by(of_bot.seen.observed(row, conversation.bot))
    analysis = analyse(
        conversation,
        norms,
        rules,
        of_bot.new_from[row],
        human=human.verdicts.get(conversation.key),
        came_back=others.came_back,
        deviations=others.deviations,
        off=human.off_for(conversation.bot),
    )
    return Case(
        conversation.key,
        conversation.conversation_id,
        conversation.started_at,
        analysis,
        reply(conversation, analysis.failing_turn),
        circumstances(conversation),
        action_trace(conversation, norms.tools),  # what counts as a change, people may have said
        people(conversation) if analysis.passage else (),
        acts(conversation, norms.tools),
    )


def judge_log(
    parts: Sequence[Part], survey: Survey, human: HumanInput, kept: JudgedCases, progress: Progress
) -> dict[str, StoredCases]:
    """Every case by bot, in the order of their keys; those whose fingerprint is among the `kept` are not judged again."""
    table = _judged(parts, survey, human, kept, {}, None, progress)
    rows = {key: row for row, key in enumerate(table["key"].to_pylist())}
    return {
        bot: StoredCases(table.take(pa.array([rows[key] for key in sorted(of_bot.seen.keys)])))
        for bot, of_bot in survey.items()
    }


def judge_beside_others(
    parts: Sequence[Part],
    survey: Survey,
    human: HumanInput,
    cases: Mapping[str, StoredCases],
    kept: JudgedCases,
    embed: Callable[[list[str], Callable[[int, int], None]], Vectors],
    progress: Progress,
) -> dict[str, StoredCases]:
    """The cases, those judged again of which others tell something. `embed` gives unit vectors of requests."""
    came_back = _came_back(survey, cases, embed, progress)
    deviations: dict[str, tuple[Deviation, ...]] = {}
    for of_bot in cases.values():
        deviations |= {of_bot.keys[row]: tuple(of_row) for row, of_row in _deviations(of_bot).items()}
    others = {key: FromOthers(came_back.get(key, ""), deviations.get(key, ())) for key in {**came_back, **deviations}}
    if not others:
        return dict(cases)
    renewed = _judged(parts, survey, human, kept, others, frozenset(others), progress)
    return {bot: of_bot.with_renewed(renewed) for bot, of_bot in cases.items()}


def _deviations(cases: StoredCases) -> dict[int, list[Deviation]]:
    """Where a bot's conversations went otherwise than others of it, by row."""
    deviations = unusual_steps(cases.courses, ~cases.listed)
    for row, deviation in unlike_other_runs(cases.courses, cases.tasks).items():
        deviations.setdefault(row, []).append(deviation)
    return deviations


def _came_back(
    survey: Survey,
    cases: Mapping[str, StoredCases],
    embed: Callable[[list[str], Callable[[int, int], None]], Vectors],
    progress: Progress,
) -> dict[str, str]:
    """The conversations after which the user came back, with when in words."""
    visits = {bot: _visits(survey[bot], of_bot) for bot, of_bot in cases.items()}
    requests = [cases[bot].requests[row] for bot, of_bot in visits.items() for row, _ in of_bot]
    vectors = embed(requests, lambda done, total: progress("returns", done, total)) if requests else None
    came_back: dict[str, str] = {}
    begin = 0
    for of_bot in visits.values():
        if vectors is not None and of_bot:
            came_back |= returns([visit for _, visit in of_bot], vectors[begin : begin + len(of_bot)])
            begin += len(of_bot)
    return came_back


def learn_scores(
    cases: Mapping[str, StoredCases],
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
            score = learn(
                bot, of_bot.examples({key: said.failed for key, said in human.verdicts.items()}), requests[bot]
            )
            if kept:
                kept.keep(score, kept.of(bot))
        scores.append(score)
    return scores


def _judged(
    parts: Sequence[Part],
    survey: Survey,
    human: HumanInput,
    kept: JudgedCases,
    others: Mapping[str, FromOthers],
    only: Collection[str] | None,
    progress: Progress,
) -> pa.Table:
    """The cases as rows of `JudgedRecord`, all or those of `only` some conversations, each judged with what `others` tell of it."""
    rules = {part.import_id: read_manifest(part.folder).rules for part in parts}
    depends_on: dict[str, bytes] = {}
    imports: dict[str, str] = {}
    for bot, of_bot in survey.items():
        wanted = of_bot.seen.keys if only is None else [key for key in of_bot.seen.keys if key in only]
        if wanted:
            prints = dict(zip(of_bot.seen.keys, _fingerprints(bot, of_bot, human, rules, others), strict=True))
            depends_on |= {key: prints[key] for key in wanted}
            imports |= {key: of_bot.parts[of_bot.row[key]].import_id for key in wanted}
    standing = kept.take(depends_on.values())
    judged_before = set(standing["fingerprint"].to_pylist())
    missing: dict[str, set[str]] = defaultdict(set)
    for key, wanted_print in depends_on.items():
        if wanted_print not in judged_before:
            missing[imports[key]].add(key)
    total, done = sum(map(len, missing.values())), 0
    for part in parts:
        for conversation in read_part(part.folder, frozenset(missing.get(part.import_id, ()))):
            if done % REPORTED_EVERY == 0:
                progress("signals", done, total)
            key = conversation.key
            case = judge(conversation, rules[part.import_id], survey, human, others.get(key, _NOTHING))
            kept.add(depends_on[key], case)
            done += 1
    kept.flush()
    if not done:
        return standing
    return pa.concat_tables([standing, kept.take(set(depends_on.values()) - judged_before)])


def _fingerprints(
    bot: str,
    of_bot: SurveyedBot,
    human: HumanInput,
    rules: Mapping[str, tuple[FailRule, ...]],
    others: Mapping[str, FromOthers],
) -> list[bytes]:
    """Of each of a bot's conversations what its case depends on."""
    usual = cache(beside_norms)
    beside = [
        usual(rules[part.import_id], begins, human.verdicts.get(key), others.get(key, _NOTHING))
        for key, part, begins in zip(of_bot.seen.keys, of_bot.parts, of_bot.new_from, strict=True)
    ]
    return fingerprints(of_bot.seen, of_bot.norms, human.off_for(bot), beside)


def _visits(of_bot: SurveyedBot, cases: StoredCases) -> list[tuple[int, Visit]]:
    """The visits of known users, each with the row of its case."""
    rows = {key: row for row, key in enumerate(cases.keys)}
    columns = zip(
        of_bot.seen.keys,
        of_bot.seen.users,
        of_bot.seen.started_at.tolist(),
        of_bot.seen.ended_at.tolist(),
        strict=True,
    )
    visits = [(rows[key], Visit(key, user, began, ended)) for key, user, began, ended in columns if user]
    return sorted(visits, key=lambda visit: visit[0])
