from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from workbench.embedding.vectors import Vectors
from workbench.evidence.columns import arrow_schema, arrow_table, maker


@dataclass(frozen=True)
class Fruit:
    name: str
    weight: float | None


@dataclass(frozen=True)
class Basket:
    owner: str
    packed: datetime | None
    fruits: tuple[Fruit, ...]
    heaviest: Fruit | None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    vector: Vectors


BASKET = Basket("Ana", datetime(2026, 3, 2, 9), (Fruit("pear", 0.2), Fruit("plum", None)), None, ("ripe",))


def test_a_tuple_is_a_list_a_dataclass_a_struct_and_a_vector_a_list_of_float32() -> None:
    fruit = pa.struct([("name", pa.string()), ("weight", pa.float64())])
    assert arrow_schema(Basket) == pa.schema(
        [
            ("owner", pa.string()),
            ("packed", pa.timestamp("us")),
            ("fruits", pa.list_(fruit)),
            ("heaviest", fruit),
            ("tags", pa.list_(pa.string())),
        ]
    )
    assert arrow_schema(Place) == pa.schema([("vector", pa.list_(pa.float32()))])


def test_a_field_without_an_arrow_type_is_refused_with_what_may_stand_there() -> None:
    @dataclass(frozen=True)
    class Loose:
        anything: dict[str, int]

    with pytest.raises(TypeError, match=r"dict\[str, int\] has no Arrow type here. Use text, numbers, times"):
        arrow_schema(Loose)


def test_rows_come_back_from_a_table_as_they_went_in() -> None:
    table = arrow_table(Basket, [BASKET])
    make = maker(Basket, tuple(table.column_names))
    assert [make(tuple(row.values())) for row in table.to_pylist()] == [BASKET]


def test_a_column_that_a_snapshot_lacks_is_the_default_else_empty_and_one_too_many_is_dropped() -> None:
    make = maker(Basket, ("owner", "colour"))
    assert make(("Ana", "red")) == Basket("Ana", None, (), None, ())


def test_a_list_that_is_null_is_empty_and_a_vector_that_is_null_stays_none() -> None:
    assert maker(Basket, ("owner", "fruits", "tags"))(("Ana", None, None)) == Basket("Ana", None, (), None, ())
    make = maker(Place, ("vector",))
    assert make((None,)).vector is None
    np.testing.assert_array_equal(make(([0.5, 0.5],)).vector, np.asarray([0.5, 0.5], np.float32))
