"""Words found where no space parts them."""

from workbench.text.terms import terms


def test_what_texts_share_is_a_word_and_a_piece_of_it_is_none() -> None:
    assert terms(["怎么申请退款", "申请退款被拒", "退款没到", "查物流", "物流慢"], {"怎", "么", "没"}) == [
        {"申请退款", "退款"}, {"申请退款", "退款"}, {"退款"}, {"物流"}, {"物流"},
    ]  # fmt: skip


def test_kanji_and_katakana_are_words_and_what_joins_them_is_none() -> None:
    assert terms(["返品したい", "返品はアプリから"], set()) == [{"返品"}, {"返品", "アプリ"}]


def test_a_korean_noun_is_one_word_whatever_follows() -> None:
    assert terms(["환불이 안돼요", "환불을 원해요", "환불 언제"], set()) == [{"환불"}, {"환불"}, {"환불"}]


def test_a_stop_word_is_no_word() -> None:
    assert terms(["可以退款", "可以换货", "退款"], {"可以"}) == [{"退款"}, set(), {"退款"}]


def test_a_sentence_that_recurs_is_no_word_and_texts_with_spaces_have_none_here() -> None:
    again = "请您在三十天之内联系客服办理退货手续"
    assert terms([again, again, "refund my order"], set()) == [set(), set(), set()]
