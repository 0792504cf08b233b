"""Encoders for tests: words hashed into a few dimensions, so that like texts lie near each other; small model folders."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from workbench.embedding.vectors import Vectors, packaged_folder


class WordHashEncoder:
    model = "word-hash"
    precision = "float32"
    dimension = 64

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.01
            for word in text.lower().split():
                row[int(hashlib.md5(word.encode()).hexdigest(), 16) % self.dimension] += 1
        return rows


def tiny_model(folder: Path, seed: int, dimension: int, pooling: str = "mean") -> str:
    """A model folder with the packaged one's vocabulary and one small random layer."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    torch.manual_seed(seed)
    words = AutoTokenizer.from_pretrained(str(packaged_folder()))
    shape = BertConfig(vocab_size=len(words), hidden_size=dimension, num_hidden_layers=1)
    shape.num_attention_heads, shape.intermediate_size = 2, 8
    BertModel(shape).save_pretrained(folder / "bert")
    words.save_pretrained(folder / "bert")
    bert = Transformer(str(folder / "bert"))
    SentenceTransformer(modules=[bert, Pooling(dimension, pooling)], device="cpu").save(str(folder))
    return str(folder)
