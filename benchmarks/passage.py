"""Which text of a failure should clusters be made of?

The representation of workbench/clusters/grouping.py, [√0.7 passage | √0.3 signature], against what else could be embedded: the
first request, request and reply, the passage alone, the signature alone, the whole transcript (mean over its parts of
1,000 characters, since the model reads 256 word pieces), and other weights. Each is grouped by the same rule (kNN,
Leiden, granularity "normal") over the failures that no mechanical cluster takes, which is where the product uses it;
with --all over all failures.

    python benchmarks/passage.py [--json] [--logs ../shared/logs] [--all]

AMI per bot, then the mean weighted by failures, with: the modes planted in data/demo (our own generator's: an easier
world than real logs); `task_id` of agents.parquet; the checks that failed there (few kinds, so low for anyone). Leiden
depends on the order of the rows: each figure is the mean over five orders. `lead` is the choice less the other; its 95 %
interval, like the others, by half-sampling (see clusters.py, which says why not the bootstrap), uncorrected for the
number of comparisons.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.clusters import (
    ROOT,
    Failures,
    Labels,
    Samples,
    ami,
    codes,
    embed_texts,
    interval,
    load_failures,
    plain_encoder,
)
from workbench.clusters.failure_vectors import PASSAGE_SHARE, failure_vectors
from workbench.clusters.grouping import MECHANICAL_MINIMUM, RESOLUTION, leiden
from workbench.clusters.knn_graph import neighbour_graph
from workbench.conversation.model import Conversation
from workbench.demo.generator import DEMO_FILES, TRUTH_FILE
from workbench.embedding.vectors import Encoder, Vectors, unit_rows
from workbench.failures.case import reply

DEMO = ROOT / "data" / "demo"
CHOICE = "passage .7 | signature .3"
PART = 1000
ORDERS = 5
HALVES = 100
MODES, TASKS, CHECKS = "planted modes", "task", "failed checks"


@dataclass(frozen=True)
class Target:
    """What one bot's failures are really about: a code for each, -1 where it isn't known."""

    name: str
    bot: str
    kinds: Labels


def main() -> None:
    """Print the figures as a table, or as one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--logs", type=Path, default=ROOT.parent / "shared" / "logs")
    parser.add_argument("--all", action="store_true", help="mechanical failures too")
    arguments = parser.parse_args()
    encoder = plain_encoder("float32")
    failures = load_failures(arguments.logs / "agents.parquet", encoder)
    for name in DEMO_FILES:
        failures |= load_failures(DEMO / name, encoder)
    if not arguments.all:
        failures = {bot: without_mechanical(of_bot) for bot, of_bot in failures.items()}
    figures = measure(failures, targets(failures), encoder)
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        show(figures)


def without_mechanical(failures: Failures) -> Failures:
    """The failures that go by their topic: those whose mechanical key, if any, too few share."""
    shared = Counter(analysis.mechanical_key for analysis in failures.analyses)
    kept = [
        row
        for row, analysis in enumerate(failures.analyses)
        if not analysis.mechanical_key or shared[analysis.mechanical_key] < MECHANICAL_MINIMUM
    ]
    return Failures(
        [failures.conversations[row] for row in kept], [failures.analyses[row] for row in kept], failures.passages[kept]
    )


# --- what is known --------------------------------------------------------------------------------------------------


def targets(failures: dict[str, Failures]) -> list[Target]:
    """The demo's planted modes, and the tasks and failed checks of the real agents."""
    truth = {(row["bot"], row["conversation_id"]): row["mode"] for row in pq.read_table(DEMO / TRUTH_FILE).to_pylist()}
    found = []
    for bot, of_bot in failures.items():
        own = of_bot.conversations
        if "task_id" in own[0].metadata:
            found.append(Target(TASKS, bot, codes([one.metadata["task_id"] for one in own])))
            found.append(Target(CHECKS, bot, codes([failed_checks(one) for one in own])))
        else:
            modes = [truth[bot, one.conversation_id] for one in own]
            found.append(Target(MODES, bot, np.where([mode is None for mode in modes], -1, codes(modes))))
    return found


def failed_checks(conversation: Conversation) -> str:
    """Which of a task's checks failed; how it ended where none was made."""
    made = json.loads(conversation.metadata["checks"]).get("reward_breakdown", {})
    failed = sorted(name for name, reward in made.items() if reward < 1)
    return " ".join(failed) or str(conversation.metadata["termination_reason"])


# --- what is embedded -----------------------------------------------------------------------------------------------


def representations(failures: Failures, encoder: Encoder) -> dict[str, Vectors]:
    """Unit rows of one bot's failures, by what they are made of; our choice first."""
    tokens = [analysis.signature_tokens for analysis in failures.analyses]
    passages = failures.passages
    signatures = failure_vectors(np.zeros_like(passages), tokens)
    requests = [analysis.request for analysis in failures.analyses]
    answered = [
        f"{analysis.request}\n{reply(one, analysis.failing_turn)}"
        for one, analysis in zip(failures.conversations, failures.analyses, strict=True)
    ]
    request_vectors, answered_vectors = embed_texts(requests, encoder), embed_texts(answered, encoder)
    return {
        CHOICE: failure_vectors(passages, tokens),
        "first request": request_vectors,
        "request + reply": answered_vectors,
        "passage": passages,
        "signature": signatures,
        "whole transcript": transcripts(failures.conversations, encoder),
        **{
            f"passage .{share} | signature .{10 - share}": beside(passages, signatures, share / 10)
            for share in (3, 4, 5, 6, 8, 9)
        },
        "first request .7 | signature .3": beside(request_vectors, signatures, PASSAGE_SHARE),
        "request + reply .7 | signature .3": beside(answered_vectors, signatures, PASSAGE_SHARE),
    }


def beside(texts: Vectors, signatures: Vectors, share: float) -> Vectors:
    """Two representations as one, `share` of the cosine coming from the first."""
    return unit_rows(np.hstack([np.sqrt(share) * texts, np.sqrt(1 - share) * signatures]))


def transcripts(conversations: Sequence[Conversation], encoder: Encoder) -> Vectors:
    """The mean vector of each conversation's parts, all its turns with text being one text."""
    texts = ["\n".join(turn.content for turn in one.turns if turn.content.strip()) for one in conversations]
    parts = [(row, text[at : at + PART]) for row, text in enumerate(texts) for at in range(0, len(text), PART)]
    means = np.zeros((len(texts), encoder.dimension), np.float32)
    np.add.at(means, [row for row, _ in parts], embed_texts([part for _, part in parts], encoder))
    return unit_rows(means)


# --- how well they agree --------------------------------------------------------------------------------------------


def measure(failures: dict[str, Failures], known: Sequence[Target], encoder: Encoder) -> dict[str, Any]:
    """AMI of each representation with each target, its lead, and how many failures of how many kinds there are."""
    vectors = {bot: representations(of_bot, encoder) for bot, of_bot in failures.items()}
    names = list(next(iter(vectors.values())))
    samples: dict[tuple[str, str, str], Samples] = {}
    for name in names:
        for bot in failures:
            groupings = in_orders(vectors[bot][name])
            for target in known:
                if target.bot == bot:
                    samples[name, target.name, bot] = sampled(target.kinds, groupings)
    weights = {(target.name, target.bot): int((target.kinds >= 0).sum()) for target in known}
    rows: dict[str, dict[str, Any]] = {name: {} for name in names}
    for kind in (MODES, TASKS, CHECKS):
        bots = [target.bot for target in known if target.name == kind]
        share = np.asarray([weights[kind, bot] for bot in bots], float)
        mean = {name: np.average([samples[name, kind, bot] for bot in bots], axis=0, weights=share) for name in names}
        for name in names:
            rows[name][kind] = {
                "ami": round(float(mean[name][0]), 4),
                "ami_interval": interval(mean[name]),
                "lead": round(float(mean[CHOICE][0] - mean[name][0]), 4),
                "lead_interval": interval(mean[CHOICE] - mean[name]),
                "bots": {bot: round(float(samples[name, kind, bot][0]), 4) for bot in bots},
            }
    return {
        "choice": CHOICE,
        "targets": [
            {"target": t.name, "bot": t.bot, "failures": weights[t.name, t.bot], "kinds": len(set(t.kinds) - {-1})}
            for t in known
        ],
        "representations": rows,
        "verdict": verdict(rows),
    }


def in_orders(vectors: Vectors) -> list[Labels]:
    """Labels by our rule, the rows being given in several orders."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(ORDERS):
        order = rng.permutation(len(vectors))
        labels = np.zeros(len(vectors), np.intp)
        labels[order] = leiden(neighbour_graph(vectors[order]), RESOLUTION["normal"])
        found.append(labels)
    return found


def sampled(kinds: Labels, groupings: Sequence[Labels]) -> Samples:
    """Mean AMI over the groupings: of all rows whose kind is known, then of each random half of them.

    The halves are the same for every representation, so that differences can be taken.
    """
    rows = np.flatnonzero(kinds >= 0)
    rng = np.random.default_rng(0)
    draws = [rows, *(rng.permutation(rows)[: len(rows) // 2] for _ in range(HALVES))]
    return np.asarray([np.mean([ami(kinds[draw], labels[draw]) for labels in groupings]) for draw in draws])


def verdict(rows: dict[str, dict[str, Any]]) -> str:
    """Whether the choice is the best, in plain words: better or worse is what the interval of the lead says."""
    others = {name: row for name, row in rows.items() if name != CHOICE}
    better = {name: [kind for kind, one in row.items() if one["lead_interval"][1] < 0] for name, row in others.items()}
    worse = {name: [kind for kind, one in row.items() if one["lead_interval"][0] > 0] for name, row in others.items()}
    beaten = [f"{name} ({', '.join(better[name])})" for name in others if better[name] and not worse[name]]
    if beaten:
        return f"The choice is NOT the best. Better on some targets and worse on none: {'; '.join(beaten)}."
    return "The choice stands: whatever is better on one target is worse on another."


def show(figures: dict[str, Any]) -> None:
    """The figures for people."""
    for target in figures["targets"]:
        print(f"{target['target']:14} {target['bot']:12} {target['failures']:4} failures of {target['kinds']} kinds")
    for kind in figures["representations"][CHOICE]:
        print(f"\n{kind:34} {'AMI':>5}  {'95 %':16} choice leads by, 95 %")
        for name, row in figures["representations"].items():
            (low, high), (least, most) = row[kind]["ami_interval"], row[kind]["lead_interval"]
            lead = "" if name == CHOICE else f"{row[kind]['lead']:+.3f} [{least:+.3f}, {most:+.3f}]"
            print(f"{name:34} {row[kind]['ami']:.3f}  [{low:.3f}, {high:.3f}]  {lead}")
    print(f"\n{figures['verdict']}")


if __name__ == "__main__":
    main()
