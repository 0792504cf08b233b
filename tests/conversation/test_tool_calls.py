"""What a log says about tool calls."""

import pytest

from workbench.conversation.model import Conversation, ToolCall, Turn, attach_tool_results
from workbench.conversation.tool_calls import bot_calls, call_kind, normalised_arguments, repeatable


def conversation(*turns: Turn) -> Conversation:
    attach_tool_results(list(turns))
    return Conversation("c", turns=list(turns))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"bags": 2, "id": "X"}', '{ "id":"X", "bags":2.0 }', True),
        ('{"items": [1, 2]}', '{"items": [2, 1]}', False),
        ('{"id": "2"}', '{"id": 2}', False),
        ('{"nested": {"a": 1.0, "b": [2.0]}}', '{"nested": {"b": [2], "a": 1}}', True),
        ('{"on": true}', '{"on": 1}', False),
        ("not  json", "not json", True),
        ('{"broken": ', '{"broken":  ', True),
    ],
)
def test_arguments_are_the_same_whatever_their_order_and_number_style(one: str, other: str, same: bool) -> None:
    assert (normalised_arguments(one) == normalised_arguments(other)) is same


def test_arguments_nested_beyond_reason_stay_text() -> None:
    deep = "[" * 100_000
    assert normalised_arguments(deep) == deep


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("get_reservation_details", "read"),
        ("search_direct_flight", "read"),
        ("get_update_history", "read"),
        ("order_status", "read"),
        ("calculate", "read"),
        ("frobnicate", "read"),
        ("cancel_reservation", "write"),
        ("updateReservationFlights", "write"),
        ("set_network_mode_preference", "write"),
        ("transfer_funds", "write"),
        ("freeze_card", "write"),
        ("redeem_points", "write"),
        ("transfer_to_human_agents", "handover"),
        ("escalateToAgent", "handover"),
        ("escalate", "handover"),
        ("", "read"),
    ],
)
def test_the_verb_in_its_name_tells_what_a_tool_does(name: str, kind: str) -> None:
    assert call_kind(name) == kind


def test_a_write_that_undoes_itself_may_be_done_twice() -> None:
    assert [repeatable(name) for name in ("toggle_roaming", "reboot_device", "cancel_reservation")] == [
        True,
        True,
        False,
    ]


def test_a_write_that_failed_in_any_words_was_not_made() -> None:
    talk = conversation(
        Turn(0, "assistant", tool_calls=[ToolCall("refund_order", "{}", "a"), ToolCall("get_order", "{}", "b")]),
        Turn(1, "tool", "Refund failed", tool_call_id="a"),
        Turn(2, "tool", "Refund failed", tool_call_id="b"),
    )
    assert [(call.name, call.succeeded) for call in bot_calls(talk)] == [("refund_order", False), ("get_order", True)]


def test_a_call_and_its_result_are_known_under_any_name_of_their_roles() -> None:
    talk = conversation(
        Turn(0, "Assistant", tool_calls=[ToolCall("get_bill", "{}")]),
        Turn(1, "tool_result", "Error: Bill 7 not found"),
    )
    assert [(call.name, call.error and call.error.head) for call in bot_calls(talk)] == [("get_bill", "bill not found")]


def test_only_the_bots_own_calls_count() -> None:
    talk = conversation(
        Turn(0, "user", tool_calls=[ToolCall("run_speed_test", "{}", "u1")]),
        Turn(1, "tool", "Error: no connection", tool_call_id="u1"),
        Turn(2, "assistant", tool_calls=[ToolCall("get_bill", '{"id": 7}', "a1"), ToolCall("pay_bill", "{}", "a2")]),
        Turn(3, "tool", "Error: Bill 7 not found", tool_call_id="a1"),
    )
    assert [
        (call.position, call.name, call.kind, call.result, call.error and call.error.head, call.succeeded)
        for call in bot_calls(talk)
    ] == [
        (2, "get_bill", "read", "Error: Bill 7 not found", "bill not found", False),
        (2, "pay_bill", "write", None, None, False),
    ]
