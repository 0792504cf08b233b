import pytest

from workbench.text.masking import mask


@pytest.mark.parametrize(
    "address",
    ["ul. Długa 5/7, 00-238 Warszawa", "Váci utca 12.", "ул. Ленина, д. 5", "東京都千代田区丸の内1丁目9番1号", "Nyhavn 12, 1051 København", "Čestmírova 349, 536 74 Stříbro", "7966 Rivers Forges Apt. 347, Eatontown, NC 41316", "Jl. Cikutra Barat No. 58"],
)  # fmt: skip
def test_streets_of_further_countries(address: str) -> None:
    assert mask(f"I live at {address}; bye") == "I live at [address]; bye"


@pytest.mark.parametrize(
    "text", ["May 25, 2024\n\nThe Court", "Released November 29, 1982\nRecorded April 14", "NGC 1055\n2024 March 15"]
)
def test_a_date_above_a_line_is_no_address(text: str) -> None:
    assert mask(text) == text
