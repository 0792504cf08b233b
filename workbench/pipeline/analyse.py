"""Every conversation of a store heard once: analysed against its bot's norms, and what people said taken into account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from workbench.conversation import Conversation
from workbench.conversation.outcome import FailRule
from workbench.conversation.tool_calls import NOTHING_SAID, CallKind
from workbench.embedding import Vectors
from workbench.failures.analysis import Found, analyse
from workbench.failures.case import Case, reply
from workbench.failures.circumstances import circumstances
from workbench.failures.course import course
from workbench.failures.learned_score import Example, Learned, facets, learn
from workbench.failures.repeated_turns import Repeats
from workbench.failures.return_visits import Visit, returns
from workbench.failures.signals import BotNorms, NormsCounter
from workbench.judgement.disabled_signals import switched_off
from workbench.judgement.records import Verdict
from workbench.judgement.store import Judgement
from workbench.judgement.verdicts import settled
from workbench.logs.parts import Part, read_manifest, read_part
from workbench.logs.versions import keys

EVERY_SECOND = 500


@dataclass(frozen=True)
class Heeded:
    """What people said that the analysis heeds: verdicts that are settled by conversation key; by bot, signals that are off, what tools do."""

    found: Mapping[str, Found] = field(default_factory=dict)
    off: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tools: Mapping[str, Mapping[str, CallKind]] = field(default_factory=dict)

    @classmethod
    def of(cls, judgement: Judgement) -> Heeded:
        """What a judgement store says now."""
        settled_ones = {key: found for key, said in judgement.verdicts().items() if (found := found_by(said))}
        return cls(settled_ones, switched_off(judgement.settings()), said_of_tools(judgement))

    def off_for(self, bot: str) -> frozenset[str]:
        """The signals that are switched off for a bot, by itself or for all."""
        return self.off.get(bot, frozenset()) | self.off.get("", frozenset())


def said_of_tools(judgement: Judgement) -> dict[str, dict[str, CallKind]]:
    """What people said that tools do, by bot; bots of which nobody said it are absent."""
    return {
        name: {tool: cast(CallKind, kind) for tool, kind in sorted(bot.tools.items())}
        for name, bot in judgement.bots().items()
        if bot.tools
    }


def found_by(verdicts: Sequence[Verdict]) -> Found | None:
    """What readers settled of one conversation, the oldest verdict first; None where nobody is sure, or they disagree."""
    found = settled(verdicts)
    if found is None:
        return None
    sure = [one for one in verdicts if one.verdict == found]
    turns = [one.failing_turn for one in sure if one.failing_turn is not None]
    return Found(
        found == "failed", " and ".join(dict.fromkeys(one.reader for one in sure)), turns[-1] if turns else None
    )


class Hearing:
    """Hears the conversations of these parts. `progress` is told how many of all are done."""

    def __init__(self, parts: Sequence[Part], heeded: Heeded, progress: Callable[[str, int, int | None], None]) -> None:
        self._parts, self._heeded, self._progress = parts, heeded, progress
        self._visits: dict[str, Visit] = {}
        self._norms: dict[str, BotNorms] = {}
        self._repeats: dict[str, Repeats] = defaultdict(Repeats)

    def cases(self) -> dict[str, list[Case]]:
        """Every case by bot, in the order of their keys. Reads the parts twice: for what is usual, and to judge."""
        counters: dict[str, NormsCounter] = {}
        for _, conversation in latest_conversations(self._parts):
            bot = conversation.bot
            if bot not in counters:
                counters[bot] = NormsCounter(self._heeded.tools.get(bot, NOTHING_SAID))
            counters[bot].add(conversation)
            self._repeats[conversation.bot].add(conversation)
        self._norms = {bot: counter.norms() for bot, counter in counters.items()}
        cases: dict[str, list[Case]] = defaultdict(list)
        for bot, case in self._heard({}):
            cases[bot].append(case)
        for of_bot in cases.values():
            of_bot.sort(key=lambda case: case.key)
        return dict(cases)

    def again(self, cases: Mapping[str, list[Case]], embed: Callable[[list[str]], Vectors]) -> dict[str, list[Case]]:
        """The cases, those after which the user came back heard again with that. `embed` gives vectors of requests."""
        came_back: dict[str, str] = {}
        for of_bot in cases.values():
            known = [case for case in of_bot if self._visits[case.key].user]
            if known:
                visits = [self._visits[case.key] for case in known]
                came_back |= returns(visits, embed([case.analysis.request for case in known]))
        if not came_back:
            return dict(cases)
        renewed = {case.key: case for _, case in self._heard(came_back, only=came_back)}
        return {bot: [renewed.get(case.key, case) for case in of_bot] for bot, of_bot in cases.items()}

    def _heard(self, came_back: Mapping[str, str], only: Collection[str] | None = None) -> Iterator[tuple[str, Case]]:
        manifests = {part.import_id: read_manifest(part.folder) for part in self._parts}
        total = sum(one.conversations for one in manifests.values())
        for n, (part, conversation) in enumerate(latest_conversations(self._parts)):
            if n % EVERY_SECOND == 0:
                self._progress("signals", n, total)
            if only is None or conversation.key in only:
                rules = manifests[part.import_id].rules
                yield conversation.bot, self._case(conversation, rules, came_back.get(conversation.key, ""))

    def _case(self, conversation: Conversation, rules: tuple[FailRule, ...], came_back: str) -> Case:
        bot, key = conversation.bot, conversation.key
        self._visits[key] = Visit(key, conversation.user_id, conversation.started_at, conversation.ended_at)
        analysis = analyse(
            conversation,
            self._norms[bot],
            rules,
            self._repeats[bot].new_from(conversation),
            found=self._heeded.found.get(key),
            came_back=came_back,
            off=self._heeded.off_for(bot),
        )
        return Case(
            key,
            conversation.conversation_id,
            conversation.started_at,
            analysis,
            reply(conversation, analysis.failing_turn),
            circumstances(conversation),
            course(conversation, self._norms[bot].tools),
        )

    def learned(self, cases: Mapping[str, list[Case]], requests: Mapping[str, Vectors]) -> list[Learned]:
        """Each bot's learned score."""
        found = []
        for n, (bot, of_bot) in enumerate(sorted(cases.items())):
            self._progress("learn", n, len(cases))
            found.append(learn(bot, [self._example(case) for case in of_bot], requests[bot]))
        return found

    def _example(self, case: Case) -> Example:
        """A case as the learned score sees it: people's word is its label, else the log's."""
        said, analysis = self._heeded.found.get(case.key), case.analysis
        codes = list(dict.fromkeys(one.code for one in analysis.signals))
        return Example(
            case.key,
            f"task {case.course.task}" if case.course.task else analysis.request or case.key,
            analysis.outcome.failed if said is None else said.failed,
            analysis.turns,
            facets(codes, analysis.signature_tokens, analysis.traits),
        )


def latest_conversations(parts: Sequence[Part]) -> Iterator[tuple[Part, Conversation]]:
    """Every conversation once, with the part that it is from: of several versions, the one of the latest part."""
    latest = {key: n for n, part in enumerate(parts) for key in keys(part.folder)}
    for n, part in enumerate(parts):
        for conversation in read_part(part.folder):
            if latest[conversation.key] == n:
                yield part, conversation
