"""What people's edits make of where each failure is."""

import pytest

from workbench.clusters.manual_edits import Home, apply_acts
from workbench.judgement.records.clusters import Act

BEFORE: Home = {"a": "FC-0001", "b": "FC-0001", "c": "FC-0002", "d": None}
MERGED = Act("HA-0001", "merge", "FC-0002", "FC-0001")
SPLIT = Act("HA-0002", "split", "FC-0001", "FC-0003", members=["b", "gone"], stays=["a"])
MOVED = Act("HA-0003", "move", "FC-0001", "FC-0002", members=["a"])
ASIDE = Act("HA-0004", "aside", "FC-0001", None, members=["a"])


@pytest.mark.parametrize(
    ("acts", "after"),
    [
        ([], ["FC-0001", "FC-0001", "FC-0002", None]),
        ([MERGED], ["FC-0001", "FC-0001", "FC-0001", None]),
        ([SPLIT], ["FC-0001", "FC-0003", "FC-0002", None]),
        ([MOVED], ["FC-0002", "FC-0001", "FC-0002", None]),
        ([ASIDE], [None, "FC-0001", "FC-0002", None]),
        ([MOVED, MERGED], ["FC-0001", "FC-0001", "FC-0001", None]),
        ([MERGED, MOVED], ["FC-0002", "FC-0001", "FC-0001", None]),
    ],
)
def test_edits_are_applied_in_their_order_to_what_is_there(acts: list[Act], after: list[str | None]) -> None:
    home = dict(BEFORE)
    apply_acts(home, acts, {})
    assert home == dict(zip("abcd", after, strict=True))


def test_what_a_clustering_put_into_the_split_off_cluster_stays_where_the_split_left_it() -> None:
    home: Home = {"a": "FC-0003", "b": "FC-0003"}
    apply_acts(home, [SPLIT], {})
    assert home == {"a": "FC-0001", "b": "FC-0003"}
