import pytest

from workbench.text.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("меня зовут Иван Петров", "меня зовут [name]"),
        ("jag heter Åsa Öberg, hej", "jag heter [name], hej"),
        ("我叫罗红梅，你好", "我叫[name]，你好"),
        ("제 이름은 김민수입니다", "제 이름은 [name]입니다"),
        ("小林さゆりと申します", "[name]と申します"),
        ("Dear Ana Silva,", "Dear [name],"),
        ("I need help.\n\nBest regards,\nMaría Gómez", "I need help.\n\nBest regards,\n[name]"),
        (r"Danke\n\nMit freundlichen Grüßen\nJürgen Schönberg", r"Danke\n\nMit freundlichen Grüßen\n[name]"),
        ("this is John Smith speaking", "this is [name] speaking"),
        ("I'm Ana Silva and I need help", "I'm [name] and I need help"),
    ],
)
def test_a_name_is_one_where_its_language_introduces_greets_or_signs(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Dear Customer, Hi Team, Hello there,",
        "Thanks,\nThe Support Team",
        "I'm Happy, I am American Express Platinum",
        "This is Basic Economy. This is Great",
        "お客様 고객님",
    ],
)
def test_who_is_greeted_or_signs_without_a_name_stays(text: str) -> None:
    assert mask(text) == text
