from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.encoders import tiny_model
from workbench.embedding.encoders import (
    PackedEncoder,
    PlainEncoder,
    encoder_of,
    faster_precision,
    least_cosine,
    packaged_encoder,
    usable_cores,
)
from workbench.embedding.packed_bert import batches
from workbench.embedding.vectors import packaged_folder, unit_rows

TEXTS = [
    "I want my money back",
    "",
    "   ",
    "where is it? " * 200,
    "😀😀",
    "¿Dónde está mi paquete?",
    "返金してください",
    "my parcel",
    "naïve façade\u0000\ufffd\u200b",
    "x" * 3000,
    "#!/bin/bash\n\trm -rf /",
]


@pytest.fixture(scope="module")
def network() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(packaged_folder()), local_files_only=True, device="cpu")


@pytest.mark.parametrize(("precision", "least"), [("float32", 0.99999), ("bfloat16", 0.995)])
def test_odd_texts_get_the_vectors_that_sentence_transformers_gives(network: Any, precision: str, least: float) -> None:
    encoder = encoder_of("m", precision, network)
    assert isinstance(encoder, PackedEncoder)
    assert least_cosine(encoder.encode(TEXTS), network.encode(TEXTS)) >= least


@pytest.mark.parametrize(
    ("precision", "least"), [("float32", 0.99999), pytest.param("bfloat16", 0.995, marks=pytest.mark.slow)]
)
def test_the_packaged_model_straight_from_its_files_gives_the_same(network: Any, precision: str, least: float) -> None:
    encoder = packaged_encoder("m", precision, packaged_folder())
    assert least_cosine(encoder.encode(TEXTS), network.encode(TEXTS)) >= least
    assert (encoder.encode(TEXTS) == encoder_of("m", precision, network).encode(TEXTS)).all()


def test_a_vector_is_the_same_to_the_last_bit_whatever_it_shares_a_batch_with(network: Any) -> None:
    encoder = encoder_of("m", "bfloat16", network)
    together = encoder.encode(TEXTS)
    assert [(encoder.encode([text])[0] == row).all() for text, row in zip(TEXTS, together, strict=True)] == [
        True for _ in TEXTS
    ]


def test_what_the_model_reads_alike_is_embedded_once(network: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = encoder_of("m", "float32", network)
    assert isinstance(encoder, PackedEncoder)
    embedded: list[int] = []
    vectors_of = encoder._bert.vectors
    monkeypatch.setattr(encoder._bert, "vectors", lambda batch: embedded.append(len(batch)) or vectors_of(batch))
    cut_off = "where is it " * 200
    vectors = encoder.encode(["Refund me!", "no", "refund  ME !", cut_off, cut_off + " and more"])
    assert (sum(embedded), (vectors[0] == vectors[2]).all(), (vectors[3] == vectors[4]).all()) == (3, True, True)


def test_no_texts_give_no_rows(network: Any) -> None:
    assert encoder_of("m", "float32", network).encode([]).shape == (0, 384)


def test_another_way_of_pooling_runs_through_sentence_transformers(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    network = SentenceTransformer(tiny_model(tmp_path / "model", 1, 8, pooling="cls"), device="cpu")
    encoder = encoder_of("m", "float32", network)
    assert isinstance(encoder, PlainEncoder)
    assert np.allclose(unit_rows(encoder.encode(TEXTS)), unit_rows(network.encode(TEXTS)), atol=1e-5)


def test_a_small_model_with_mean_pooling_runs_packed(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    network = SentenceTransformer(tiny_model(tmp_path / "model", 1, 8), device="cpu")
    assert isinstance(encoder_of("m", "float32", network), PackedEncoder)


def test_the_probe_chooses_the_same_each_time(network: Any) -> None:
    assert len({faster_precision(lambda each: encoder_of("m", each, network)) for _ in range(2)}) == 1


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([3], [[0]]),
        ([2, 5, 2, 4], [[1, 3], [0, 2]]),
        ([4, 4, 4], [[0, 1], [2]]),
        ([30, 1], [[0], [1]]),  # longer than a batch: alone in it
    ],
)
def test_batches_hold_like_lengths_the_longest_first(lengths: list[int], expected: list[list[int]]) -> None:
    assert batches(lengths, tokens=9) == expected


def test_a_schedulers_share_of_the_cores_is_kept_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert usable_cores() == 1
