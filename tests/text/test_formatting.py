"""Numbers and texts in the words that people read."""

import pytest

from workbench.text.formatting import Beginning, beginning, chance, duration, excerpt, signed


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (3.21, "3.2 s"), (61, "1 min"), (840, "14 min"), (9000, "2.5 h"), (29 * 3600, "29 h")],
)
def test_a_duration_is_as_exact_as_it_is_short(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [(8, 1, "+8.0"), (-0.44, 1, "−0.4"), (-0.04, 1, "+0.0"), (0.0, 0, "+0"), (-1234.5, 1, "−1,234.5")],
)
def test_a_difference_has_a_sign_and_nothing_has_no_minus(value: float, digits: int, words: str) -> None:
    assert signed(value, digits) == words


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        (None, 10, ""),
        ("two\n  lines", 10, "two lines"),
        ("one two three", 10, "one two t…"),
        ("Write to ann.berg@example.com", 20, "Write to [email]"),
    ],
)
def test_an_excerpt_is_one_line_and_masked_before_it_is_cut(text: str | None, limit: int, expected: str) -> None:
    assert excerpt(text, limit) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, Beginning("short", 0)),
        ("hardly more", 10, Beginning("hardly more", 0)),
        ("one two three four", 10, Beginning("one two th …", 8)),
        ("one two three four five", 15, Beginning("one two three …", 10)),
        ("x" * 1_000_000, 20, Beginning("x" * 20 + " …", 999_980)),
    ],
)
def test_a_long_text_is_cut_and_says_how_much(text: str, limit: int, expected: Beginning) -> None:
    assert beginning(text, limit) == expected


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (2e-08, "chance: below 1 in a million"),
        (2.1e-05, "chance: 1 in 47,000"),
        (0.004, "chance: 1 in 250"),
        (0.03, "chance: 1 in 33"),
        (0.4, "chance: 1 in 2"),
        (0.9, "chance: as likely as not"),
    ],
)
def test_a_p_value_is_told_as_odds(p: float, words: str) -> None:
    assert chance(p) == words
