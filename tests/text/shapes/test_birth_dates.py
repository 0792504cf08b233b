import pytest

from workbench.text.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("geboren op 10. 12. 1970", "geboren op [birth date]"),
        ("生年月日：1990年5月3日", "生年月日：[birth date]"),
        ("data urodzenia: 3 maja 1971", "data urodzenia: [birth date]"),
        ("född 1980-02-03", "född [birth date]"),
        ("born in 1990, the last hour. 12/05/2024", "born in 1990, the last hour. 12/05/2024"),
    ],
)
def test_a_date_behind_a_word_for_birth(text: str, masked: str) -> None:
    assert mask(text) == masked
