"""A failure beside the same request that worked."""

import numpy as np
import pytest

from tests.support.stored_cases import stored
from tests.support.talk import bot, called, talk, user
from workbench.clusters.matched_successes import (
    LOOKED_AT,
    ArgumentDifference,
    Contrast,
    MatchedSuccess,
    StepPair,
    Tally,
    compare,
    match_successes,
)
from workbench.conversation.outcome import Outcome
from workbench.embedding.vectors import Vectors, unit_rows
from workbench.failures.action_trace import ActionTrace, Step, action_trace
from workbench.failures.analysis import Analysis
from workbench.failures.case import Case


def steps(*calls: tuple[str, str]) -> ActionTrace:
    return ActionTrace(tuple(Step(tool, arguments) for tool, arguments in calls))


def first(here: ActionTrace, there: ActionTrace, same_task: bool = True) -> str:
    return compare(here, there, same_task).first


def test_a_trace_is_the_changes_in_order_and_the_rest_counted() -> None:
    conversation = talk(
        user("cancel it"),
        called("get_order", '{"id": 1}', "{}"),
        called("get_order", '{"id": 1}', "{}"),
        called("cancel_order", '{"b": 2.0, "a": 1}', "Error: order not found"),
        called("transfer_to_human", "{}", "ok"),
        bot("done"),
        documents=("text",),
        user_id="u",
        metadata={"task_id": 29},
    )
    assert action_trace(conversation) == ActionTrace(
        steps=(Step("cancel_order", '{"a":1,"b":2}', "failed"), Step("transfer_to_human", "{}")),
        reads=(("get_order", 2),),
        task="29",
        user="u",
    )


def test_arguments_are_compared_key_by_key_whatever_their_order_and_2_is_2_0() -> None:
    here = action_trace(talk(called("update_bags", '{"total": 2, "paid": {"n": 1}}', "ok")))
    there = action_trace(talk(called("update_bags", '{"paid": {"n": 0}, "total": 2.0}', "ok")))
    assert compare(here, there, same_task=True) == Contrast(
        steps=[StepPair(here.steps[0], there.steps[0], [ArgumentDifference("paid.n", "1", "0", matters=True)])],
        reads=[],
        documents=[],
        release_here=None,
        release_there=None,
    )
    assert first(here, there) == "update_bags: paid.n 1 here, 0 where it worked"


DATES = '{"on": "03/11/2026", "id": "A1"}', '{"on": "2026-11-08", "id": "B2"}'


@pytest.mark.parametrize(
    ("here", "there", "same_task", "sentence"),
    [
        pytest.param(
            steps(("refund", "{}"), ("close", "{}")), steps(("close", "{}")), True,
            "carries out refund here, not where it worked", id="done here only",
        ),
        pytest.param(
            steps(("close", "{}")), steps(("refund", "{}"), ("close", "{}")), True,
            "carries out refund where it worked, not here", id="left out here",
        ),
        pytest.param(
            steps(("cancel", '{"id": "A"}'), ("cancel", '{"id": "B"}')), steps(("cancel", '{"id": "B"}')), True,
            "carries out cancel here, not where it worked", id="the very same call is its counterpart",
        ),
        pytest.param(
            steps(("book", '{"n": 1}')), steps(("book", '{"n": 1, "insured": true}')), True,
            "book: insured not given here, true where it worked", id="an argument left out",
        ),
        pytest.param(
            ActionTrace((Step("book", "{}", "failed"),)), steps(("book", "{}")), True,
            "book failed here, succeeded where it worked", id="failed here",
        ),
        pytest.param(
            steps(("claim", DATES[0])), steps(("claim", DATES[1])), False,
            'claim: on "03/11/2026" here, "2026-11-08" where it worked', id="another case, written another way",
        ),
        pytest.param(
            steps(("claim", '{"id": "A1"}')), steps(("claim", '{"id": "B2"}')), False,
            "the same steps: they differ in words and in values of their own case only", id="another case's own number",
        ),
        pytest.param(
            steps(("hand_over", f'{{"summary": "{"a" * 80}"}}')), steps(("hand_over", f'{{"summary": "{"b" * 80}"}}')), True,
            "the same steps: they differ in words and in values of their own case only", id="free text is worded anew",
        ),
        pytest.param(
            ActionTrace(reads=(("get_order", 1),)), ActionTrace(reads=(("get_order", 1), ("get_policy", 2))), True,
            "get_policy called where it worked, not here", id="not looked up",
        ),
        pytest.param(
            ActionTrace(reads=(("get_card", 7),)), ActionTrace(reads=(("get_card", 1),)), True,
            "get_card called 7 times here, 1 where it worked", id="looked up again and again",
        ),
        pytest.param(
            ActionTrace(documents=("tariff",)), ActionTrace(documents=("tariff", "fees")), True,
            "fees found where it worked, not here", id="another document",
        ),
        pytest.param(
            ActionTrace(release="r2"), ActionTrace(release="r1"), True,
            "the same steps under another release: r2 here, r1 where it worked", id="another release",
        ),
        pytest.param(
            steps(("note", "free text")), steps(("note", "another")), True,
            'note: arguments "free text" here, "another" where it worked', id="no JSON",
        ),
    ],
)  # fmt: skip
def test_the_first_difference_stands_on_top(
    here: ActionTrace, there: ActionTrace, same_task: bool, sentence: str
) -> None:
    assert first(here, there, same_task) == sentence


def test_an_argument_that_parts_the_cluster_tells_in_another_case_too() -> None:
    here, there = steps(("set_limit", '{"unit": "euro"}')), steps(("set_limit", '{"unit": "cents"}'))
    contrast = compare(here, there, False, frozenset({("set_limit", "unit")}))
    assert contrast.first == 'set_limit: unit "euro" here, "cents" where it worked'


def test_look_ups_and_documents_are_folded_with_their_counts() -> None:
    here = ActionTrace(reads=(("a", 2),), documents=("d",))
    there = ActionTrace(reads=(("a", 1), ("b", 1)))
    contrast = compare(here, there, True)
    assert (contrast.reads, contrast.documents) == ([Tally("a", 2, 1), Tally("b", 0, 1)], [Tally("d", 1, 0)])


def at(*cosines: float) -> Vectors:
    """The first request and others at these cosines to it."""
    rows = [[1.0, 0.0], *([c, (1 - c * c) ** 0.5] for c in cosines)]
    return unit_rows(np.array(rows, np.float32))


def case(key: str, failed: bool = False, said: bool = False, steps: tuple[Step, ...] = (), **trace: str) -> Case:
    """A case; with `said` the log says that it went well."""
    analysis = Analysis(
        failed=failed, score=0.0, verdict="", outcome=Outcome("unknown", "", False if said else None, ""), signals=[],
        failing_turn=None, candidates=[], signature="", signature_tokens=[], mechanical_key=None, request="", passage="",
        facts=[], severity=None, writes=[],
    )  # fmt: skip
    return Case(key, key, None, analysis, trace=ActionTrace(steps, **trace))


def test_the_nearest_successes_are_compared_with_but_none_that_asked_for_something_else() -> None:
    rows = [case("f", failed=True), case("far"), case("near"), case("nearer"), case("other failure", failed=True)]
    found = match_successes(stored(rows), at(0.4, 0.8, 0.9, 0.99))
    assert [(one.key, one.other, round(one.similarity, 2)) for one in found if one.key == "f"] == [
        ("f", "nearer", 0.9), ("f", "near", 0.8),
    ]  # fmt: skip


def test_the_same_task_comes_first_then_the_same_user_then_what_the_log_says_went_well() -> None:
    rows = [
        case("f", failed=True, task="29", user="u"),
        case("near"),
        case("said to work", said=True),
        case("same user", user="u"),
        case("same user, another wish", user="u"),
        case("same task", task="29"),
    ]
    found = match_successes(stored(rows), at(0.9, 0.89, 0.75, 0.6, 0.2))
    assert [one.other for one in found] == ["same task", "same user", "said to work"]
    assert found[0] == MatchedSuccess("f", "same task", pytest.approx(0.2, abs=1e-3), same_task=True)


def test_a_task_that_all_of_a_log_shares_is_looked_at_where_requests_are_nearest() -> None:
    rows = [case("f", failed=True, task="all"), *(case(f"w{n}", task="all") for n in range(2 * LOOKED_AT))]
    found = match_successes(stored(rows), at(*(0.001 * n for n in range(2 * LOOKED_AT))))
    assert {one.other for one in found} <= {f"w{n}" for n in range(LOOKED_AT, 2 * LOOKED_AT)}
    assert [one.same_task for one in found] == [True] * 3


def test_of_one_task_the_success_that_took_the_fewest_other_steps_comes_first() -> None:
    rows = [
        case("f", failed=True, steps=(Step("book", "1"), Step("pay", "1")), task="29"),
        case("another way", steps=(Step("hand_over", "1"),), task="29"),
        case("one step apart", steps=(Step("book", "1"), Step("pay", "2")), task="29"),
    ]
    assert [one.other for one in match_successes(stored(rows), at(0.9, 0.5))] == ["one step apart", "another way"]


def test_a_bot_that_always_or_never_fails_has_no_pairs() -> None:
    assert match_successes(stored([case("f", failed=True)]), at()) == []
    assert match_successes(stored([case("w")]), at()) == []
