"""Scorecards: what each signal is worth on a bot, by the log's own outcomes and by what people found; what was learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.evidence.analysis_tables import LearnedRecord
from workbench.evidence.overview_rows import FiringRecord
from workbench.failures.facets import in_words
from workbench.failures.score_quality import Bin
from workbench.failures.signals import REGISTRY
from workbench.judgement.disabled_signals import (
    EVERY_BOT,
    DisabledSignal,
    disabled_signals,
    setting_name,
    setting_value,
)
from workbench.judgement.verdicts import agreed_verdict
from workbench.stats import wilson
from workbench.text.formatting import excerpt
from workbench.text.masking import mask

LIKELY_SHOWN = 20
_SAYS_IT = frozenset({"log-says-failed"})
"""Signals that are the outcome itself: against it their precision is no finding."""


@dataclass(frozen=True)
class Precision:
    """How many of the conversations that a signal fired in had failed; 95 % Wilson bounds."""

    failed: int
    """Those that had."""
    known: int
    """Those of which it is known."""

    @property
    def share(self) -> float | None:
        """Those that had failed of the known, 0 to 1; None where nothing is known."""
        return self.failed / self.known if self.known else None

    @property
    def bounds(self) -> tuple[float, float]:
        """The 95 % bounds of that (Wilson)."""
        return wilson(self.failed, self.known)


@dataclass(frozen=True)
class Scorecard:
    """One signal on one bot."""

    bot: str
    """The bot, as logged."""
    code: str
    """The signal's."""
    title: str
    """In words."""
    family: str
    """The module that it stands in."""
    strength: str
    """strong, medium, weak or shown."""
    description: str
    """What it looks for."""
    fired: int
    """Conversations that it fired in."""
    conversations: int
    """Those that were heard."""
    by_log: Precision | None
    """Since when and by whom it is switched off now; None where it is on."""
    by_people: Precision
    """By what people agreed on."""
    weight: float | None
    """Learned, as a change in log odds, where the bot's score is on and the signal in it."""
    disabled: DisabledSignal | None
    """That it is switched off now."""
    counted: bool
    """Whether it was counted when the evidence was built: after a switch the two differ until the next analysis."""
    examples: list[tuple[str, str]]
    """(key, conversation id)."""

    @property
    def share(self) -> float:
        """Of the bot's conversations those in which it fires, 0 to 1."""
        return self.fired / self.conversations

    @property
    def waits(self) -> bool:
        """Whether a switch takes effect only with the next analysis."""
        return self.counted is (self.disabled is not None)


@dataclass(frozen=True)
class Likely:
    """A conversation that counts as fine and may have failed."""

    key: str
    """The conversation's key in the store."""
    conversation_id: str
    """Its id, as logged."""
    started_at: datetime | None
    """Its first time, naive UTC; None where the log has none."""
    request: str
    """What was asked, masked."""
    learned: float
    """Its learned score."""
    spoke: list[str]
    """What speaks for its having failed, in words."""


@dataclass(frozen=True)
class LearnedCard:
    """What a bot's learned score is worth (`learned_score.Learned`)."""

    bot: str
    """The bot, as logged."""
    failing: int
    """Failing conversations that it learned from."""
    fine: int
    """Fine ones."""
    groups: int
    """Groups that no fold tears apart."""
    auc: float | None
    """Out of fold."""
    auc_low: float | None
    """Its lower 95 % bound."""
    auc_high: float | None
    """Its upper 95 % bound."""
    length_auc: float | None
    """That of the conversation's length alone."""
    lead: float | None
    """By how much the former is above the latter."""
    lead_low: float | None
    """The lower 95 % bound of that."""
    lead_high: float | None
    """The upper one."""
    by_length: bool
    """Whether the length orders, as what was learned is no better."""
    few: bool
    """Whether it was learned from few labels, with what carries over from other bots."""
    brier: float | None
    """The mean squared error of the score."""
    base_brier: float | None
    """That of the base rate."""
    bins: list[Bin]
    """How often those of like scores failed."""
    features: list[tuple[str, float]]
    """(name, change in log odds), the strongest first."""

    @property
    def on(self) -> bool:
        """Whether the bot has a score."""
        return self.auc is not None


@dataclass(frozen=True)
class Scores:
    """One bot's scorecards."""

    bot: str
    """The bot, as logged."""
    cards: list[Scorecard]
    """The most frequent signal first."""
    by_log: Precision
    """What all of its conversations came to by the log."""
    by_people: Precision
    """The same by people."""
    learned: LearnedCard | None
    """Its learned score, where it has one."""

    @property
    def conversations(self) -> int:
        """The bot's analysed conversations."""
        return self.cards[0].conversations if self.cards else 0

    @property
    def waits(self) -> list[Scorecard]:
        """The signals whose switch takes effect with the next analysis."""
        return [card for card in self.cards if card.waits]

    def rows(self) -> list[SignalRow]:
        """The scorecards to download."""
        return [_row(card) for card in self.cards]


def scorecards(bench: Bench, bot: str) -> Scores:
    """The scorecards of one bot; `UserError` where there is no such bot."""
    outcomes = {
        key: agreed for key, verdicts in bench.judgement.verdicts.all().items() if (agreed := agreed_verdict(verdicts))
    }
    rows = bench.evidence.firings(
        *([key for key, outcome in outcomes.items() if outcome == which] for which in ("failed", "fine"))
    )
    whole = next((row for row in rows if row.bot == bot and not row.code), None)
    if whole is None:
        raise UserError(f"There is no bot {bot!r} here, or nothing of it was analysed yet.")
    learned = next((_learned(row) for row in bench.evidence.learned() if row.bot == bot), None)
    off = {
        signal.code: signal
        for signal in reversed(disabled_signals(bench.judgement.pod.settings()))
        if signal.bot in (bot, EVERY_BOT)
    }
    fired = {row.code: row for row in rows if row.bot == bot and row.code}
    codes = [*fired, *(code for code in REGISTRY if code not in fired)]
    weights = dict(learned.features) if learned else {}
    cards = [
        _card(bot, code, fired.get(code), whole.fired, weights, off.get(code)) for code in codes if code in REGISTRY
    ]
    return Scores(
        bot,
        sorted(cards, key=lambda card: (-card.fired, card.code)),
        Precision(whole.logged_failed, whole.logged),
        Precision(whole.read_failed, whole.read),
        learned,
    )


def likely(bench: Bench, bot: str) -> list[Likely]:
    """What to read next: conversations that nobody judged and that count as fine, the likeliest to have failed first."""
    read = [key for key, verdicts in bench.judgement.verdicts.all().items() if agreed_verdict(verdicts)]
    return [
        Likely(
            row.key,
            row.conversation_id,
            row.started_at,
            excerpt(row.request),
            row.learned,
            [mask(in_words(contribution.feature)) for contribution in row.spoke if contribution.weight > 0],
        )
        for row in bench.evidence.likely(bot, read, LIKELY_SHOWN)
    ]


def switch(bench: Bench, code: str, bot: str = EVERY_BOT, *, off: bool) -> None:
    """Switch a signal off or on again, for one bot or for all; from the next analysis on, for all of the history."""
    if code not in REGISTRY:
        raise UserError(f"There is no signal {code!r}.")
    value = setting_value(datetime.now(UTC).replace(tzinfo=None, microsecond=0), bench.actor) if off else None
    bench.judgement.pod.set_setting(setting_name(code, bot), value, actor=bench.actor)


def _card(
    bot: str,
    code: str,
    firing: FiringRecord | None,
    conversations: int,
    weights: dict[str, float],
    off: DisabledSignal | None,
) -> Scorecard:
    """`firing` is None where the signal never fired, so that evidence doesn't tell whether it was counted."""
    kind = REGISTRY[code]
    by_log = Precision(firing.logged_failed, firing.logged) if firing else Precision(0, 0)
    return Scorecard(
        bot,
        code,
        kind.title,
        kind.family,
        kind.strength,
        kind.description,
        firing.fired if firing else 0,
        conversations,
        None if code in _SAYS_IT else by_log,
        Precision(firing.read_failed, firing.read) if firing else Precision(0, 0),
        weights.get(f"signal:{code}"),
        off,
        not firing.off if firing else off is None,
        [(example.key, example.conversation_id) for example in firing.examples] if firing else [],
    )


def _row(card: Scorecard) -> SignalRow:
    log, people = card.by_log, card.by_people
    log_low, log_high = log.bounds if log and log.known else (None, None)
    low, high = people.bounds if people.known else (None, None)
    return SignalRow(
        bot=card.bot,
        signal=card.code,
        title=card.title,
        family=card.family,
        strength=card.strength,
        fired=card.fired,
        conversations=card.conversations,
        outcome_failed=log.failed if log else None,
        outcome_known=log.known if log else None,
        outcome_low=log_low,
        outcome_high=log_high,
        people_failed=people.failed,
        people_known=people.known,
        people_low=low,
        people_high=high,
        learned_weight=card.weight,
        off_since=card.disabled.at if card.disabled else None,
        off_by=card.disabled.by if card.disabled else None,
    )


def _learned(record: LearnedRecord) -> LearnedCard:
    features = [(weight.feature, weight.weight) for weight in record.weights]
    kept = {name: value for name, value in vars(record).items() if name not in ("bins", "weights")}
    return LearnedCard(
        **kept,
        bins=[Bin(held_out.said, held_out.total, held_out.failed) for held_out in record.bins],
        features=sorted(features, key=lambda feature: -abs(feature[1])),
    )


@dataclass(frozen=True)
class SignalRow:
    """A scorecard as it is downloaded."""

    bot: str
    """The bot, as logged."""
    signal: str
    """The signal's code."""
    title: str
    """In words."""
    family: str
    """The module that it stands in."""
    strength: str
    """strong, medium, weak or shown."""
    fired: int
    """Conversations that it fired in."""
    conversations: int
    """Those that were heard."""
    outcome_failed: int | None
    """By the log: those that failed."""
    outcome_known: int | None
    """Those of which the log says it."""
    outcome_low: float | None
    """The lower 95 % bound."""
    outcome_high: float | None
    """The upper 95 % bound."""
    people_failed: int
    """By people: those that failed."""
    people_known: int
    """Those of which people said it."""
    people_low: float | None
    """The lower 95 % bound."""
    people_high: float | None
    """The upper 95 % bound."""
    learned_weight: float | None
    """A change in log odds."""
    off_since: datetime | None
    """When it was switched off, naive UTC."""
    off_by: str | None
    """Who did it."""
