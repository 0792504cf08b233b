"""What those that went well share about a change, and who leaves it."""

import numpy as np
import pytest

from workbench.conversation.tool_calls import CallKind
from workbench.failures.acts import Act
from workbench.failures.courses import Courses
from workbench.failures.deviation import Deviation
from workbench.failures.usual_steps import unusual_steps

KINDS: dict[str, CallKind] = {"look": "read", "cancel": "write", "refund": "write", "toggle_data": "write", "transfer": "handover"}  # fmt: skip


def done(*tools: str) -> tuple[Act, ...]:
    """A conversation whose bot called these tools, one a turn."""
    return tuple(Act(tool, 2 * n + 1, KINDS[tool], False, n) for n, tool in enumerate(tools))


def deviations(usual: list[tuple[Act, ...]], *odd: tuple[Act, ...]) -> dict[int, list[Deviation]]:
    """Where the odd ones differ, by place among them, and -1 for any of the usual ones, which alone went well."""
    worked = np.arange(len(usual) + len(odd)) < len(usual)
    by_row = unusual_steps(Courses.of([*usual, *odd]), worked)
    return {row - len(usual) if row >= len(usual) else -1: of_row for row, of_row in by_row.items()}


LOOKS_FIRST = [done("look", "cancel")] * 9


def test_a_change_without_the_look_that_the_others_take_before_it_is_shown_with_their_share() -> None:
    evidence = "9 of 9 that went well call look before cancel; this one does not"
    assert deviations(LOOKS_FIRST, done("cancel", "look"), done("look", "cancel")) == {
        0: [Deviation("skipped-step", 1, evidence)]
    }


def test_a_change_after_one_that_the_others_make_later_or_not_at_all_is_shown_with_their_share() -> None:
    evidence = "1 of 11 that went well call refund before cancel, as this one does"
    usual = [done("cancel", "refund")] * 10 + [done("refund", "cancel")]
    assert deviations(usual, done("refund", "cancel"))[0] == [Deviation("unusual-order", 3, evidence)]


def test_a_conversation_that_went_well_does_not_vouch_for_itself() -> None:
    usual = [*LOOKS_FIRST, done("cancel")]
    evidence = "9 of 9 that went well call look before cancel; this one does not"
    assert deviations(usual) == {-1: [Deviation("skipped-step", 1, evidence)]}


@pytest.mark.parametrize(
    ("name", "usual", "odd"),
    [
        ("too few to tell", LOOKS_FIRST[:4], done("cancel")),
        ("two of ten do without", [*LOOKS_FIRST[:8], done("cancel"), done("cancel")], done("cancel")),
        ("what changes nothing needs no look", LOOKS_FIRST, done("refund")),
        ("a switch that is thrown back needs none", [done("look", "toggle_data")] * 9, done("toggle_data")),
        ("nor a hand-over", [done("look", "transfer")] * 9, done("transfer")),
        ("a change that the others don't make is no order", LOOKS_FIRST, done("look", "refund", "cancel")),
    ],
)
def test_what_does_not_deviate(name: str, usual: list[tuple[Act, ...]], odd: tuple[Act, ...]) -> None:
    assert deviations(usual, odd).get(0, []) == [], name


def test_of_many_the_share_is_told_in_per_cent_so_that_evidence_stays_as_it_is() -> None:
    evidence = "99 % that went well call look before cancel; this one does not"
    usual = [done("look", "cancel")] * 199 + [done("cancel")]
    assert deviations(usual, done("cancel"))[0] == [Deviation("skipped-step", 1, evidence)]


def test_a_log_without_calls_has_no_steps() -> None:
    assert deviations([(), ()], ()) == {}
