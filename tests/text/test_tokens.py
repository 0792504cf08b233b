"""Words of any script."""

import pytest

from workbench.text.tokens import how_many, joined, runs, scripts, words


@pytest.mark.parametrize(
    ("what", "text", "expected"),
    [
        ("lower-case words", "I can't pay 30 EUR!", ["i", "can", "t", "pay", "30", "eur"]),
        ("accents are letters", "Ça me plaît", ["ça", "me", "plaît"]),
        ("marks belong to words: Hindi", "मेरा पैसा दो", ["मेरा", "पैसा", "दो"]),
        ("Tamil", "பணம் வேண்டும்", ["பணம்", "வேண்டும்"]),
        ("Arabic with vowel signs", "شُكْرًا جزيلا", ["شُكْرًا", "جزيلا"]),
        ("Persian's joiner", "می‌خواهم", ["می‌خواهم"]),
        ("an accent of its own is the same letter", "Cafe\u0301", ["café"]),
        ("an emoji is no word", "hi 👩‍💻 ❤️", ["hi"]),
        ("Chinese: pairs of letters", "我要退款。", ["我要", "要退", "退款"]),
        ("numbers stay whole", "30日以内", ["30", "日以", "以内"]),
        ("Japanese", "返品は？", ["返品", "品は"]),
        ("one letter alone", "は?", ["は"]),
        ("Thai, vowel signs with their letters", "คืนเงิน", ["คืน", "นเ", "เงิ", "งิน"]),
        ("Lao", "ເງິນຄືນ", ["ເງິ", "ງິນ", "ນຄື", "ຄືນ"]),
        ("Khmer", "ប្រាក់", ["ប្រា", "រាក់"]),
        ("Burmese", "ပြန်အမ်း", ["ပြန်", "န်အ", "အမ်း"]),
        ("Korean has spaces", "환불 언제 되나요", ["환불", "언제", "되나요"]),
    ],
)
def test_words_are_of_any_script(what: str, text: str, expected: list[str]) -> None:
    assert words(text) == expected, what


def test_a_pair_of_letters_counts_half_a_word() -> None:
    assert [how_many(words(text)) for text in ("refund please", "我要退款", "wifi がおそい")] == [2, 1.5, 2.5]


def test_pairs_are_shown_as_the_stretch_that_they_are() -> None:
    assert joined([*words("返品は refund"), "送料"]) == ["返品は", "refund", "送料"]


def test_the_script_of_a_text_is_that_of_its_letters() -> None:
    texts = ["refund 30", "返品は", "退款", "пакет", "मेरा पैसा", "30 !"]
    assert [dict(scripts(text)) for text in texts] == [
        {"LATIN": 6}, {"JAPANESE": 3}, {"CHINESE": 2}, {"CYRILLIC": 5}, {"DEVANAGARI": 4}, {},
    ]  # fmt: skip


def test_runs_are_what_a_clause_is_about() -> None:
    assert runs("アカウントの新規登録ができない login 환불이") == ["アカウント", "新規登録", "환불이"]
