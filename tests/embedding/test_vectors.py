from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.support.encoders import WordHashEncoder, tiny_model
from workbench.embedding.vectors import LateEncoder, VectorCache, Vectors, late_encoder, load_encoder, unit_rows
from workbench.errors import ModelMissing
from workbench.store import Store


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    store = Store(tmp_path)
    store.create()
    return VectorCache(store)


def test_each_text_is_embedded_once(cache: VectorCache) -> None:
    encoder = WordHashEncoder()
    first = cache.embed(["a b", "c", "a b"], encoder)
    again = cache.embed(["c", "d"], encoder)
    assert sorted(encoder.encoded) == ["a b", "c", "d"]
    assert first[1].tolist() == again[0].tolist()


def test_vectors_are_unit_rows_in_the_order_of_the_texts(cache: VectorCache) -> None:
    vectors = cache.embed(["x", "y", "x"], WordHashEncoder())
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1])
    assert vectors[0].tolist() == vectors[2].tolist() != vectors[1].tolist()


def test_another_precision_shares_nothing(cache: VectorCache) -> None:
    encoder, half = WordHashEncoder(), WordHashEncoder()
    half.precision = "bfloat16"
    cache.embed(["a"], encoder)
    cache.embed(["a"], half)
    assert half.encoded == ["a"]


def test_not_finite_vectors_are_refused_and_not_kept(cache: VectorCache) -> None:
    class Broken(WordHashEncoder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            return np.full((len(texts), self.dimension), np.nan, np.float32)

    with pytest.raises(ModelMissing, match="word-hash gave vectors of shape"):
        cache.embed(["a"], Broken())
    assert cache.embed(["a"], WordHashEncoder()).shape == (1, 64)


def test_no_texts_give_no_rows(cache: VectorCache) -> None:
    assert cache.embed([], WordHashEncoder()).shape == (0, 64)


def test_a_vector_is_the_same_on_its_first_day_as_from_the_store(cache: VectorCache) -> None:
    first = cache.embed(["a parcel", "two parcels late"], WordHashEncoder())
    later = cache.embed(["a parcel", "two parcels late"], WordHashEncoder())
    assert (first == later).all()


def test_what_was_embedded_before_a_kill_is_not_embedded_again(
    cache: VectorCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(WordHashEncoder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            if self.encoded:
                raise KeyboardInterrupt
            return super().encode(texts)

    monkeypatch.setattr("workbench.embedding.vectors.CHUNK", 2)
    reported: list[tuple[int, int]] = []
    killed, next_build = Killed(), WordHashEncoder()
    with pytest.raises(KeyboardInterrupt):
        cache.embed(["d", "b", "c", "a"], killed, lambda done, total: reported.append((done, total)))
    cache.embed(["d", "b", "c", "a"], next_build)
    assert (killed.encoded, next_build.encoded, reported) == (["a", "b"], ["c", "d"], [(0, 4), (2, 4)])


def test_texts_that_differ_in_case_and_blanks_only_reach_the_encoder_together(
    cache: VectorCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.embedding.vectors.CHUNK", 2)
    encoder = WordHashEncoder()
    cache.embed(["Refund me", "where is it", "refund  ME", "Where is it"], encoder)
    assert encoder.encoded == ["Refund me", "refund  ME", "where is it", "Where is it"]


def test_a_zero_row_stays_zero() -> None:
    assert unit_rows(np.asarray([[0, 0], [3, 4]], np.float32)).tolist() == [
        [0, 0],
        [pytest.approx(0.6), pytest.approx(0.8)],
    ]


def test_a_model_without_safetensors_is_refused(cache: VectorCache, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(ModelMissing, match=r"holds no \.safetensors weights"):
        load_encoder(cache, str(folder))


def test_a_model_folder_with_other_weights_shares_no_vectors_with_those_before(
    cache: VectorCache, tmp_path: Path
) -> None:
    first = load_encoder(cache, tiny_model(tmp_path / "model", 1, 8))
    (before,) = cache.embed(["refund me"], first)
    assert load_encoder(cache, first.model).model == first.model
    second = load_encoder(cache, tiny_model(tmp_path / "model", 2, 8))
    (after,) = cache.embed(["refund me"], second)
    assert first.model.startswith(f"{tmp_path / 'model'}@")
    assert (first.model == second.model, np.allclose(before, after)) == (False, False)
    wider = load_encoder(cache, tiny_model(tmp_path / "model", 2, 16))
    assert cache.embed(["refund me"], wider).shape == (1, 16)
    with pytest.raises(ModelMissing, match="has changed since"):
        load_encoder(cache, first.model)


def test_vectors_of_another_dimension_are_refused_in_words(cache: VectorCache) -> None:
    cache.embed(["a"], WordHashEncoder())
    wider = WordHashEncoder()
    wider.dimension = 128
    with pytest.raises(ModelMissing, match="have 64 numbers each, but the model now gives 128"):
        cache.embed(["a", "b"], wider)


def test_a_missing_model_says_what_to_name(cache: VectorCache) -> None:
    with pytest.raises(ModelMissing, match="There is no model folder /nowhere"):
        load_encoder(cache, "/nowhere")


def test_a_model_is_loaded_once_a_text_has_no_vector(cache: VectorCache) -> None:
    loaded = late_encoder(cache)
    assert not isinstance(loaded, LateEncoder)  # nothing is known of the model's vectors yet
    (first,) = cache.embed(["refund me"], loaded)
    late = late_encoder(cache)
    assert isinstance(late, LateEncoder)
    (again,) = cache.embed(["refund me"], late)
    assert (late.model, late.precision, late._loaded, (first == again).all()) == (
        loaded.model,
        loaded.precision,
        None,
        True,
    )
    assert cache.embed(["refund me", "and now"], late).shape == (2, 384)


def test_the_packaged_model_puts_like_requests_together(cache: VectorCache) -> None:
    encoder = load_encoder(cache)
    texts = ["I want my money back", "please refund me", "the app shows a blank page"]
    refund, again, blank = cache.embed(texts, encoder)
    assert float(refund @ again) > float(refund @ blank) + 0.2
    assert cache.precision(encoder.model) == encoder.precision
