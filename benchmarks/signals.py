"""How often each signal fires and how often rightly, and what a learned score adds to the mere length.

    python benchmarks/signals.py [--logs ../shared/logs] [--json]

*signals*: precision and recall with Wilson intervals, against reward < 0.5 (agents.parquet, the tau file) and
faithfulness <= 2 (rag.parquet, without small talk). The same task or dialogue counts several times: those intervals are
narrower than they should be.
*tiers*: the same, with intervals by task, of the two tiers and each new signal on the tasks that no rule was settled on, beside
trivial rules; and how often new signals fire where nothing is wrong (`tiers.py`, `near_misses.py`).
*reward*: AUC of the signals' plain score, of the learned score (`workbench.failures.learned_score`, held out by task, the analysis
blind to the reward), of the number of turns, of a bag of words; also among conversations of one model.
*retrieval*: AUC of the share of an answer that stands in none of its documents; nothing is learned.
*breakdown*: replies of two chit-chat bots that 15 or more of 30 people call a breakdown (`breakdown.py`), held out by
dialogue; the mean over the bots of the AUC within each.
95 % intervals of an AUC, and of its lead over the length, by drawing whole tasks or dialogues anew, 200 times.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.breakdown import Reply, contexts, embedded, interactions, replies, traits
from benchmarks.clusters import embed_texts, plain_encoder
from benchmarks.near_misses import near_misses
from benchmarks.tiers import HeldOut, judged, negative_lines, negatives, tiers
from benchmarks.tiers import lines as tier_lines
from tests.support.norms import norms_of
from workbench.conversation.model import Conversation
from workbench.conversation.outcome import derive
from workbench.conversation.tool_calls import bot_calls
from workbench.failures.analysis import Analysis, analyse
from workbench.failures.facets import Facets, in_words, signal_facet, step_facet, trait_facet
from workbench.failures.learned_score import Examples, learn
from workbench.failures.logistic_regression import grouped_folds, out_of_fold
from workbench.failures.score_quality import auc, auc_interval, lead
from workbench.failures.signals import REGISTRY, BotNorms, Observed, Signal, score
from workbench.failures.signals.retrieval import PRIOR_SHARE, unsupported
from workbench.failures.tiers import FAILS_FROM
from workbench.logs.formats import LoggedConversation, ReadOptions, chat, open_source, tau
from workbench.stats import wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
FOLDS = 10
WORDS_STRENGTH, BREAKDOWN_STRENGTH = 1.0, 0.3


def load(path: Path) -> list[Conversation]:
    """The conversations of a log in the chat layout, or of a tau result file."""
    with TemporaryDirectory() as scratch:
        read, options = (tau.read, ReadOptions(bot="tau")) if path.suffix == ".json" else (chat.read, ReadOptions())
        found = read([open_source(path)], options, Path(scratch))
        return [one.conversation for one in found if isinstance(one, LoggedConversation)]


def measure(conversations: list[Conversation], bad: Callable[[Conversation], bool]) -> dict[str, Any]:
    """Firing count, precision with interval and recall of each signal and of the heuristic verdict; ms a conversation."""
    started = time.perf_counter()
    norms = {
        bot: norms_of(one for one in conversations if one.bot == bot) for bot in {one.bot for one in conversations}
    }
    learned = time.perf_counter()
    found = [analyse(one, norms[one.bot]).signals for one in conversations]
    analysed = time.perf_counter()
    labels = [bad(one) for one in conversations]
    heuristic = [[one for one in signals if one.code != "log-says-failed"] for signals in found]
    fired = {code: [any(one.code == code for one in signals) for signals in heuristic] for code in REGISTRY}
    fired["FAILS (without the log's own word)"] = [_fails(signals) for signals in heuristic]
    each = 1000 / len(conversations)
    return {
        "conversations": len(conversations),
        "failing": sum(labels),
        "ms_learn": round((learned - started) * each, 3),
        "ms_analyse": round((analysed - learned) * each, 3),
        "signals": [_row(code, hits, labels) for code, hits in fired.items() if any(hits)],
    }


def _fails(signals: list[Signal]) -> bool:
    return score(signals) >= FAILS_FROM


def _row(code: str, fired: list[bool], labels: list[bool]) -> dict[str, Any]:
    hits = sum(label for hit, label in zip(fired, labels, strict=True) if hit)
    count = sum(fired)
    low, high = wilson(hits, count)
    return {
        "signal": code,
        "strength": REGISTRY[code].strength if code in REGISTRY else "",
        "fired": count,
        "right": hits,
        "precision": round(hits / count, 3),
        "low": round(low, 3),
        "high": round(high, 3),
        "recall": round(hits / max(1, sum(labels)), 3),
    }


def table(name: str, result: dict[str, Any]) -> Iterable[str]:
    """The result as lines for a terminal."""
    base = result["failing"] / result["conversations"]
    yield f"\n{name}: {result['conversations']} conversations, {result['failing']} failing (base rate {base:.2f}); "
    yield f"{result['ms_learn']} ms a conversation to learn the norms, {result['ms_analyse']} ms to analyse"
    yield f"  {'signal':<36} {'strength':<8} {'fired':>5} {'right':>5}  precision         recall"
    for row in sorted(result["signals"], key=lambda row: -row["precision"]):
        interval = f"{row['precision']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
        yield f"  {row['signal']:<36} {row['strength']:<8} {row['fired']:>5} {row['right']:>5}  {interval}  {row['recall']:.2f}"


# --- the learned score against the reward ---------------------------------------------------------------------------


def reward(conversations: Sequence[Conversation], requests: Floats) -> dict[str, Any]:
    """AUCs of one bot for reward < 0.5, tasks held out."""
    labels = np.array([failed(one) for one in conversations])
    tasks = [str(one.metadata["task_id"]) for one in conversations]
    norms = norms_of(conversations)
    found = [analyse(blind(one), norms) for one in conversations]
    turns = np.array([len(one.turns) for one in conversations])
    examples = Examples(tasks, labels.tolist(), turns, Facets.of([facets_of(analysis) for analysis in found]))
    learned = learn(conversations[0].bot, examples, requests.astype(np.float32))
    said = {
        "learned": learned.scores,
        "signals added up": np.array([a.score for a in found]),
        "number of turns": np.array([float(len(one.turns)) for one in conversations]),
        "bag of words": _bag_of_words([" ".join(t.content for t in one.turns) for one in conversations], labels, tasks),
    }
    models = [one.model or "" for one in conversations]
    figures: dict[str, Any] = {
        "conversations": len(labels),
        "failing": int(labels.sum()),
        "tasks": len(set(tasks)),
        "auc": {name: _figure(labels, values, tasks, said["number of turns"]) for name, values in said.items()},
        "brier": learned.brier,
        "base_brier": learned.base_brier,
        "reliability": [one._asdict() for one in learned.bins],
        "strongest": [
            [in_words(name), round(weight, 2)]
            for name, weight in sorted(learned.weights.items(), key=lambda item: -abs(item[1]))[:8]
        ],
    }
    if len(set(models)) > 1:
        figures["within_model"] = {name: round(_within(labels, values, models), 3) for name, values in said.items()}
    return figures


def failed(conversation: Conversation) -> bool:
    """The label: less than half of the task's reward."""
    return conversation.reward is not None and conversation.reward < 0.5


def blind(conversation: Conversation) -> Conversation:
    """A copy that does not say how it went; which task it was stands in it."""
    task = {name: value for name, value in conversation.metadata.items() if name == "task_id"}
    return replace(conversation, reward=None, outcome=None, metadata=task)


def facets_of(analysis: Analysis) -> dict[str, float]:
    """What was observed of one conversation, as named values."""
    names = [
        *(signal_facet(signal.code) for signal in analysis.signals),
        *(step_facet(token) for token in analysis.signature_tokens),
    ]
    traits = {trait_facet(name): value for name, value in analysis.traits.items()}
    return {name: 1.0 for name in names if name} | traits


def _bag_of_words(texts: Sequence[str], labels: Flags, groups: Sequence[str]) -> Floats:
    vectors = TfidfVectorizer(min_df=3, sublinear_tf=True).fit_transform(texts).toarray()
    return out_of_fold(vectors, labels, grouped_folds(groups, FOLDS), WORDS_STRENGTH)


def _within(labels: Flags, said: Floats, kinds: Sequence[str]) -> float:
    """The AUC over pairs of one kind only."""
    pairs, right = 0, 0.0
    for kind in set(kinds):
        here = np.array([one == kind for one in kinds])
        count = int(labels[here].sum() * (~labels[here]).sum())
        if count:
            pairs, right = pairs + count, right + count * auc(labels[here], said[here])
    return right / pairs


def _figure(labels: Flags, said: Floats, groups: Sequence[str], length: Floats) -> dict[str, Any]:
    """An AUC with its interval, and its lead over the length with that one's."""
    low, high = auc_interval(labels, said, groups)
    ahead = lead(labels, said, length, groups)
    named = {"auc": auc(labels, said), "low": low, "high": high, "lead": ahead.value, "lead_low": ahead.low}
    return {name: round(float(value), 3) for name, value in (named | {"lead_high": ahead.high}).items()}


# --- retrieval and breakdown ----------------------------------------------------------------------------------------


def retrieval(conversations: Sequence[Conversation]) -> dict[str, Any]:
    """AUC for faithfulness <= 2 of the share of an answer that stands in none of its documents; dialogues drawn anew."""
    labels = np.array([unfaithful(one) for one in conversations])
    dialogues = [one.conversation_id.split("<::>")[0] for one in conversations]
    seen = [Observed(one, BotNorms(retrieves=True), derive(one), bot_calls(one)) for one in conversations]
    told = [unsupported(one) for one in seen]
    shares = np.array([PRIOR_SHARE if share is None else share for share in told])
    lengths = np.array([float(sum(len(said.words) for said in one.bot[-1:])) for one in seen])
    return {
        "answers": len(labels),
        "unfaithful": int(labels.sum()),
        "without a claim": sum(share is None for share in told),
        "dialogues": len(set(dialogues)),
        "share in no document": _figure(labels, shares, dialogues, lengths),
        "words of the answer": _figure(labels, lengths, dialogues, lengths),
    }


def unfaithful(conversation: Conversation) -> bool:
    """The label: people call the answer unfaithful to its documents."""
    return bool(conversation.metadata["faithfulness"] <= 2)


def breakdown(rows: Sequence[Reply], encoder: Any) -> dict[str, Any]:
    """AUC within each bot for breakdowns, dialogues held out, and the mean of the two."""
    vectors = embedded(rows, encoder)
    found: dict[str, Any] = {}
    for system in sorted({row.system for row in rows}):
        here = [row for row in rows if row.system == system]
        labels, dialogues = np.array([row.broken for row in here]), [row.dialogue for row in here]
        around, told = contexts(here, vectors), traits(here, vectors)
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True)
        spelled = letters.fit_transform([row.text for row in here]).toarray()
        folds = grouped_folds(dialogues, FOLDS)

        def held_out(*parts: Floats, labels: Flags = labels, folds: NDArray[np.int64] = folds) -> Floats:
            return out_of_fold(np.hstack(parts), labels, folds, BREAKDOWN_STRENGTH)

        lengths = np.array([float(len(row.text.split())) for row in here])
        said = {
            "everything": held_out(around, told, spelled, interactions(around, told)),
            "vectors and traits": held_out(around, told),
            "vectors": held_out(around),
            "bag of words": _bag_of_words([f"{row.text} {row.asked}" for row in here], labels, dialogues),
            "words of the reply": lengths,
        }
        found[system] = {
            "replies": len(labels),
            "breakdowns": int(labels.sum()),
            "auc": {name: _figure(labels, values, dialogues, lengths) for name, values in said.items()},
        }
    names = next(iter(found.values()))["auc"]
    return found | {
        "mean": {n: round(float(np.mean([of["auc"][n]["auc"] for of in found.values()])), 3) for n in names}
    }


# --- tiers on held-out tasks ----------------------------------------------------------------------------------------


def held_out_tiers(bots: dict[str, list[Conversation]], rag: list[Conversation]) -> dict[str, Any]:
    """The tiers on the held-out tasks of each log, and the negative sets of the new signals."""
    logs: dict[str, HeldOut] = {}
    of_all: list[tuple[Analysis, bool]] = []
    retrieving = {bot: [one for one in rag if one.bot == bot] for bot in sorted({one.bot for one in rag})}
    for name, of_bots, bad in [
        *((bot, {bot: own}, failed) for bot, own in bots.items()),
        ("rag", retrieving, unfaithful),
    ]:
        conversations = [one for own in of_bots.values() for one in own]
        analyses = [each for own in of_bots.values() for each in judged([blind(one) for one in own])]
        labels = [bad(one) for one in conversations]
        groups = [str(one.metadata.get("task_id", one.conversation_id.split("<::>")[0])) for one in conversations]
        logs[name] = tiers(conversations, analyses, labels, groups)
        of_all += zip(analyses, labels, strict=True)
    return {"logs": logs, "negatives": negatives(of_all, near_misses())}


# --- printing -------------------------------------------------------------------------------------------------------


def lines(figures: dict[str, Any]) -> Iterable[str]:
    """All figures for a terminal."""
    for name, result in figures["signals"].items():
        yield from table(name, result)
    yield from tier_lines(figures["tiers"]["logs"])
    yield from negative_lines(figures["tiers"]["negatives"])
    for bot, result in figures["reward"].items():
        yield f"\n{bot}, reward: {result['failing']} of {result['conversations']} failing, {result['tasks']} tasks"
        for name, one in result["auc"].items():
            among = f"  within model {result['within_model'][name]:.3f}" if "within_model" in result else ""
            yield _said(name, one) + among
        yield f"  Brier {result['brier']:.3f}; always the bot's rate {result['base_brier']:.3f}"
        bins = (f"{one['said']:.2f}: {one['failed']} of {one['total']}" for one in result["reliability"])
        yield f"  said and came: {'; '.join(bins)}"
    rag = figures["retrieval"]
    yield f"\nretrieval: {rag['unfaithful']} of {rag['answers']} unfaithful, {rag['dialogues']} dialogues"
    yield from (_said(name, one) for name, one in rag.items() if isinstance(one, dict))
    for system, result in figures["breakdown"].items():
        if system != "mean":
            yield f"\n{system}: {result['breakdowns']} of {result['replies']} replies break down"
            yield from (_said(name, one) for name, one in result["auc"].items())
    yield f"\nbreakdown, mean AUC within the two: {figures['breakdown']['mean']}"


def _said(name: str, one: dict[str, float]) -> str:
    return (
        f"  {name:<22} AUC {one['auc']:.3f} [{one['low']:.3f}, {one['high']:.3f}]  "
        f"over length {one['lead']:+.3f} [{one['lead_low']:+.3f}, {one['lead_high']:+.3f}]"
    )


def main() -> None:
    """Measure on the logs and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--logs", type=Path, default=ROOT.parent / "shared" / "logs")
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    logs: Path = options.logs
    agents, rag = load(logs / "agents.parquet"), load(logs / "rag.parquet")
    agents += load(logs / "tau-bench-gpt-4o-airline.json")
    bots = {bot: [one for one in agents if one.bot == bot] for bot in sorted({one.bot for one in agents})}
    rag = [one for one in rag if one.metadata["answerability"] != "CONVERSATIONAL"]
    encoder = plain_encoder("float32")
    figures: dict[str, Any] = {
        "signals": {bot: measure(own, failed) for bot, own in bots.items()} | {"rag": measure(rag, unfaithful)},
        "tiers": held_out_tiers(bots, rag),
        "reward": {},
        "retrieval": retrieval(rag),
        "breakdown": breakdown(replies(logs / "dbdc3-dev-turns.parquet"), encoder),
    }
    for bot, own in bots.items():
        norms = norms_of(own)
        requests = embed_texts([analyse(blind(one), norms).request for one in own], encoder)
        figures["reward"][bot] = reward(own, requests.astype(np.float64))
    if options.json:
        json.dump(figures, sys.stdout, default=asdict)
        print()
    else:
        print("\n".join(lines(figures)))


if __name__ == "__main__":
    main()
