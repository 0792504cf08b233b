import pytest

from workbench.text.masking import mask


@pytest.mark.parametrize(
    "code",
    ["756.9217.0769.85", "710319/2745", "131052-308T", "16.727.230/0001-97", "76.086.428-5", "20-05536168-2", "85.07.30-033.28", "1-2345-45678-78-1"],
)  # fmt: skip
def test_a_form_with_check_digits_says_enough(code: str) -> None:
    wrong = code[:-1] + ("U" if code[-1] == "T" else str((int(code[-1]) + 1) % 10))
    assert mask(f"{code} and {wrong}") == f"[id] and {wrong}"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("СНИЛС 112-233-445 95", "СНИЛС [id]"),
        ("rodné číslo: 7103192745", "rodné číslo: [id]"),
        ("マイナンバー=9830 0219 1680", "マイナンバー=[id]"),
        ("passport number X1234567 for me", "passport number [id] for me"),
        ("the pan is hot, tax id pending", "the pan is hot, tax id pending"),
    ],
)
def test_behind_its_name_in_its_language_an_id_is_one(text: str, masked: str) -> None:
    assert mask(text) == masked
