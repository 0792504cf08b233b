"""How a tool's result says that it failed."""

import pytest

from workbench.conversation.model import Turn
from workbench.conversation.tool_errors import error_head, tool_error


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
        ("Error", ("other", "error")),
        ("HTTPError 500", ("server", "httperror")),
        ("Internal Server Error", ("server", "internal server error")),
        ("Network Error", ("server", "network error")),
        ("Tool execution failed", ("other", "tool execution failed")),
        ("Failed to fetch", ("other", "failed to fetch")),
        ("{'error': 'order not found'}", ("not_found", "order not found")),
        ("{'error': \"can't be cancelled\", 'code': None}", ("validation", "can't be cancelled")),
        ('[{"error": "no such order"}]', ("not_found", "no such order")),
        ("[{'error': 'no such order'}]", ("not_found", "no such order")),
        ('{"result": {"error": "not found"}}', ("not_found", "not found")),
        (r'{"result": "{\"error\": \"room taken\"}"}', ("other", "room taken")),
        (r'{"response": "{\"ok\": false, \"message\": \"access denied\"}"}', ("auth", "access denied")),
        ('{"data": [{"success": false, "message": "access denied"}]}', ("auth", "access denied")),
        ('{"response": "Error: the order is locked"}', ("other", "the order is locked")),
        ('{"errorMessage": "bad input", "errorType": "ValueError"}', ("other", "bad input")),
        ('{"exit_code": 1, "stderr": "connection refused"}', ("server", "connection refused")),
        ('{"exitCode": "127", "stdout": ""}', ("other", "")),
        ("Fehler: Bestellung nicht gefunden", ("other", "bestellung nicht gefunden")),
        ("Erreur : commande introuvable", ("other", "commande introuvable")),
        ("Une erreur s’est produite.", ("other", "une erreur s’est produite")),
        ("错误：订单不存在", ("other", "订单不存在")),
        ("エラーが発生しました。", ("other", "エラーが発生しました")),
        ("त्रुटि: आदेश नहीं मिला", ("other", "आदेश नहीं मिला")),
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
        '{"error": "0"}',
        '{"error_message": "", "exit_code": 0, "stderr": "a warning"}',
        "{'error': None, 'items': [1]}",
        "{'error': unquoted}",
        '[{"error": "x"}, {"order": 7}]',
        '{"success": true, "data": {"error": "the one before"}}',
        '{"data": {"status": "failed", "message": "payment declined"}}',
        '{"result": "See how errors are handled."}',
        r'{"result": "{\"error\": \"\", \"status\": 500}"}',
        r'{"result": "{\"error\": cut"}',
        "No error",
        "Kein Fehler",
        "Error 404 means that the page is gone.",
        "Payment failed",
        "Apfel: 3",
    ],
)
def test_a_result_that_only_speaks_of_errors_is_none(result: str) -> None:
    assert tool_error(Turn(0, "tool", result)) is None


@pytest.mark.parametrize("result", ["Refund failed", "failed.", '{"status": "failed"}', "Zahlung fehlgeschlagen"])
def test_a_change_that_came_back_as_failed_was_not_made(result: str) -> None:
    assert tool_error(Turn(0, "tool", result)) is None
    assert tool_error(Turn(0, "tool", result), changes=True) is not None


@pytest.mark.parametrize("result", ["{'a': " * 10_000, "{'" + "x" * 30_000 + "': 1, 'error': 'x'}", "{'error': '\\d'"])
def test_what_only_begins_like_pythons_writing_is_a_result(result: str) -> None:
    assert tool_error(Turn(0, "tool", result)) is None


def test_a_logged_error_counts_whatever_the_result_says() -> None:
    error = tool_error(Turn(0, "tool", "", error="upstream timeout after 30 s"))
    assert error is not None
    assert (error.kind, error.message) == ("timeout", "upstream timeout after 30 s")


def test_the_head_is_short_and_has_no_quoted_values() -> None:
    assert error_head(
        'Error: Field "first name" (line 3) is required for every one of the passengers in a booking'
    ) == ("field is required for every one")
