"""What a log says about tool calls."""

import pytest

from workbench.conversation import Conversation, ToolCall, Turn, attach_tool_results
from workbench.tools import bot_calls, call_kind, error_head, normalised_arguments, repeatable, tool_error


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


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("Error: Payment method credit_card_7334 not found", ("not_found", "payment method not found")),
        ("Error: Payment method visa_4421 not found", ("not_found", "payment method not found")),
        ("Error: Flight HAT039 not found on date 2025-11-28", ("not_found", "flight not found")),
        ("Error: User John Doe not found", ("not_found", "user not found")),
        (
            "Error: Payment amount does not add up, total price is 5244, but paid 5144",
            ("validation", "payment amount does not add up"),
        ),
        (
            "Error: Not enough balance in payment method gift_card_88",
            ("insufficient", "not enough balance in payment method"),
        ),
        (
            "ValueError: invalid literal for int() with base 10: 'abc'",
            ("validation", "invalid literal for int with base"),
        ),
        ("[ERROR] The read operation timed out", ("timeout", "the read operation timed out")),
        ("Error executing tool get_bill: connection refused", ("server", "error executing tool")),
        ("HTTP 503", ("server", "")),
        ("404 Not Found", ("not_found", "not found")),
        ("HTTP/1.1 404 No order with this number", ("not_found", "no order with this number")),
        ("Request failed with status code 429", ("rate_limit", "request failed with status code")),
        ("Traceback (most recent call last):\n  File 'x.py', line 1\nKeyError: 'id'", ("other", "")),
        ('{"error": "Invalid token"}', ("auth", "invalid token")),
        ('{"error": {"code": 403, "message": "Access denied for user 12"}}', ("auth", "access denied for user")),
        (
            '{"status": "error", "message": "Order #123 is already cancelled"}',
            ("conflict", "order is already cancelled"),
        ),
        ('{"status": 500}', ("server", "")),
        ('{"statusCode": "404", "message": "No such order"}', ("not_found", "no such order")),
        (
            '{"isError": true, "content": [{"type": "text", "text": "quota exceeded"}]}',
            ("rate_limit", "quota exceeded"),
        ),
        (
            '{"success": false, "reason": "Line must be suspended to resume"}',
            ("validation", "line must be suspended to resume"),
        ),
    ],
)
def test_an_error_has_a_kind_and_a_head_without_ids(result: str, expected: tuple[str, str]) -> None:
    error = tool_error(Turn(0, "tool", result))
    assert error is not None
    assert (error.kind, error.head) == expected


@pytest.mark.parametrize(
    "result",
    [
        "",
        "No errors found",
        "0 errors, 2 warnings",
        "Error handling in Python uses try and except.",
        "Errors and refunds: see our policy.",
        "The page explains what error 404 means.",
        "Speed test failed: No Connection.",
        "Transfer successful",
        "500 results",
        "404",
        "[]",
        '{"error": null, "data": 1}',
        '{"errors": [], "data": {"x": 1}}',
        '{"error": false}',
        '{"payment": "P1", "status": "failed", "amount": 20}',
        '{"status": "active", "code": 451}',
        '{"title": "How to handle an error", "text": "error: see below"}',
        '[{"error_rate": 0.2}]',
        '{"broken": "error"',
    ],
)
def test_a_result_that_only_speaks_of_errors_is_none(result: str) -> None:
    assert tool_error(Turn(0, "tool", result)) is None


def test_a_logged_error_counts_whatever_the_result_says() -> None:
    error = tool_error(Turn(0, "tool", "", error="upstream timeout after 30 s"))
    assert error is not None
    assert (error.kind, error.message) == ("timeout", "upstream timeout after 30 s")


def test_the_head_is_short_and_has_no_quoted_values() -> None:
    assert error_head(
        'Error: Field "first name" (line 3) is required for every one of the passengers in a booking'
    ) == ("field is required for every one")


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
