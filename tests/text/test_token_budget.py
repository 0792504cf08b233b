"""How long a text is for a model, and its beginning in whole words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.text.formatting import Beginning
from workbench.text.token_budget import token_count, whole_words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("please cancel my reservation", 7),  # a quarter of the bytes
        ("order 4711", 3),
        ('{"a": "b"}', 9),
        ("line\nline", 3),
        ("語語語", 3),
        ("😀", 3),
        ("." * 40, 40),
        ("cancellation", 3),  # the same; six letters a token would be two
        ("a b c d e f", 6),
    ],
)
def test_tokens_are_counted_rather_too_high(text: str, tokens: int) -> None:
    assert token_count(text) == tokens


@pytest.mark.parametrize(
    ("text", "limit", "wanted"),
    [
        ("short", 5, Beginning("short", 0)),
        ("one two three", 8, Beginning("one two …", 6)),
        ("one two three", 7, Beginning("one two …", 6)),
        ("one two three", 6, Beginning("one …", 10)),
        ("mail [email-2] now", 10, Beginning("mail …", 14)),
        ('{"a":"b","c":"d"}', 12, Beginning('{"a":"b", …', 8)),
        ("pay 1,204 now", 6, Beginning("pay …", 10)),
        ("x" * 50, 10, Beginning("…", 50)),
        ("東京は晴れ", 3, Beginning("東京は …", 2)),
        ("กินข้าว", 1, Beginning("…", 7)),
    ],
)
def test_a_text_ends_after_a_whole_word(text: str, limit: int, wanted: Beginning) -> None:
    assert whole_words(text, limit) == wanted


@given(st.text(max_size=60), st.integers(1, 60))
def test_what_is_shown_is_a_beginning_and_the_rest_is_counted(text: str, limit: int) -> None:
    shown = whole_words(text, limit)
    begun = shown.text if not shown.omitted else shown.text.removesuffix("…").rstrip()
    assert text.startswith(begun)
    assert len(begun) <= limit or not shown.omitted
    assert shown.omitted in (0, len(text) - len(begun))
