"""Is a score from few verdicts worth more than the length, and does reading by it find what fails?

    python benchmarks/score.py [--json] [--logs ../shared/logs] [--draws 40] [--reading] [--prior FILE]

Airline, telecom (agents.parquet), tau (published runs), rag (faithfulness <= 2): analyses blind to the outcome. 10 + 10 and 20 + 20
conversations are "read", drawn from as few tasks (dialogues) as hold so many; all other tasks are held out. Side by side, AUC on those:
*length* (number of turns; on rag words of the answer), *signals* added up, *alone* (the same features without other bots), *learned*
(`workbench.failures.few_labels`): its prior from the three *other* bots, never the one measured; *score*: what the product orders by,
which is the number of turns where what was learned is no better by the labels at hand, their word drawn to what is usual. Lead over the length
with its 95 % interval: whole tasks drawn anew, 60 times, over the means of all draws. *top 20*: how many times the base rate of held out
conversations fails among the twenty of highest score; it can't be above 1 / base. Airline and tau are one domain with different tasks: each
is in the other's prior.

*reading*: after 10 + 10 verdicts, which 20 more teach most? From half of the other tasks 20 are read, at random, by the highest score, or by the
reading list "to learn most" (`workbench.review.informative`); AUC on the other half, the lead over random, and how many of the 20 failed as
a multiple of the base rate.

`--prior` writes the weights of all four, as the product ships them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.clusters import embed_texts, plain_encoder
from benchmarks.signals import blind, facets_of, failed, load, unfaithful
from tests.support.norms import norms_of
from workbench.conversation.roles import is_bot
from workbench.embedding.vectors import Vectors
from workbench.evidence.conversation_rows import UnsettledRecord
from workbench.failures.analysis import analyse
from workbench.failures.facets import Facets
from workbench.failures.few_labels import learned_from_few, pooled
from workbench.failures.learned_score import FOLDS
from workbench.failures.logistic_regression import Flags, Floats, grouped_folds, platt
from workbench.failures.score_quality import auc, lead
from workbench.review.informative import most_informative, uncertainty

RESAMPLES = 60
TOP = 20
Rows = NDArray[np.intp]


@dataclass
class Bot:
    """One bot's conversations as the score sees them, and what is true of each."""

    facets: Facets
    """What was observed."""
    labels: Flags
    """Which failed, (n,)."""
    groups: list[str]
    """Their tasks or dialogues."""
    length: Floats
    """Turns; of an answer, words."""
    turns: Floats
    """Turns, by which the product orders where the score is no better."""
    signals: Floats
    """The strengths of the signals, added up."""
    requests: Vectors
    """What was asked, as unit vectors, (n, d)."""


def bots(logs: Path) -> dict[str, Bot]:
    """The four bots."""
    agents = load(logs / "agents.parquet") + load(logs / "tau-bench-gpt-4o-airline.json")
    rag = [row for row in load(logs / "rag.parquet") if row.metadata["answerability"] != "CONVERSATIONAL"]
    by_bot = {bot: [row for row in agents if row.bot == bot] for bot in sorted({row.bot for row in agents})} | {
        "rag": rag
    }
    encoder = plain_encoder("float32")
    read = {}
    for bot, conversations in by_bot.items():
        norms = norms_of(conversations)
        analyses = [analyse(blind(row), norms) for row in conversations]
        words = [
            sum(len(turn.content.split()) for turn in row.turns[-1:] if is_bot(turn.role)) for row in conversations
        ]
        read[bot] = Bot(
            Facets.of([facets_of(analysis) for analysis in analyses]),
            np.array([(unfaithful if bot == "rag" else failed)(row) for row in conversations]),
            [
                row.conversation_id.split("<::>")[0] if bot == "rag" else str(row.metadata["task_id"])
                for row in conversations
            ],
            np.array(words if bot == "rag" else [len(row.turns) for row in conversations], np.float64),
            np.array([len(row.turns) for row in conversations], np.float64),
            np.array([analysis.score for analysis in analyses]),
            embed_texts([analysis.request for analysis in analyses], encoder),
        )
    return read


def drawn(bot: Bot, count: int, seed: int) -> tuple[Rows, Flags]:
    """`count` failing and as many fine rows out of as few tasks as hold them, and which rows are of other tasks."""
    random, groups = np.random.default_rng(seed), np.array(bot.groups)
    used: list[str] = []
    for task in random.permutation(sorted(set(bot.groups))):
        used.append(task)
        inside = np.isin(groups, used)
        if min(bot.labels[inside].sum(), (~bot.labels[inside]).sum()) >= count:
            break
    rows = np.flatnonzero(inside)
    sides = [random.permutation(rows[bot.labels[rows] == side])[:count] for side in (True, False)]
    return np.sort(np.concatenate(sides)), ~inside


def compare(bot: Bot, prior: dict[str, float], count: int, draws: int) -> dict[str, Any]:
    """AUCs, leads and the top twenty of one bot with so many verdicts of either sort."""
    rules: dict[str, Callable[[Rows], Floats]] = {
        "length": lambda rows: bot.length,
        "signals": lambda rows: bot.signals,
        "alone": lambda rows: _score(bot, rows, {})[1],
        "learned": lambda rows: _score(bot, rows, prior)[1],
        "score": lambda rows: _shown(bot, rows, prior),
    }
    held: list[tuple[Flags, dict[str, Floats]]] = []
    for seed in range(draws):
        rows, out = drawn(bot, count, seed)
        if out.sum() >= TOP and len(set(bot.labels[out].tolist())) == 2:
            held.append((out, {name: rule(rows) for name, rule in rules.items()}))
    _, group = np.unique(np.array(bot.groups), return_inverse=True)
    total = int(group.max()) + 1
    random = np.random.default_rng(0)
    weights = [np.ones(len(bot.labels))]
    weights += [
        np.bincount(random.integers(0, total, total), minlength=total)[group].astype(float) for _ in range(RESAMPLES)
    ]
    means = {
        name: np.array([np.nanmean([auc(bot.labels[out], by[name][out], w[out]) for out, by in held]) for w in weights])
        for name in rules
    }
    base = float(bot.labels.mean())
    figures: dict[str, Any] = {"base": round(base, 3), "draws": len(held)}
    for name in rules:
        ahead = means[name] - means["length"]
        low, high = np.percentile(ahead[1:], [2.5, 97.5])
        tops = [
            bot.labels[np.flatnonzero(out)[np.argsort(-by[name][out], kind="stable")[:TOP]]].mean()
            / bot.labels[out].mean()
            for out, by in held
        ]
        figures[name] = {
            "auc": round(float(means[name][0]), 3), "lead": round(float(ahead[0]), 3), "low": round(float(low), 3), "high": round(float(high), 3),
            "top": round(float(np.mean(tops)), 2),
        }  # fmt: skip
    return figures


def reading(bot: Bot, prior: dict[str, float], draws: int) -> dict[str, Any]:
    """What twenty more verdicts teach, by how they were picked."""
    groups, base = np.array(bot.groups), float(bot.labels.mean())
    aucs: dict[str, list[float]] = {}
    failing: dict[str, list[float]] = {}
    for seed in range(draws):
        rows, out = drawn(bot, 10, seed)
        random = np.random.default_rng(seed)
        others = random.permutation(sorted(set(groups[out].tolist())))
        pool = np.flatnonzero(out & np.isin(groups, others[: len(others) // 2]))
        test = np.flatnonzero(out & np.isin(groups, others[len(others) // 2 :]))
        if len(pool) < 2 * TOP or len(set(bot.labels[test].tolist())) < 2:
            continue
        held_out, decision = _score(bot, rows, prior)
        chances = platt(held_out, bot.labels[rows])(decision[pool])
        unsettled = [UnsettledRecord(str(n), float(chance), False, False) for n, chance in enumerate(chances)]
        picks = most_informative(uncertainty(unsettled), bot.requests[pool], bot.requests[rows], TOP)
        chosen = {
            "at random": random.permutation(pool)[:TOP],
            "highest score": pool[np.argsort(-decision[pool], kind="stable")[:TOP]],
            "to learn most": pool[[pick.row for pick in picks]],
        }
        for name, more in chosen.items():
            taught = _score(bot, np.union1d(rows, more), prior)[1]
            aucs.setdefault(name, []).append(auc(bot.labels[test], taught[test]))
            failing.setdefault(name, []).append(float(bot.labels[more].mean()) / base)
    figures = {}
    for name, values in aucs.items():
        ahead = np.array(values) - np.array(aucs["at random"])
        error = 1.96 * ahead.std(ddof=1) / np.sqrt(len(ahead))
        figures[name] = {
            "auc": round(float(np.mean(values)), 3), "over random": round(float(ahead.mean()), 3), "plus or minus": round(float(error), 3),
            "failing": round(float(np.mean(failing[name])), 2),
        }  # fmt: skip
    return figures


def _score(bot: Bot, rows: Rows, prior: dict[str, float]) -> tuple[Floats, Floats]:
    """Log odds of the rows, held out, and of all."""
    folds = grouped_folds([bot.groups[row] for row in rows], FOLDS)
    taught = learned_from_few(bot.facets, len(bot.labels), rows, bot.labels[rows], folds, prior)
    return taught.held_out, taught.decision


def _shown(bot: Bot, rows: Rows, prior: dict[str, float]) -> Floats:
    """What the product orders by: the number of turns where the labels say that it is no worse."""
    held_out, decision = _score(bot, rows, prior)
    ahead = lead(bot.labels[rows], held_out, bot.turns[rows], [bot.groups[row] for row in rows])
    return decision if ahead.shrunk > 0 else bot.turns


def main() -> None:
    """Print the figures, or write the prior."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--logs", type=Path, default=ROOT.parent / "shared" / "logs")
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--reading", action="store_true", help="what twenty more verdicts teach, as JSON")
    parser.add_argument("--prior", type=Path, help="write the weights that the product ships")
    arguments = parser.parse_args()
    every = bots(arguments.logs)
    if arguments.prior:
        write_prior(arguments.prior, pooled([(bot.facets, bot.labels) for bot in every.values()]))
        return
    figures: dict[str, Any] = {}
    for name, bot in every.items():
        prior = pooled([(other.facets, other.labels) for of, other in every.items() if of != name])
        if arguments.reading:
            figures[name] = reading(bot, prior, arguments.draws)
        else:
            figures[name] = {str(count): compare(bot, prior, count, arguments.draws) for count in (10, 20)}
    if arguments.json or arguments.reading:
        print(json.dumps(figures))
        return
    for name, of_bot in figures.items():
        for count, row in of_bot.items():
            print(f"\n{name}, {count} + {count} verdicts, base rate {row['base']:.2f}, {row['draws']} draws")
            for rule in ("length", "signals", "alone", "learned", "score"):
                each = row[rule]
                print(
                    f"  {rule:8} AUC {each['auc']:.3f}  over length {each['lead']:+.3f} [{each['low']:+.3f}, {each['high']:+.3f}]  top {TOP}: {each['top']:.2f} × base"
                )


def write_prior(file: Path, weights: dict[str, float]) -> None:
    """The weights as TOML, those that are nearly nothing left out."""
    lines = [
        "# Log odds of what carries over from bot to bot, as benchmarks/score.py --prior learned them from the outcomes of public logs:",
        "# runs of airline and telecom agents (sierra-research/tau2-bench, tau-bench; MIT) and answers of retrieval bots",
        "# (IBM/mt-rag-benchmark; Apache-2.0). A trait: for one standard deviation of its bot. Where a bot has labels they move.",
        *(f'"{name}" = {weight:.2f}' for name, weight in sorted(weights.items()) if abs(weight) >= 0.05),
    ]
    file.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
