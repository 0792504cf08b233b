"""How an outcome is derived, in the stated order."""

import pytest

from workbench.conversation.model import Conversation, ToolCall, Turn, attach_tool_results
from workbench.conversation.outcome import FailRule, Outcome, derive, parse_rules
from workbench.errors import UserError


def transferred(result: str = "Transfer successful") -> list[Turn]:
    turns = [
        Turn(0, "assistant", tool_calls=[ToolCall("transfer_to_human_agents", "{}", "t")]),
        Turn(1, "tool", result, tool_call_id="t"),
    ]
    attach_tool_results(turns)
    return turns


@pytest.mark.parametrize(
    ("conversation", "expected"),
    [
        (
            Conversation("c", outcome="failed", reward=1.0),
            Outcome("failed", "logged outcome failed", True, "outcome failed"),
        ),
        (
            Conversation("c", outcome="contained", reward=0.0),
            Outcome("contained", "logged outcome contained", True, "reward 0.0 (below 0.5)"),
        ),
        (
            Conversation("c", reward=0.2199999988079071),
            Outcome("failed", "derived from reward 0.22 (below 0.5)", True, "reward 0.22 (below 0.5)"),
        ),
        (Conversation("c", outcome="abandoned"), Outcome("abandoned", "logged outcome abandoned", None, "")),
        (
            Conversation("c", outcome="unknown", reward=0.0),
            Outcome("failed", "derived from reward 0.0 (below 0.5)", True, "reward 0.0 (below 0.5)"),
        ),
        (
            Conversation("c", reward=1.0),
            Outcome(
                "contained",
                "derived from reward 1.0 (at least 0.5) and no hand-over",
                False,
                "reward 1.0 (at least 0.5)",
            ),
        ),
        (
            Conversation("c", turns=transferred(), reward=1.0),
            Outcome("escalated", "derived from the call transfer_to_human_agents", False, "reward 1.0 (at least 0.5)"),
        ),
        (
            Conversation("c", metadata={"termination_reason": "max_steps"}),
            Outcome("failed", "derived from termination reason max_steps", True, "termination reason max_steps"),
        ),
        (Conversation("c", metadata={"termination_reason": "user_stop"}), Outcome("unknown", "the log does not say")),
        (
            Conversation("c", turns=transferred()),
            Outcome("escalated", "derived from the call transfer_to_human_agents"),
        ),
        (Conversation("c", turns=transferred("Error: no agent is free")), Outcome("unknown", "the log does not say")),
        (Conversation("c", reward=float("nan")), Outcome("unknown", "the log does not say")),
    ],
)
def test_an_outcome_comes_from_the_first_source_that_says(conversation: Conversation, expected: Outcome) -> None:
    assert derive(conversation) == expected


def test_a_rule_names_a_column_a_direction_and_a_cut() -> None:
    rules = parse_rules({"faithfulness": "<= 2", "resolved": "== no"})
    assert rules == (FailRule("faithfulness", "<=", 2.0), FailRule("resolved", "==", "no"))
    scored = {"faithfulness": 3, "resolved": "No"}
    assert derive(Conversation("c", metadata=scored), rules) == Outcome(
        "failed", "derived from resolved No", True, "resolved No"
    )
    assert derive(Conversation("c", metadata={"faithfulness": "1"}), rules).reason == "faithfulness 1 (at most 2)"
    assert derive(Conversation("c", metadata={"faithfulness": "n/a"}), rules).failed is None


@pytest.mark.parametrize(
    ("column", "rule", "conversation", "reason"),
    [
        ("channel", "== voice", Conversation("c", channel="Voice"), "channel Voice"),
        ("outcome", "== escalated", Conversation("c", outcome="escalated"), "outcome escalated"),
        (
            "outcome",
            "== unresolved",
            Conversation("c", metadata={"outcome_logged": "unresolved"}),
            "outcome unresolved",
        ),
        ("solved", "== no", Conversation("c", metadata={"solved": "no"}), "solved no"),
        ("a.b", "< 3", Conversation("c", metadata={"a.b": 2, "a": {"b": 5}}), "a.b 2 (below 3)"),
        ("a.b.c", "< 3", Conversation("c", metadata={"a": {"b.c": 2}}), "a.b.c 2 (below 3)"),
        ("a.b", "< 3", Conversation("c", metadata={"a": '{"b": 2}'}), "a.b 2 (below 3)"),
        ("a.b", "< 3", Conversation("c", metadata={"a": [{"b": 2}]}), ""),
        ("turns", "== x", Conversation("c"), ""),
    ],
)
def test_a_rule_looks_at_our_columns_then_at_metadata_by_name_then_by_dots(
    column: str, rule: str, conversation: Conversation, reason: str
) -> None:
    assert derive(conversation, parse_rules({column: rule})).reason == reason


@pytest.mark.parametrize("text", ["", "0.5", "below 0.5", "< low", "=< 2"])
def test_a_rule_that_is_none_is_refused_with_the_column(text: str) -> None:
    with pytest.raises(UserError, match="column 'score'"):
        parse_rules({"score": text})
