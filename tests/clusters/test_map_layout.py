"""The map of a bot's failures: what stands stays, what is new goes beside what it is like."""

import numpy as np

from tests.support.vectors import cloud
from workbench.clusters.knn_graph import drawn
from workbench.clusters.map_layout import GROWTH, LANDMARKS, STRANGERS, StandingMap, lay_out, map_failures

KEYS = [f"bot·{n}" for n in range(125)]


def standing(count: int, laid_out: int | None = None) -> StandingMap:
    """A map on which the first failures lie side by side."""
    return StandingMap({key: (float(n), 0.0) for n, key in enumerate(KEYS[:count])}, laid_out or count)


def test_beyond_the_landmarks_a_failure_lies_beside_those_it_is_like() -> None:
    rows = cloud(LANDMARKS + 4_000, topics=8)
    places = lay_out(rows)
    topic = np.arange(len(rows)) % 8
    landmarks = drawn(len(rows), LANDMARKS)
    others = np.setdiff1d(np.arange(len(rows)), landmarks)
    beside = np.asarray([np.linalg.norm(places[landmarks] - place, axis=1).argmin() for place in places[others]])
    assert places.shape == (len(rows), 2)
    assert np.mean(topic[landmarks][beside] == topic[others]) >= 0.95


def test_failures_that_have_a_place_keep_it_and_new_ones_go_beside_those_they_are_like() -> None:
    rows = cloud(100, topics=4)
    with_twin = np.vstack([rows, rows[41]])
    after = map_failures(with_twin, [*KEYS[:100], "bot·new"], standing(100))
    assert after.laid_out == 100
    assert after.places[:100].tolist() == [[float(n), 0.0] for n in range(100)]
    nearest_three = np.argsort(-(rows @ rows[41]), kind="stable")[:3]
    assert nearest_three.min() <= after.places[100, 0] <= nearest_three.max()


def test_without_news_the_map_stays_and_without_a_map_one_is_laid_out() -> None:
    rows = cloud(60, topics=3)
    first = map_failures(rows, KEYS[:60], StandingMap())
    stands = StandingMap(
        {key: (x, y) for key, (x, y) in zip(KEYS, first.places.tolist(), strict=False)}, first.laid_out
    )
    assert first.places.tolist() == lay_out(rows).tolist()
    assert map_failures(rows, KEYS[:60], stands).places.tolist() == first.places.tolist()


def test_a_map_that_has_grown_by_a_good_part_is_laid_out_anew() -> None:
    grown = int(100 * GROWTH)
    rows = cloud(grown, topics=4)
    assert map_failures(rows, KEYS[:grown], standing(100)).laid_out == 100
    assert map_failures(rows, KEYS[:grown], standing(100, laid_out=99)).laid_out == grown


def test_new_failures_that_are_like_nothing_on_the_map_have_it_laid_out_anew() -> None:
    rows = np.pad(cloud(100, topics=4), ((0, STRANGERS), (0, 1)))
    rows[100:, -1] = 1
    count = 100 + STRANGERS
    assert map_failures(rows, KEYS[:count], standing(100)).laid_out == count
    assert map_failures(rows[:-1], KEYS[: count - 1], standing(100)).laid_out == 100
