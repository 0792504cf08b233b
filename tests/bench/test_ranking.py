"""The order of the ranked list, and what has stopped."""

import pytest

from tests.support.cluster_rows import row
from workbench.bench.cluster_rows import Extra
from workbench.bench.ranking import Silence, extra, priority, ranked, silence
from workbench.evidence.impact import ClusterLifeRecord, PairedDifference


def life(failures: int, days: int, exposure: int, after: int, span: float = 60, quiet: float = 0) -> ClusterLifeRecord:
    return ClusterLifeRecord("FC-0001", failures, days, exposure, after, span, quiet)


def test_recent_and_grave_failures_rank_before_many_old_ones_and_what_stopped_comes_last() -> None:
    rows = [
        row("FC-0001", 90, priority=priority(2.0, "S3")),
        row("FC-0002", 12, priority=priority(6.0, "S3")),
        row("FC-0003", 9, priority=priority(2.0, "S1")),
        row("FC-0004", 99, priority=priority(50.0, "S1"), stopped=True),
        row("FC-0005", 80, priority=priority(2.0, None)),
        row("FC-0006", 9, priority=priority(3.5, "S3", escalating=True)),
    ]
    assert [each.cluster for each in ranked(rows)] == [
        "FC-0006", "FC-0002", "FC-0003", "FC-0001", "FC-0005", "FC-0004",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "seen", "expected"),
    [
        ("three days in September, two months of silence", life(58, 3, 3000, 2800, span=61, quiet=59), (2 / 61) ** 2),
        ("as rare as ever", life(4, 4, 1000, 300, span=60, quiet=20), (700 / 1000) ** 3),
        ("few sightings prove little", life(2, 2, 1000, 900, span=60, quiet=54), 0.1),
        ("seen once", life(1, 1, 1000, 990, quiet=59), 1.0),
        ("in bursts: many failures, few days", life(40, 4, 1000, 300, span=60, quiet=18), (42 / 60) ** 3),
        ("the log itself went silent", life(40, 20, 1000, 0, span=60, quiet=0), 1.0),
        ("a log without times", None, 1.0),
    ],
)
def test_a_cluster_has_stopped_where_its_own_rhythm_makes_the_silence_unlikely(
    name: str, seen: ClusterLifeRecord | None, expected: float
) -> None:
    assert silence(seen) == Silence(pytest.approx(expected), expected < 0.01)


@pytest.mark.parametrize(
    ("difference", "successes", "share", "expected"),
    [
        (PairedDifference(16, 3.0, 4.0), 40, False, Extra(3.0, 3 - 2.131, 3 + 2.131, 16)),
        (PairedDifference(60, 3.0, 4.0), 16, False, Extra(3.0, 3 - 2.131, 3 + 2.131, 60)),
        (PairedDifference(4, 0.9, 0.4), 9, True, Extra(0.9, 0.9 - 3.182 * 0.2, 1.0, 4)),
        (PairedDifference(10, 0.0, 0.0), 9, True, Extra(0.0, -1 / 3, 1 / 3, 10)),
        (PairedDifference(2, 3.0, 1.0), 9, False, None),
        (PairedDifference(3, 3.3, 0.0), 9, False, None),
        (PairedDifference(0, None, None), 0, False, None),
    ],
)
def test_what_failures_took_beyond_their_matched_successes_has_an_interval(
    difference: PairedDifference, successes: int, share: bool, expected: Extra | None
) -> None:
    shown = extra(difference, successes, share=share)
    assert shown == (expected and Extra(*(pytest.approx(value, abs=0.01) for value in vars(expected).values())))
