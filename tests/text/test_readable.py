"""Excerpts of a log in words: no markup, no JSON, no control tokens."""

import pytest

from workbench.text.readable import readable, without_data


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("My id is **amelia_davis_8890**, thanks", "My id is amelia_davis_8890, thanks"),
        ("## Order\n- *blue* shoes\n- `A-1`", "Order blue shoes A-1"),
        ("See [our terms](https://shop.example/t) ![x](http://evil.example/a.png)", "See our terms x"),
        ("Bye ###STOP###", "Bye"),
        ("<|im_start|>Hello<|im_end|>", "Hello"),
        ('{"status": "ok", "order": {"id": 7}}', "(data: status, order, id)"),
        ('Here: [{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}] done', "Here: (data: a, b, c, d, …) done"),
        ('Cut off: {"status": "ok", "no', "Cut off: (data: status)"),
        ("2 * 3 * 4 and snake_case_word and {not json}", "2 * 3 * 4 and snake_case_word and {not json}"),
        ("```json\nx = 1\n```", "x = 1"),
    ],
)
def test_an_excerpt_reads_as_words(text: str, words: str) -> None:
    assert readable(text) == words


def test_a_long_text_costs_what_its_beginning_costs() -> None:
    assert readable("a" * 10_000_000) == "a" * 2_000
    assert readable('{"' * 5_000).startswith('{"')


def test_a_message_for_business_keeps_its_lines_and_loses_its_data() -> None:
    assert without_data('Here it is:\n{"order": 7, "state": "lost"}\nAnything else? ###STOP###') == (
        "Here it is:\n(data: order, state)\nAnything else?"
    )
