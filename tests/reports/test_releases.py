"""Two releases of a bot beside each other."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.health_logs import MONDAY, build, talk
from workbench.errors import UserError
from workbench.reports.releases import compare_releases
from workbench.reports.share import Share


def release(model: str, first_day: int, count: int, failing: int) -> list[dict[str, Any]]:
    """One conversation a day of a release, the first of which fail."""
    return [
        talk(f"{model}-{n}", MONDAY + timedelta(days=first_day + n), model=model, reward=float(n >= failing))
        for n in range(count)
    ]


def test_only_the_time_in_which_both_ran_is_compared(tmp_path: Path) -> None:
    bench = build(tmp_path, [*release("m-1", 0, 60, 20), *release("m-2", 30, 60, 3)])
    both = compare_releases(bench, "shop", "m-2", "m-1")

    assert both.between == (MONDAY + timedelta(days=30), MONDAY + timedelta(days=59))
    assert [each.conversations for each in both.totals] == [30, 30]
    failing = both.figures[0]
    assert (failing.what, failing.here, failing.there, failing.stands) == ("Failing", Share(3, 30), Share(0, 30), False)


def test_releases_that_never_ran_side_by_side_are_compared_over_their_whole_time(tmp_path: Path) -> None:
    bench = build(tmp_path, [*release("m-1", 0, 40, 20), *release("m-2", 40, 40, 2)])
    apart = compare_releases(bench, "shop", "m-2", "m-1")

    assert apart.between is None
    failing = apart.figures[0]
    assert (failing.here, failing.there, failing.stands) == (Share(2, 40), Share(20, 40), True)
    assert [(cell.here, cell.before, cell.change) for cell in apart.matrix.cells] == [
        (Share(2, 40), Share(20, 40), "less")
    ]


@pytest.mark.parametrize(
    ("here", "there", "message"),
    [
        ("m-1", "m-1", "Pick two different releases"),
        ("m-1", "m-9", "The bot 'shop' has no release 'm-9'. It has: m-1."),
    ],
)
def test_what_can_not_be_compared_is_said(tmp_path: Path, here: str, there: str, message: str) -> None:
    bench = build(tmp_path, release("m-1", 0, 3, 1))
    with pytest.raises(UserError, match=message):
        compare_releases(bench, "shop", here, there)
