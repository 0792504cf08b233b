"""Do our clusters match what people called the same, better and sooner than the usual ones?

Our clustering (one default rule for all data: kNN graph, Leiden at the granularity "normal") against BERTopic and EVoC
with their defaults, scikit-learn's HDBSCAN with its defaults, and k-means told the true number of intents. All group the
same vectors: the texts embedded once with the packaged model as a user of sentence-transformers would (float32, batches of 32).

    make bench-peers                                             # once: .venv-bench with requirements-bench.txt
    nice -n 10 .venv/bin/python benchmarks/clusters.py [--json] [--logs ../shared/logs] [--peers .venv-bench/bin/python]
                                  [--data NAME…] [--methods NAME…] [--parts NAME…] [--work FOLDER]

In pieces: with --work, vectors, labels and times are kept in that folder and not made again.

Labels: Banking77's category (all questions, and the split "test"); in DSTC11 the one intent of each customer turn that has
one, the turn standing alone without its dialogue. Scores are over all texts, what a method calls noise being one more
cluster; `covered` is the share that is not noise, and the last columns compare a peer with ours on the peer's covered
texts alone. Interval: labels stay, texts are drawn (see `interval`); clusterings are not drawn again.
Each method groups in a process of its own. `seconds` run from its start to its labels: Python, imports (BERTopic's bring
torch), reading texts and vectors, numba's compile (its cache starts empty), grouping; no embedding. The peers' clock starts
only once this file's own imports are done, which they don't need. `again` is the same grouping a second time in that
process; `total` adds the process that embeds: for ours as a new store does (precision chosen by its probe, vectors kept),
for the peers the one above. CPU counts all threads, so it depends less on what else the machine does. Peers without a
seed in their defaults (BERTopic) move from run to run.

*precisions*: AMI of our clusters with the truth in float32 and in bfloat16, and of the two with each other.

On agents.parquet: agreement of the product's clusters (mechanical ones too) with the task, among the failures of a bot;
and with themselves over ten subsamples of 80 %.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workbench.clusters.grouping import group_failures, topics
from workbench.conversation.model import Conversation
from workbench.embedding.vectors import (
    PACKAGED,
    Encoder,
    VectorCache,
    Vectors,
    load_encoder,
    packaged_folder,
    unit_rows,
)
from workbench.failures.analysis import Analysis, analyse
from workbench.failures.repeated_turns import new_from
from workbench.failures.signals import Observations, bot_norms, observe
from workbench.logs.formats import LoggedConversation, ReadOptions, chat, open_source
from workbench.store import Store

Labels = NDArray[np.intp]
Samples = NDArray[np.float64]

AIMS = {"banking77": 0.80, "banking77-test": 0.76, "dstc11-banking": 0.66}
METHODS = ("ours", "bertopic", "evoc", "hdbscan", "kmeans")
PARTS = ("methods", "precisions", "agents")
HALVES = 200
SUBSAMPLES, SUBSAMPLE = 10, 0.8
NOISE = -1
APART = ("bertopic", "evoc")
WARM = ("ours", *APART)
"""Methods that are timed a second time: ours, and those that numba compiles the first time."""


def main() -> None:
    """Print the figures as tables, or as one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--logs", type=Path, default=ROOT.parent / "shared" / "logs")
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-bench" / "bin" / "python")
    parser.add_argument("--data", nargs="*", default=list(AIMS), choices=AIMS)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=METHODS)
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=PARTS, help="to run it in pieces")
    parser.add_argument("--work", type=Path, help="keep vectors, labels and times here, to go on from")
    parser.add_argument("--run", nargs=2, metavar=("STEP", "FOLDER"), help="what a step's own process does")
    arguments = parser.parse_args()
    if arguments.run:
        run(arguments.run[0], Path(arguments.run[1]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        figures = measure(arguments, arguments.work or Path(scratch))
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        show(figures)


def measure(arguments: argparse.Namespace, work: Path) -> dict[str, Any]:
    """The figures of the parts and data asked for."""
    figures: dict[str, Any] = {"data": {}, "precisions": {}, "agents": {}}
    for name in arguments.data if "methods" in arguments.parts else []:
        texts, truth = read(arguments.logs, name)
        folder = work / name
        folder.mkdir(parents=True, exist_ok=True)
        given = {"texts": texts, "kinds": len(set(truth))}
        (folder / "texts.json").write_text(json.dumps(given), "utf-8")
        figures["data"][name] = compare(truth, arguments.methods, arguments.peers, folder) | {"aim": AIMS[name]}
    for name in arguments.data if "precisions" in arguments.parts else []:
        figures["precisions"][name] = precisions(*read(arguments.logs, name))
    if "agents" in arguments.parts:
        figures["agents"] = agents(arguments.logs / "agents.parquet")
    return figures


def read(logs: Path, name: str) -> tuple[list[str], list[str]]:
    """The texts of a data set and what people called each."""
    import pyarrow.parquet as pq

    if name == "dstc11-banking":
        rows = [row for row in pq.read_table(logs / "dstc11-banking-turns.parquet").to_pylist() if row["intent"]]
        return [row["utterance"] for row in rows], [row["intent"][0] for row in rows]
    rows = pq.read_table(logs / "banking77.parquet").to_pylist()
    rows = [row for row in rows if name == "banking77" or row["split"] == "test"]
    return [row["text"] for row in rows], [row["category"] for row in rows]


# --- each step in its own process -----------------------------------------------------------------------------------


def run(step: str, folder: Path) -> None:
    """Read texts.json (and vectors.npy) in a folder; write what a step makes of them, and its times as STEP.json."""
    own = (float(os.environ["STARTED"]), 0.0) if step in ("ours", "store") else (time.time(), time.process_time())
    given = json.loads((folder / "texts.json").read_text("utf-8"))
    if step in EMBEDDERS:
        np.save(folder / f"{step}.npy", EMBEDDERS[step](given["texts"]))
        times = passed(own)
    else:
        group, vectors = GROUPERS[step], np.load(folder / "plain.npy")
        labels = group(given["texts"], vectors, given["kinds"])
        times, again = passed(own), time.time()
        if step in WARM:
            group(given["texts"], vectors, given["kinds"])
            times["again"] = round(time.time() - again, 2)
        np.save(folder / f"{step}.npy", labels)
    (folder / f"{step}.json").write_text(json.dumps(times), "utf-8")


def passed(since: tuple[float, float]) -> dict[str, float]:
    """Seconds by the clock and of the processor since then."""
    return {"seconds": round(time.time() - since[0], 2), "cpu": round(time.process_time() - since[1], 2)}


def embed_as_store(texts: list[str]) -> Vectors:
    with tempfile.TemporaryDirectory() as folder:
        cache = empty_cache(Path(folder))
        return cache.embed(texts, load_encoder(cache))


def empty_cache(folder: Path) -> VectorCache:
    store = Store(folder)
    store.vectors.mkdir(parents=True)
    return VectorCache(store)


def embed_plainly(texts: list[str]) -> Vectors:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(packaged_folder()), local_files_only=True, device="cpu")
    return np.asarray(model.encode(texts, show_progress_bar=False))


EMBEDDERS: dict[str, Callable[[list[str]], Vectors]] = {"store": embed_as_store, "plain": embed_plainly}


def group_ours(texts: list[str], vectors: Any, kinds: int) -> Labels:
    return topics(vectors, [[]] * len(vectors))


def group_bertopic(texts: list[str], vectors: Any, kinds: int) -> Labels:
    from bertopic import BERTopic

    # Given the vectors it embeds nothing; the model would only serve to look topics up later.
    topics, _ = BERTopic().fit_transform(texts, embeddings=vectors)
    return np.asarray(topics)


def group_evoc(texts: list[str], vectors: Any, kinds: int) -> Labels:
    from evoc import EVoC

    return np.asarray(EVoC().fit_predict(vectors))


def group_hdbscan(texts: list[str], vectors: Any, kinds: int) -> Labels:
    from sklearn.cluster import HDBSCAN

    return np.asarray(HDBSCAN(copy=True).fit_predict(vectors))


def group_kmeans(texts: list[str], vectors: Any, kinds: int) -> Labels:
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(kinds, n_init=10, random_state=0).fit_predict(vectors))


GROUPERS: dict[str, Callable[[list[str], Any, int], Labels]] = {
    "ours": group_ours,
    "bertopic": group_bertopic,
    "evoc": group_evoc,
    "hdbscan": group_hdbscan,
    "kmeans": group_kmeans,
}


# --- methods side by side -------------------------------------------------------------------------------------------


def compare(truth: list[str], methods: Sequence[str], peers: Path, folder: Path) -> dict[str, Any]:
    """All methods on one data set, one after the other; a method that can't run says why in `skipped`."""
    embedding = {step: in_own_process(step, folder, sys.executable) for step in EMBEDDERS}
    found: dict[str, Labels] = {}
    samples: dict[str, Samples] = {}
    rows: dict[str, Any] = {}
    for method in methods:
        python = str(peers) if method in APART else sys.executable
        if method in APART and (lack := missing(method, peers)):
            rows[method] = {"skipped": lack}
            continue
        times = in_own_process(method, folder, python)
        added = embedding["store" if method == "ours" else "plain"]
        found[method] = np.load(folder / f"{method}.npy")
        total = {f"total_{name}": round(times[name] + added[name], 2) for name in ("seconds", "cpu")}
        samples[method] = sampled(agreement(codes(truth), found[method]), len(truth))
        rows[method] = scores(truth, found[method], samples[method]) | times | total
    for method, labels in found.items():
        if "ours" in found and method != "ours":
            lead = samples["ours"] - samples[method]
            rows[method] |= {"lead": round(float(lead[0]), 4), "lead_interval": interval(lead)}
            rows[method] |= on_covered(truth, found["ours"], labels)
    return {"texts": len(truth), "kinds": len(set(truth)), "embedding": embedding, "methods": rows}


def missing(method: str, peers: Path) -> str:
    """Why a peer can't run; empty where it can."""
    if not peers.exists():
        return f"no {peers.name} in {peers.parent.parent.name}: run `make bench-peers`"
    found = subprocess.run([str(peers), "-c", f"import importlib.util as u; assert u.find_spec('{method}')"])
    return f"{method} is not installed there: run `make bench-peers`" if found.returncode else ""


def in_own_process(step: str, folder: Path, python: str) -> dict[str, float]:
    """The times of a step whose result is then in the folder."""
    if not (folder / f"{step}.json").exists():
        with tempfile.TemporaryDirectory() as numba:
            environment = os.environ | {"NUMBA_CACHE_DIR": numba, "TOKENIZERS_PARALLELISM": "true"}
            command = [python, "-W", "ignore", __file__, "--run", step, str(folder)]
            environment["STARTED"] = str(time.time())
            subprocess.run(command, check=True, env=environment, stdout=sys.stderr)
    times: dict[str, float] = json.loads((folder / f"{step}.json").read_text("utf-8"))
    return times


def scores(truth: Sequence[str], labels: Labels, samples: Samples) -> dict[str, Any]:
    """Agreement with the truth (Vinh et al. 2010; Hubert and Arabie 1985), coverage and number of clusters."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    kinds = codes(truth)
    return {
        "ami": round(float(samples[0]), 4),
        "ami_interval": interval(samples),
        "ari": round(float(adjusted_rand_score(kinds, labels)), 4),
        "nmi": round(float(normalized_mutual_info_score(kinds, labels)), 4),
        "covered": round(float((labels != NOISE).mean()), 4),
        "clusters": len(set(labels.tolist()) - {NOISE}),
    }


def on_covered(truth: Sequence[str], ours: Labels, labels: Labels) -> dict[str, float]:
    """AMI of a peer and of ours on the texts that the peer doesn't call noise."""
    kinds, covered = codes(truth), labels != NOISE
    return {
        "ami_covered": round(ami(kinds[covered], labels[covered]), 4),
        "ours_covered": round(ami(kinds[covered], ours[covered]), 4),
    }


def ami(kinds: Labels, labels: Labels) -> float:
    """Adjusted mutual information (Vinh et al. 2010), arithmetic mean."""
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(kinds, labels))


def agreement(kinds: Labels, labels: Labels) -> Callable[[Labels], float]:
    """AMI of two labellings as a function of the rows that are drawn."""
    return lambda rows: ami(kinds[rows], labels[rows])


def codes(names: Sequence[object]) -> Labels:
    """Names as numbers, equal where they are equal."""
    return np.unique([str(name) for name in names], return_inverse=True)[1]


def sampled(statistic: Callable[[Labels], float], count: int) -> Samples:
    """A statistic of all rows, then of random halves of them; the halves are the same for every statistic."""
    rng = np.random.default_rng(0)
    halves = (rng.permutation(count)[: count // 2] for _ in range(HALVES))
    return np.asarray([statistic(np.arange(count)), *map(statistic, halves)])


def interval(samples: Samples) -> list[float]:
    """95 % interval of a sampled statistic: ± 1.96 standard deviations over random halves (Shao and Wu 1989).

    Halves are drawn without replacement: a bootstrap repeats rows, each copy agrees with itself, and AMI comes out too high.
    The deviation over halves estimates that of the whole.
    """
    spread = 1.96 * float(np.std(samples[1:]))
    return [round(float(samples[0]) - spread, 4), round(float(samples[0]) + spread, 4)]


def precisions(texts: list[str], truth: list[str]) -> dict[str, float]:
    """AMI of our clusters with the truth in each precision, and of the two with each other."""
    kinds = codes(truth)
    found = {name: group_ours(texts, embed_texts(texts, plain_encoder(name)), 0) for name in ("float32", "bfloat16")}
    agreed = {name: round(ami(kinds, labels), 4) for name, labels in found.items()}
    return agreed | {"each other": round(ami(found["float32"], found["bfloat16"]), 4)}


def plain_encoder(precision: str) -> Encoder:
    """The packaged model in a given precision, without a store."""
    with tempfile.TemporaryDirectory() as folder:
        cache = empty_cache(Path(folder))
        cache.settle(PACKAGED, precision)
        return load_encoder(cache)


# --- real failures --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failures:
    """The failing conversations of one bot, with their analyses, passages as unit rows, and rows of the log."""

    conversations: list[Conversation]
    analyses: list[Analysis]
    passages: Vectors


def load_failures(path: Path, encoder: Encoder) -> dict[str, Failures]:
    """The failures of each bot in a log of the chat layout, judged as a build judges them."""
    with tempfile.TemporaryDirectory() as scratch:
        found = chat.read([open_source(path)], ReadOptions(), Path(scratch))
        conversations = sorted(
            (one.conversation for one in found if isinstance(one, LoggedConversation)), key=lambda one: one.key
        )
    by_bot: dict[str, Failures] = {}
    for bot in sorted({one.bot for one in conversations}):
        own = [one for one in conversations if one.bot == bot]
        observations = Observations.of([observe(one) for one in own])
        norms, begins = bot_norms(observations), new_from(observations).tolist()
        judged = [(one, analyse(one, norms, new_from=begin)) for one, begin in zip(own, begins, strict=True)]
        failing = [(one, analysis) for one, analysis in judged if analysis.failed]
        analyses = [analysis for _, analysis in failing]
        texts = [analysis.passage for analysis in analyses]
        by_bot[bot] = Failures([one for one, _ in failing], analyses, embed_texts(texts, encoder))
    return by_bot


def embed_texts(texts: Sequence[str], encoder: Encoder) -> Vectors:
    """Unit rows, a zero row where there is no text."""
    vectors = unit_rows(encoder.encode(texts))
    vectors[[i for i, text in enumerate(texts) if not text.strip()]] = 0
    return vectors


def agents(path: Path) -> dict[str, Any]:
    """Per bot: AMI of its failures' clusters with the task, and of the clusters of subsamples with each other."""
    figures = {}
    for bot, failures in load_failures(path, plain_encoder("float32")).items():
        tasks = codes([one.metadata["task_id"] for one in failures.conversations])
        rng = np.random.default_rng(0)
        count = len(tasks)
        parts = [np.sort(rng.permutation(count)[: round(SUBSAMPLE * count)]) for _ in range(SUBSAMPLES)]
        labels = product_labels(failures, np.arange(count))
        found = [dict(zip(part.tolist(), product_labels(failures, part).tolist(), strict=True)) for part in parts]
        pairs = [on_common(a, b) for a, b in combinations(found, 2)]
        figures[bot] = {
            "failures": count,
            "tasks": len(set(tasks.tolist())),
            "clusters": len(set(labels.tolist())),
            "ami_task": round(ami(tasks, labels), 4),
            "ami_task_interval": interval(sampled(agreement(tasks, labels), count)),
            "stability": round(float(np.mean(pairs)), 4),
            "stability_range": [round(min(pairs), 4), round(max(pairs), 4)],
        }
    return figures


def product_labels(failures: Failures, rows: Labels) -> Labels:
    """The product's clusters of some of a bot's failures, as numbers in the order of `rows`."""
    analyses = [failures.analyses[row] for row in rows]
    grouping = group_failures(
        failures.passages[rows],
        [analysis.signature_tokens for analysis in analyses],
        [analysis.mechanical_key for analysis in analyses],
    )
    labels = np.zeros(len(rows), np.intp)
    for number, group in enumerate(grouping.groups):
        labels[group.members] = number
    return labels


def on_common(one: dict[int, int], other: dict[int, int]) -> float:
    """AMI of two clusterings over the rows that both have."""
    common = sorted(one.keys() & other.keys())
    return ami(np.asarray([one[row] for row in common]), np.asarray([other[row] for row in common]))


# --- for people -----------------------------------------------------------------------------------------------------


def show(figures: dict[str, Any]) -> None:
    """The figures as tables."""
    for name, data in figures["data"].items():
        print(f"\n{name}: {data['texts']} texts, {data['kinds']} kinds; aim AMI ≥ {data['aim']}")
        print(
            f"  {'':9} {'AMI':>5}  {'95 %':14} {'ARI':>5} {'NMI':>5} {'covered':>7} {'clusters':>8} {'seconds':>8} {'cpu':>6} "
            f"{'again':>6} {'total':>7} {'cpu':>6}  ours leads by             on covered: it / ours"
        )
        for method, row in data["methods"].items():
            print(f"  {method:9} skipped: {row['skipped']}" if "skipped" in row else "  " + line(method, row))
        for method, row in data["methods"].items():
            if method != "ours" and "seconds" in row and "seconds" in data["methods"].get("ours", {}):
                print("  " + ratio(method, row, data["methods"]["ours"]))
    if figures["precisions"]:
        print("\nAMI of our clusters with the truth in float32, in bfloat16, and of the two with each other:")
    for name, agreement in figures["precisions"].items():
        print(f"  {name:16} " + ", ".join(f"{value:.3f}" for value in agreement.values()))
    if figures["agents"]:
        print("\nagents.parquet, failures by [√0.7 passage | √0.3 signature], mechanical clusters first, normal:")
    for bot, row in figures["agents"].items():
        low, high = row["ami_task_interval"]
        least, most = row["stability_range"]
        print(
            f"  {bot:8} {row['failures']} failures of {row['tasks']} tasks in {row['clusters']} clusters; "
            f"AMI with task {row['ami_task']:.3f} [{low:.3f}, {high:.3f}]; "
            f"stability {row['stability']:.3f} (pairs {least:.3f} to {most:.3f})"
        )


def line(method: str, row: dict[str, Any]) -> str:
    """One method's row."""
    low, high = row["ami_interval"]
    text = (
        f"{method:9} {row['ami']:.3f}  [{low:.3f}, {high:.3f}] {row['ari']:.3f} {row['nmi']:.3f} {row['covered']:7.2f} "
        f"{row['clusters']:8} {row['seconds']:8.1f} {row['cpu']:6.1f} {format(row['again'], '.1f') if 'again' in row else '':>6} "
        f"{row['total_seconds']:7.1f} {row['total_cpu']:6.1f}"
    )
    if "lead" not in row:
        return text
    low, high = row["lead_interval"]
    lead = f"{row['lead']:+.3f} [{low:+.3f}, {high:+.3f}]"
    return f"{text}  {lead:24}  {row['ami_covered']:.3f} / {row['ours_covered']:.3f}"


def ratio(method: str, row: dict[str, Any], ours: dict[str, Any]) -> str:
    """How much of a peer's time ours takes."""
    shares = {
        name: ours[name] / row[name]
        for name in ("seconds", "cpu", "again", "total_seconds", "total_cpu")
        if name in row
    }
    return f"ours takes of {method}'s time: " + ", ".join(f"{name} {share:.3f}" for name, share in shares.items())


if __name__ == "__main__":
    main()
