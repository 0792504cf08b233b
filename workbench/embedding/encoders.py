"""Encoders over a loaded sentence-transformers model: batches of like token counts, texts that the model reads alike once.

A plain BERT with mean pooling (the packaged MiniLM is one) runs as `PackedBert`, if that gives what sentence-transformers
gives on a few odd texts; any other model runs through sentence-transformers itself.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.embedding.packed_bert import PackedBert, batches

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Rows = NDArray[np.float32]
"""A row a text."""
ODD_TEXTS = (
    "Where is order A-17?",
    "",
    "  two   LINES\n\tof it ",
    "¿Dónde está? 😀 日本語",
    "the parcel is late, and " * 80,
)
"""What an encoder must read as sentence-transformers does: plain, empty, blanks and case, other scripts, cut off."""
LEAST_ALIKE = {"float32": 0.9999, "bfloat16": 0.995}
"""The least cosine with sentence-transformers' float32 on each of them; measured 1.0000 and 0.9999."""
PROBED = 3
"""Runs of each precision in the probe, in turn; the quickest counts, as whatever else runs can only add to one."""


TokenIds = Callable[[Sequence[str]], list[list[int]]]
"""Texts to the token ids of each, with those that the model wants around them, cut off at its longest."""


class PackedEncoder:
    """A model as `PackedBert` runs it, a batch a core."""

    def __init__(self, model: str, precision: str, bert: PackedBert, token_ids: TokenIds) -> None:
        self.model, self.precision, self.dimension = model, precision, bert.width
        self._bert = bert
        self._token_ids = token_ids

    def encode(self, texts: Sequence[str]) -> Rows:
        """(n, dimension) float32, not of unit length; equal bits for texts that the model reads alike."""
        numbers: dict[tuple[int, ...], int] = {}
        at = [numbers.setdefault(tuple(ids), len(numbers)) for ids in self._token_ids(texts)]
        distinct = list(numbers)
        vectors = np.empty((len(distinct), self.dimension), np.float32)

        def embed(rows: list[int]) -> None:
            vectors[rows] = self._bert.vectors([distinct[row] for row in rows]).numpy()

        _run_on_cores(embed, batches([len(ids) for ids in distinct]))
        return vectors[at]


class PlainEncoder:
    """A model as sentence-transformers runs it."""

    def __init__(self, model: str, precision: str, network: SentenceTransformer) -> None:
        import copy

        self.model, self.precision = model, precision
        self.dimension = int(network.get_embedding_dimension() or 0)
        self._network = copy.deepcopy(network).bfloat16() if precision == "bfloat16" else network

    def encode(self, texts: Sequence[str]) -> Rows:
        """(n, dimension) float32."""
        # An empty text still gets a vector: a lone space is what the tokenizer takes as nothing.
        vectors = self._network.encode(
            [text or " " for text in texts], batch_size=128, convert_to_tensor=True, show_progress_bar=False
        )
        return np.asarray(vectors.float().cpu().numpy(), np.float32)


def encoder_of(model: str, precision: str, network: SentenceTransformer) -> PackedEncoder | PlainEncoder:
    """The quickest encoder of a loaded model that gives the model's own vectors."""
    transformer: Any = network[0]
    bert = getattr(transformer, "model", None)
    if PackedBert.fits(bert):
        plain = PlainEncoder(model, "float32", network)
        truth = np.vstack([plain.encode([text]) for text in ODD_TEXTS])  # by itself, none is padded to the longest
        token_ids = _tokens_of(network)
        packed = _agreeing(
            truth,
            precision,
            lambda fused: PackedEncoder(model, precision, PackedBert.of(bert, precision, fused), token_ids),
        )
        if packed is not None:
            return packed
    return PlainEncoder(model, precision, network)


def packaged_encoder(model: str, precision: str, folder: Path) -> PackedEncoder:
    """The encoder of the packaged MiniLM, straight from its files: transformers and sentence-transformers take four seconds to import.

    That it gives sentence-transformers' vectors is a test; here what oneDNN does is only held against what torch does.
    """
    import torch
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    weights = load_file(str(folder / "model.safetensors"))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(json.loads((folder / "sentence_bert_config.json").read_text("utf-8"))["max_seq_length"])
    tokenizer.no_padding()
    torch.manual_seed(0)

    def token_ids(texts: Sequence[str]) -> list[list[int]]:
        return [read.ids for read in tokenizer.encode_batch_fast(list(texts))]

    def make(precision: str, fused: bool) -> PackedEncoder:
        heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
        return PackedEncoder(model, precision, PackedBert(weights, heads, epsilon, precision, fused), token_ids)

    plain = make(precision, fused=False)
    return _agreeing(plain.encode(ODD_TEXTS), precision, partial(make, precision)) or plain


def _agreeing(truth: Rows, precision: str, make: Callable[[bool], PackedEncoder]) -> PackedEncoder | None:
    """The encoder, with oneDNN's fused layers if they do, that reads the odd texts as they should be read."""
    for fused in (True, False):
        try:
            encoder = make(fused)
            vectors = encoder.encode(ODD_TEXTS)
        except (AttributeError, IndexError, RuntimeError):
            continue  # this build of torch or this processor lacks the operators, or the model its places
        if least_cosine(vectors, truth) >= LEAST_ALIKE[precision]:
            return encoder
    return None


def _tokens_of(network: SentenceTransformer) -> TokenIds:
    """How a loaded model reads texts."""
    tokenizer = network.tokenizer

    def token_ids(texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        read = tokenizer(
            list(texts),
            truncation=True,
            max_length=network.max_seq_length,
            padding=False,
            return_attention_mask=False,
            return_token_type_ids=False,
        )
        ids: list[list[int]] = read["input_ids"]
        return ids

    return token_ids


def least_cosine(rows: Rows, other: Rows) -> float:
    """The cosine of the pair of rows that are least alike."""
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(other, axis=1)
    return float(((rows * other).sum(axis=1) / lengths).min())


def faster_precision(make: Callable[[str], PackedEncoder | PlainEncoder]) -> str:
    """bfloat16 where an encoder that `make` makes of it takes a quarter less processor time than one of float32, else float32.

    Processor time, on one thread, the least of several runs in turn: a busy machine chooses as an idle one does. Where a
    processor has units for bfloat16 it takes about half the time, elsewhere more than float32's: nothing lies near the bar.
    """
    texts = [f"I would like to change order {n} and ask when the refund for it arrives" for n in range(24)]
    encoders = [make(precision) for precision in ("float32", "bfloat16")]
    seconds = {encoder.precision: float("inf") for encoder in encoders}
    for encoder in encoders * PROBED:
        begin = time.process_time()
        encoder.encode(texts)
        seconds[encoder.precision] = min(seconds[encoder.precision], time.process_time() - begin)
    return "bfloat16" if seconds["bfloat16"] * 1.25 < seconds["float32"] else "float32"


def usable_cores() -> int:
    """Cores that this process may use: those it may run on, two threads of a core as one, within its container's quota.

    OMP_NUM_THREADS, which schedulers set for a worker's share of a machine, is the most.
    """
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    cores = len({_siblings(number) for number in allowed})
    quota = Path("/sys/fs/cgroup/cpu.max")
    most, _, period = quota.read_text("ascii").partition(" ") if quota.exists() else ("max", "", "")
    if most != "max":
        cores = min(cores, int(most) // int(period))
    if (share := os.environ.get("OMP_NUM_THREADS", "")).isdigit():
        cores = min(cores, int(share))
    return max(cores, 1)


def _siblings(number: int) -> str:
    """The processors that share this one's core, as the kernel lists them; by itself where it doesn't say."""
    listed = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
    return listed.read_text("ascii") if listed.exists() else str(number)


def _run_on_cores(work: Callable[[list[int]], None], items: Sequence[list[int]]) -> None:
    """Do the work on each item, an item a core: small layers on one thread each waste less than on all in turn."""
    import torch

    before = torch.get_num_threads()
    threads = max(min(usable_cores(), len(items)), 1)
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            list(pool.map(work, items))
    finally:
        torch.set_num_threads(before)
