"""How much sooner are texts embedded than by sentence-transformers' default `encode`, and how near to what the machine can do?

The packaged model embeds the same texts in one process in turn, whose turn is first changing from round to round: as
sentence-transformers does by default (float32, batches of 32), as ours does in float32, and as ours does in the precision
that a store here would choose. Medians of the rounds, by the clock and in processor time; the ratio is of one round's two
figures, then its median. *Peak*: what torch multiplies of two 2,048 × 2,048 matrices in a second of one core, in the same
precision and round; *share*: what the model's layers and attention multiply, as a share of that.
Texts: questions of Banking77 where --logs has them, else those of the demo; and as many tokens again in long texts, a
dozen questions each. No text comes twice.

    python benchmarks/embed.py [--json] [--texts 1500] [--rounds 3] [--logs ../shared/logs]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workbench.demo.generator import generate
from workbench.embedding.encoders import PackedEncoder, encoder_of, faster_precision, least_cosine, usable_cores
from workbench.embedding.vectors import packaged_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

AIMS = {"float32": 1.3, "bfloat16": 2.2}
"""How many times sooner, by the precision that helps here."""
LEAST_COSINE = 0.995
LONG = 12
"""Questions of a long text."""
SIDE = 2048
"""Rows and columns of the matrices that tell the peak."""


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--texts", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--logs", type=Path, default=ROOT.parent / "shared" / "logs")
    arguments = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    figures = measure(arguments.logs, arguments.texts, arguments.rounds)
    if arguments.json:
        print(json.dumps(figures))
    else:
        show(figures)


def measure(logs: Path, count: int, rounds: int) -> dict[str, Any]:
    """The figures of short and of long texts."""
    import torch
    from sentence_transformers import SentenceTransformer

    network = SentenceTransformer(str(packaged_folder()), local_files_only=True, device="cpu")
    precision = faster_precision(lambda each: encoder_of("packaged", each, network))
    encoders = [encoder_of("packaged", each, network) for each in dict.fromkeys(("float32", precision))]
    assert all(isinstance(encoder, PackedEncoder) for encoder in encoders)
    short = questions(logs)[:count]
    long = [" ".join(short[start : start + LONG]) for start in range(0, len(short), LONG)]
    figures: dict[str, Any] = {
        "precision": precision,
        "aim": AIMS[precision],
        "cores": usable_cores(),
        "torch": torch.__version__,
        "texts": {
            "short": compared(network, encoders, short, rounds),
            "long": compared(network, encoders, long, rounds),
        },
    }
    return figures | {"load": round(os.getloadavg()[0], 1)}


def questions(logs: Path) -> list[str]:
    """Requests of people, each once."""
    import pyarrow.parquet as pq

    file = logs / "banking77.parquet"
    if file.exists():
        return list(dict.fromkeys(pq.read_table(file)["text"].to_pylist()))
    rows, _ = generate()
    said = (message["content"] for row in rows for message in row["messages"] if message["role"] == "user")
    return list(dict.fromkeys(filter(None, said)))


def compared(network: SentenceTransformer, encoders: list[Any], texts: list[str], rounds: int) -> dict[str, Any]:
    """Each way of embedding the texts beside sentence-transformers' own."""
    ways: dict[str, Callable[[], Any]] = {"default": lambda: network.encode(texts, show_progress_bar=False)}
    for encoder in encoders:
        ways[encoder.precision] = partial(encoder.encode, texts)
    theirs = network.encode(texts, show_progress_bar=False)
    cosines = {encoder.precision: least_cosine(encoder.encode(texts), theirs) for encoder in encoders}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    peaks: dict[str, list[tuple[float, float]]] = {encoder.precision: [] for encoder in encoders}
    for number in range(rounds):
        for name in list(ways)[:: -1 if number % 2 else 1]:
            times[name].append(timed(ways[name]))
        for name, taken in peaks.items():
            taken.append(peak(name))
    work = multiplications(network, texts)
    rows: dict[str, Any] = {"default": {"seconds": middle(times["default"], 0), "cpu": middle(times["default"], 1)}}
    for name, taken in peaks.items():
        pairs = list(zip(times["default"], times[name], strict=True))
        rows[name] = {
            "seconds": middle(times[name], 0),
            "cpu": middle(times[name], 1),
            "times_sooner": round(median(theirs[0] / ours[0] for theirs, ours in pairs), 2),
            "times_less_cpu": round(median(theirs[1] / ours[1] for theirs, ours in pairs), 2),
            "texts_a_cpu_second": round(len(texts) / middle(times[name], 1)),
            "worst_cosine": round(cosines[name], 5),
            "peak_gflop_a_cpu_second": round(median(each[1] for each in taken) / 1e9),
            "share_of_peak": round(work / middle(times[name], 1) / median(each[1] for each in taken), 3),
        }
    return {"texts": len(texts), "gflop": round(work / 1e9), "ways": rows}


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    begin, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - cpu


def middle(times: list[tuple[float, float]], which: int) -> float:
    """The median of the clock's (0) or the processor's (1) seconds."""
    return round(median(each[which] for each in times), 3)


def peak(precision: str) -> tuple[float, float]:
    """Operations that torch's product of large matrices does in a second of the clock, and of the processor, on one core."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    one = torch.randn(SIDE, SIDE).to(getattr(torch, precision))
    with torch.inference_mode():
        torch.nn.functional.linear(one, one)
        seconds, cpu = timed(lambda: [torch.nn.functional.linear(one, one) for _ in range(5)])
    torch.set_num_threads(threads)
    return 5 * 2 * SIDE**3 / seconds, 5 * 2 * SIDE**3 / cpu


def multiplications(network: SentenceTransformer, texts: list[str]) -> float:
    """Operations of the model's layers and attention for these texts, without padding: two for each multiply and add."""
    transformer: Any = network[0]
    config = transformer.model.config
    lengths = np.asarray(
        [len(ids) for ids in network.tokenizer(texts, truncation=True, max_length=network.max_seq_length)["input_ids"]]
    )
    width, layers = config.hidden_size, config.num_hidden_layers
    a_token = 2 * (4 * width**2 + 2 * width * config.intermediate_size)
    return float(layers * (lengths * a_token + 4 * lengths**2 * width).sum())


def show(figures: dict[str, Any]) -> None:
    """The figures as a table."""
    print(
        f"torch {figures['torch']}, {figures['cores']} cores, load {figures['load']}; a store here chooses "
        f"{figures['precision']}: at least {figures['aim']} × sentence-transformers' default, cosine at least {LEAST_COSINE}"
    )
    for kind, row in figures["texts"].items():
        print(f"\n{row['texts']} {kind} texts, {row['gflop']} GFLOP")
        print(f"{'':10}{'seconds':>9}{'CPU':>8}{'× sooner':>10}{'× CPU':>7}{'worst cosine':>14}{'share of peak':>15}")
        for name, way in row["ways"].items():
            line = f"{name:10}{way['seconds']:9.2f}{way['cpu']:8.2f}"
            if "worst_cosine" in way:
                line += f"{way['times_sooner']:10.2f}{way['times_less_cpu']:7.2f}{way['worst_cosine']:14.4f}{way['share_of_peak']:15.2f}"
            print(line)


if __name__ == "__main__":
    main()
