"""From a Parquet file to named clusters of its failures: how much sooner than BERTopic, cold and with known vectors?

A log of failing conversations (a question, one sorry reply, reward 0): the questions of Banking77 where --logs has them,
else the demo's. Ours is the public command in a fresh process, `import` of the file into a new store: reading,
signals, embedding, clusters, their names, and all that pages, search and learned score need. BERTopic's is what its README
shows, in a fresh process, too: read the file, embed the questions with the same model as sentence-transformers does by
default, `BERTopic().fit_transform`, the topics' names. numba's cache starts empty for the first run and is kept for the
second, as on a person's machine.

*Again*: ours `analyze` of the same store, whose vectors are known; BERTopic in another fresh process, with its vectors from
a file that its first run wrote (`again`), and as it is used without such a file (`cold`).
AMI with what people called the questions (Banking77's category; the demo's intent), over all of them, what BERTopic calls
noise being one more cluster; and over the questions that it doesn't call noise. Wall and CPU seconds of the processes and
all their children, one run each: ratios are of one session, CPU depends less on what else the machine does.

    make bench-peers                                             # once: .venv-bench with requirements-bench.txt
    python benchmarks/end_to_end.py [--json] [--conversations 10000] [--small] [--logs ../shared/logs] [--peers PYTHON]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workbench.bench.bench import Bench
from workbench.demo.generator import generate
from workbench.embedding.vectors import packaged_folder
from workbench.store import Store

CONVERSATIONS, SMALL = 10_000, 1_000
AIM_COLD, AIM_AGAIN = 3, 20
REPLY = "I am sorry, I can't help with that."
NOISE = -1


@dataclass(frozen=True)
class Cost:
    """What a run of a process and its children took."""

    seconds: float
    """By the clock."""
    cpu: float
    """Of all its threads and children."""


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--conversations", type=int)
    parser.add_argument("--small", action="store_true", help=f"{SMALL:,} conversations")
    parser.add_argument("--logs", type=Path, default=ROOT.parent / "shared" / "logs")
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-bench" / "bin" / "python")
    parser.add_argument("--bertopic", nargs=2, type=Path, metavar=("LOG", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bertopic:
        run_bertopic(*arguments.bertopic)
        return
    count = arguments.conversations or (SMALL if arguments.small else CONVERSATIONS)
    with tempfile.TemporaryDirectory() as scratch:
        figures = measure(Path(scratch), count, arguments.logs, arguments.peers)
    if arguments.json:
        print(json.dumps(figures))
    else:
        show(figures)


def measure(scratch: Path, count: int, logs: Path, peers: Path) -> dict[str, Any]:
    """Both ways over the same log, and their ratios."""
    texts, kinds = questions(logs, count)
    log = write_log(scratch / "log.parquet", texts)
    figures: dict[str, Any] = {"conversations": len(texts), "kinds": len(set(kinds)), "load": [os.getloadavg()[0]]}
    store = scratch / "store"
    workbench = [sys.executable, "-m", "workbench"]
    cold = cost([*workbench, "import", str(log), "--store", str(store)])
    again = cost([*workbench, "analyze", "--store", str(store)])
    labels = clusters_of(store, len(texts))
    figures["ours"] = {"cold": asdict(cold), "again": asdict(again)} | scores(kinds, labels)
    if missing := lacks(peers):
        return figures | {"bertopic": {"skipped": missing}}
    figures["bertopic"] = bertopic(scratch, log, kinds, labels, peers)
    figures["load"] = [round(each, 1) for each in (*figures["load"], os.getloadavg()[0])]
    peer = figures["bertopic"]
    figures["times_sooner"] = {
        what: {name: round(peer[theirs][name] / asdict(ours)[name], 1) for name in ("seconds", "cpu")}
        for what, ours, theirs in (
            ("cold", cold, "cold"),
            ("again, vectors known to both", again, "again"),
            ("again, BERTopic embeds", again, "cold"),
        )
    }
    return figures


def bertopic(scratch: Path, log: Path, kinds: list[str], ours: list[str], peers: Path) -> dict[str, Any]:
    """The peer's two runs; its vectors and numba's cache stay in the folder between them."""
    command = [str(peers), "-W", "ignore", __file__, "--bertopic", str(log), str(scratch)]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(scratch / "numba"), "TOKENIZERS_PARALLELISM": "true"}
    cold = cost(command, environment)
    labels = [str(label) for label in json.loads((scratch / "topics.json").read_text("utf-8"))]
    again = cost(command, environment)
    covered = [row for row, label in enumerate(labels) if label != str(NOISE)]
    on_covered = {
        "covered": round(len(covered) / len(labels), 3),
        "ami_covered": ami([kinds[row] for row in covered], [labels[row] for row in covered]),
        "ours_covered": ami([kinds[row] for row in covered], [ours[row] for row in covered]),
    }
    return {"cold": asdict(cold), "again": asdict(again)} | scores(kinds, labels) | on_covered


def questions(logs: Path, count: int) -> tuple[list[str], list[str]]:
    """Questions of people, and what each was called."""
    file = logs / "banking77.parquet"
    if file.exists():
        rows = pq.read_table(file).to_pylist()
        rows = Random(0).sample(rows, min(count, len(rows)))  # the file is in the order of its categories
        return [row["text"] for row in rows], [row["category"] for row in rows]
    played, truth = generate(conversations=count)
    texts = [next(said["content"] for said in row["messages"] if said["role"] == "user") for row in played]
    return texts, [f"{row['bot']} {row['intent']}" for row in truth]


def write_log(path: Path, texts: list[str]) -> Path:
    """A log in which each question fails."""
    first = datetime(2026, 6, 1)
    rows = [
        {
            "conversation_id": str(n),
            "bot": "bank",
            "started_at": first + timedelta(minutes=7 * n),
            "reward": 0.0,
            "messages": [{"role": "user", "content": text}, {"role": "assistant", "content": REPLY}],
        }
        for n, text in enumerate(texts)
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def cost(command: list[str], environment: dict[str, str] | None = None) -> Cost:
    """What a command takes from its start to its end."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, env=environment, stdout=sys.stderr)
    seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(round(seconds, 1), round(cpu, 1))


def clusters_of(store: Path, count: int) -> list[str]:
    """The cluster of each conversation of a store, in the order of the log; none where it lies in none."""
    labels = ["none"] * count
    bench = Bench(Store(store))
    try:
        for row in bench.clusters():
            for member in bench.cluster(row.cluster).members:
                labels[int(member.conversation_id)] = row.cluster
    finally:
        bench.close()
    return labels


def lacks(peers: Path) -> str:
    """Why BERTopic can't run; empty where it can."""
    if not peers.exists():
        return f"no {peers.name} in {peers.parent.parent.name}: run `make bench-peers`"
    look = [str(peers), "-c", "import importlib.util as u; assert u.find_spec('bertopic')"]
    missing = subprocess.run(look, stderr=subprocess.DEVNULL).returncode
    return "bertopic is not installed there: run `make bench-peers`" if missing else ""


def run_bertopic(log: Path, folder: Path) -> None:
    """The peer's own process: topics.json and vectors.npy in the folder."""
    import numpy as np
    from bertopic import BERTopic
    from sentence_transformers import SentenceTransformer

    texts = [row[0]["content"] for row in pq.read_table(log, columns=["messages"])["messages"].to_pylist()]
    kept = folder / "vectors.npy"
    if kept.exists():
        model, vectors = BERTopic(), np.load(kept)
    else:
        network = SentenceTransformer(str(packaged_folder()), local_files_only=True, device="cpu")
        vectors = network.encode(texts, show_progress_bar=False)
        model = BERTopic(embedding_model=network)
        np.save(kept, vectors)
    topics, _ = model.fit_transform(texts, embeddings=vectors)
    names = model.get_topic_info()["Name"].tolist()
    print(f"{len(names)} topics")
    (folder / "topics.json").write_text(json.dumps([int(topic) for topic in topics]), "utf-8")


def scores(kinds: list[str], labels: list[str]) -> dict[str, Any]:
    """Agreement with what people called the questions, and the number of clusters."""
    return {"ami": ami(kinds, labels), "clusters": len(set(labels) - {"none", str(NOISE)})}


def ami(kinds: list[str], labels: list[str]) -> float:
    """Adjusted mutual information (Vinh et al. 2010), arithmetic mean."""
    from sklearn.metrics import adjusted_mutual_info_score

    return round(float(adjusted_mutual_info_score(kinds, labels)), 3)


def show(figures: dict[str, Any]) -> None:
    """The figures as a table."""
    print(f"{figures['conversations']:,} failing conversations of {figures['kinds']} kinds, load {figures['load']}")
    print(f"{'':12}{'cold s':>9}{'CPU':>8}{'again s':>9}{'CPU':>8}{'AMI':>7}{'clusters':>10}")
    for name in ("ours", "bertopic"):
        row = figures[name]
        if "skipped" in row:
            print(f"{name:12}skipped: {row['skipped']}")
            continue
        cold, again = row["cold"], row["again"]
        print(
            f"{name:12}{cold['seconds']:9.1f}{cold['cpu']:8.1f}{again['seconds']:9.1f}{again['cpu']:8.1f}"
            f"{row['ami']:7.3f}{row['clusters']:10}"
        )
    for what, ratios in figures.get("times_sooner", {}).items():
        print(f"{what}: {ratios['seconds']} × sooner, {ratios['cpu']} × less CPU")
    if "covered" in figures["bertopic"]:
        peer = figures["bertopic"]
        print(
            f"on the {peer['covered']:.0%} that BERTopic doesn't call noise: {peer['ami_covered']} against ours {peer['ours_covered']}"
        )
    print(f"aims: {AIM_COLD} × cold, {AIM_AGAIN} × again")


if __name__ == "__main__":
    main()
