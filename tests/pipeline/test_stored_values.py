"""Values that one build keeps for the next come back as they were."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pytest

from workbench.clusters.contrast_sets import Behaviour, Discriminator
from workbench.embedding.vectors import Vectors
from workbench.pipeline.stored_values import decoded, encoded


class Span(NamedTuple):
    first: int
    text: str


@dataclass(frozen=True)
class Inner:
    name: str
    parts: list[Span] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Outer:
    inner: Inner | None
    at: datetime | None
    bounds: tuple[float, float]
    words: tuple[str, ...]
    scores: dict[str, float]
    by_row: dict[int, list[Inner]]
    vectors: Vectors


def test_a_nested_value_comes_back_whole() -> None:
    value = Outer(
        Inner("ä\ud83d", [Span(1, "x"), Span(2, "")]),
        datetime(2026, 3, 2, 9, 0, 0, 1),
        (0.1, float("inf")),
        ("a", "b"),
        {"k": 1 / 3},
        {7: [Inner("y")], 8: []},
        np.array([[1 / 3, 2], [3, 4]], np.float32),
    )
    again = decoded(Outer, json.loads(json.dumps(encoded(value))))
    assert vars(again) | {"vectors": None} == vars(value) | {"vectors": None}
    assert again.vectors.tolist() == value.vectors.tolist()
    assert again.vectors.flags.writeable


def test_what_is_not_there_stays_absent() -> None:
    value = Outer(None, None, (0.0, 0.0), (), {}, {}, np.zeros((0, 3), np.float32))
    again = decoded(Outer, json.loads(json.dumps(encoded(value))))
    assert (again.inner, again.at, again.words, again.scores, again.by_row) == (None, None, (), {}, {})
    assert again.vectors.shape == (0, 3)


def test_a_contrast_comes_back_as_it_was() -> None:
    contrast = Discriminator(Behaviour("argument", "book", "date", '"x"'), 3, 4, 1, 9)
    assert decoded(Discriminator, json.loads(json.dumps(encoded(contrast)))) == contrast


def test_what_could_not_be_read_back_is_not_written() -> None:
    with pytest.raises(TypeError, match="A set can't be kept"):
        encoded([{1}])
