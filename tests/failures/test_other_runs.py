"""Runs of one task that stand alone with what they changed, and those that do not."""

import pytest

from workbench.failures.acts import Act
from workbench.failures.courses import Courses
from workbench.failures.deviation import Deviation
from workbench.failures.other_runs import unlike_other_runs

LOOK = Act("get_order", 1, "read", False, 1)
CANCEL, OTHER = Act("cancel_order", 3, "write", False, 2), Act("cancel_order", 3, "write", False, 3)
REFUND, BY_USER = Act("refund", 5, "write", False, 4), Act("refund", 6, "write", True, 4)
TOGGLE = Act("toggle_roaming", 5, "write", False, 5)
CANCELS = (LOOK, CANCEL)
LEFT_OUT = "; left out here: cancel_order (made in 2 of 2)"
NONE_ALIKE = "2 other runs of this task, none with the same changes"


@pytest.mark.parametrize(
    ("name", "runs", "expected"),
    [
        (
            "another order than the others cancelled",
            [CANCELS, CANCELS, (LOOK, OTHER)],
            {2: (3, "; only here, with these arguments: cancel_order" + LEFT_OUT)},
        ),
        ("nothing changed", [CANCELS, CANCELS, (LOOK,)], {2: (None, LEFT_OUT)}),
        ("one more change", [CANCELS, CANCELS, (CANCEL, REFUND)], {2: (5, "; only here, with these arguments: refund")}),
        (
            "each of them otherwise",
            [CANCELS, (OTHER,), (CANCEL, OTHER)],
            {0: (None, LEFT_OUT), 1: (None, LEFT_OUT), 2: (None, "")},
        ),
        ("all alike", [CANCELS] * 3, {}),
        ("the same changes in another order", [(CANCEL, REFUND), (REFUND, CANCEL), (CANCEL, REFUND, CANCEL)], {}),
        ("two against two", [CANCELS, CANCELS, (OTHER,), (OTHER,)], {}),
        ("what undoes itself is left aside", [CANCELS, CANCELS, (CANCEL, TOGGLE)], {}),
        ("what the user did is done, too", [(CANCEL, REFUND), (CANCEL, BY_USER), (CANCEL, BY_USER)], {}),
        ("another look is no other change", [CANCELS, CANCELS, (CANCEL,)], {}),
        ("of two runs either may be right", [CANCELS, (OTHER,)], {}),
    ],
)  # fmt: skip
def test_a_run_stands_alone_where_no_other_made_its_changes(
    name: str, runs: list[tuple[Act, ...]], expected: dict[int, tuple[int | None, str]]
) -> None:
    alone = {
        row: Deviation("unlike-other-runs", position, NONE_ALIKE + more) for row, (position, more) in expected.items()
    }
    assert unlike_other_runs(Courses.of(runs), ["t"] * len(runs)) == alone, name


def test_runs_of_other_tasks_and_of_none_are_not_compared() -> None:
    courses = Courses.of([CANCELS, CANCELS, (OTHER,), CANCELS, (OTHER,)])
    assert unlike_other_runs(courses, ["t", "t", "u", None, None]) == {}
