"""What came with a cluster's failures."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from scipy.stats import fisher_exact

from tests.support.talk import bot, called, talk, user
from workbench.clusters.suspects import (
    Onset,
    Scope,
    Suspect,
    defines,
    onset,
    own_tool,
    significant,
    suspects_of_bot,
)
from workbench.conversation.model import Document
from workbench.failures.cases import Marks
from workbench.failures.circumstances import Circumstance, circumstances

MONDAY = datetime(2026, 9, 7)
OLD, NEW = ("prompt_version", "p13"), ("prompt_version", "p14")


def bot_log(*groups: tuple[int, int, set[Circumstance]]) -> tuple[list[frozenset[Circumstance]], list[int], list[int]]:
    """Conversations in groups of (how many, how many of them fail, circumstances): circumstances, all rows, failing rows."""
    found: list[frozenset[Circumstance]] = []
    failing: list[int] = []
    for many, fail, one in groups:
        failing += range(len(found), len(found) + fail)
        found += [frozenset(one)] * many
    return found, list(range(len(found))), failing


def days(count: int) -> list[datetime | None]:
    return [MONDAY + timedelta(days=n) for n in range(count)]


def find(*groups: tuple[int, int, set[Circumstance]], **scope: Any) -> list[Suspect]:
    found, eligible, failing = bot_log(*groups)
    return significant(
        suspects_of_bot(Marks.of(found), days(len(found)), [Scope("FC-0001", eligible, failing, **scope)])
    )


def test_a_prompt_that_failures_begin_with_is_the_suspect() -> None:
    tests = find((20, 0, {OLD}), (30, 12, {NEW}))
    assert tests[0] == Suspect(
        cluster="FC-0001", kind="prompt_version", value="p14", also=[], hits=12, total=30, elsewhere_hits=0, elsewhere=20,
        p=pytest.approx(fisher_exact([[12, 18], [0, 20]], "greater").pvalue), stands=True,
        first_seen=MONDAY + timedelta(days=20), begins=True,
    )  # fmt: skip
    assert [(one.value, one.stands, one.begins) for one in tests] == [("p14", True, True), ("p13", False, False)]


def test_a_value_needs_five_eligible_conversations_and_must_leave_some() -> None:
    assert find((30, 3, {("model", "m")}), (4, 4, {("model", "m"), ("channel", "kiosk")})) == []


def test_values_that_cover_the_same_conversations_are_one_suspect() -> None:
    tests = find((20, 0, {OLD, ("release", "m · p13")}), (20, 9, {NEW, ("release", "m · p14")}))
    assert [(one.kind, one.value, one.also) for one in tests] == [
        ("prompt_version", "p14", ["release m · p14"]),
        ("prompt_version", "p13", ["release m · p13"]),
    ]


def test_what_changed_comes_before_what_was_used() -> None:
    tests = find((30, 0, {OLD}), (20, 1, {NEW}), (20, 20, {NEW, ("tool", "refund")}))
    assert [(one.kind, one.stands) for one in tests] == [
        ("prompt_version", True), ("tool", True), ("prompt_version", False),
    ]  # fmt: skip
    assert tests[1].p < tests[0].p


def test_a_tools_own_error_is_judged_among_conversations_that_call_the_tool() -> None:
    tool = ("tool", "file_claim")
    tests = find((20, 0, {OLD, tool}), (20, 15, {NEW, tool}), (200, 0, {NEW}), tool="file_claim")
    assert [(one.kind, one.value, one.hits, one.total, one.elsewhere) for one in tests] == [
        ("prompt_version", "p14", 15, 20, 20),
        ("prompt_version", "p13", 0, 20, 20),
    ]


def test_a_release_must_stand_among_the_releases_too() -> None:
    def test(kind: str, value: str, p: float) -> Suspect:
        return Suspect("FC-0001", kind, value, [], 9, 10, 1, 10, p, False, None, False)

    strong = [test("tool", f"t{n}", 1e-9) for n in range(50)]
    weak = [test("release", "r1", 0.03), *(test("release", f"r{n}", 0.9) for n in range(2, 12))]
    assert {one.value for one in significant([*strong, *weak]) if one.stands} == {f"t{n}" for n in range(50)}


@pytest.mark.parametrize(
    ("key", "tool"),
    [("tool-error:file_claim:is not a date: 3", "file_claim"), ("empty-reply", None), (None, None)],
)
def test_only_a_tools_error_has_a_tool_of_its_own(key: str | None, tool: str | None) -> None:
    assert own_tool(key) == tool


def test_without_a_circumstance_or_a_cluster_there_is_nothing_to_test() -> None:
    assert find((10, 3, set())) == []
    assert suspects_of_bot(Marks.of([frozenset({OLD})] * 9), days(9), []) == []


def test_circumstances_are_what_was_in_service_called_and_read() -> None:
    conversation = talk(
        user("where is it", retrieved=[Document(id="d1", title="Parcels")]),
        called("track", "{}", "ok"),
        called("own_device", "{}", "ok", by="user"),
        bot("here", retrieved=[Document(title="Depots")]),
        model="m",
        prompt_version="p2",
        channel="web",
    )
    assert circumstances(conversation) == {
        ("model", "m"), ("prompt_version", "p2"), ("release", "m · p2"), ("channel", "web"), ("tool", "track"),
        ("document", "d1"), ("document", "Depots"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        pytest.param(
            [("2026-W37", 20, 0), ("2026-W38", 20, 0), ("2026-W39", 20, 9), ("2026-W40", 20, 8)],
            Onset("2026-W39", 17, 40, 0, 40),
            id="it begins in a week",
        ),
        pytest.param([("2026-W37", 20, 5), ("2026-W38", 20, 6), ("2026-W39", 20, 5)], None, id="as ever"),
        pytest.param([("2026-W37", 20, 9), ("2026-W38", 20, 0), ("2026-W39", 20, 0)], None, id="it ends"),
        pytest.param([("2026-W37", 4, 0), ("2026-W38", 20, 20)], None, id="too little before"),
        pytest.param([], None, id="no times"),
    ],
)  # fmt: skip
def test_the_onset_is_the_week_from_which_failures_run_above_the_weeks_before(
    weeks: list[tuple[str, int, int]], expected: Onset | None
) -> None:
    assert onset(weeks) == expected


@pytest.mark.parametrize(
    ("kind", "value", "key", "facts", "expected"),
    [
        ("tool", "cancel", None, ["carries out cancel"], True),
        ("tool", "cancel", None, ["cancel failed: timeout"], True),
        ("tool", "cancel", "tool-error:cancel:timeout", [], True),
        ("tool", "get_order", "tool-error:cancel:timeout", ["carries out cancel"], False),
        ("release", "cancel", None, ["carries out cancel"], False),
    ],
)
def test_a_tool_that_a_cluster_is_made_of_is_no_suspect(
    kind: str, value: str, key: str | None, facts: list[str], expected: bool
) -> None:
    assert defines(kind, value, key, facts) == expected
