import pytest

from workbench.text.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("6761 1451 4060 4529 01", "[card]"),
        ("8176 1481 1004 5778", "[card]"),
        ("4786 459 145 439", "[card]"),
        ("card number: 1286 0957 4303 9730", "card number: [card]"),
        ("1286095743039730, 860098745110977 and 4006381333931", "1286095743039730, 860098745110977 and 4006381333931"),
        ("imei: 352483449275072", "imei: 352483449275072"),
    ],
)
def test_cards_of_further_issuers_and_behind_a_word_those_of_any(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("BI47 9449 8149 8518 2662 2671 073", "[iban]"),
        ("IBANDE89370400440532013000", "IBAN[iban]"),
        ("FO41.2596.0164.7403.17", "[iban]"),
        ("BI47 9449 8149 8518 2662 2671 074", "BI47 9449 8149 8518 2662 2671 074"),
    ],
)
def test_accounts_of_further_countries_dotted_and_joined_to_the_word(text: str, masked: str) -> None:
    assert mask(text) == masked
