import pytest

from workbench.text.search_text import FIELD, Words, excerpt_around, fold, searchable, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Crème  BRÛLÉE\n", "creme brulee"),
        ("Straße", "strasse"),
        ("Ｆｕｌｌ　width", "full width"),
        ("zero\u200bwidth so\u00adft", "zerowidth soft"),
        ("I didn’t", "i didn't"),
        ("e\u0301te\u0301", "ete"),
        ("مَرْحَبًا", "مرحبا"),
        ("plaît-il ?", "plait-il ?"),
    ],
)
def test_case_accents_and_what_is_invisible_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("Refund card", Words(("refund", "card"), ())),
        ('"two  Words" one', Words(("two words", "one"), ())),
        ("refund -voucher -“gift card”", Words(("refund",), ("voucher", "gift card"))),
        ("re-send", Words(("re-send",), ())),
        ('"no end', Words(("no end",), ())),
        ("refund refund", Words(("refund",), ())),
        (' - "" ', Words((), ())),
    ],
)
def test_a_query_is_words_phrases_and_what_to_leave_out(query: str, read: Words) -> None:
    assert words(query) == read


def test_each_text_of_a_turn_is_masked_on_its_own_as_on_the_page() -> None:
    turn = FIELD.join(["Mail Ana@Example.com", "book", '{"phone": "+49 30 901820"}'])
    assert searchable(turn) == 'mail [email] book {"phone": "[phone]"}'


def test_an_excerpt_shows_the_first_hit_within_its_sentence() -> None:
    text = (
        "I called last week already.\n" + "Nobody could say where it is. " * 4 + "Now the Café wants " + "money " * 60
    )
    shown = excerpt_around(text, ["cafe", "money"])
    assert shown.startswith("… say where it is. Nobody could say where it is. Now the Café wants money")
    assert shown.endswith("money…")
    assert len(shown) < 240


def test_an_excerpt_of_a_short_text_is_the_text() -> None:
    assert excerpt_around("Where is\nmy parcel?", ["parcel"]) == "Where is my parcel?"
