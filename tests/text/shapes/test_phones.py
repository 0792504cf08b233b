import pytest

from workbench.text.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("tel:+41-44-668-18-00, (+41) 44 668 18 00, 0041 44 668 18 00", "tel:[phone], [phone], [phone]"),
        ("00687751653", "[phone]"),
        ("01512 3458680, 810 12 09 52", "[phone], [phone]"),
        ("telefoon: 71.123.019", "telefoon: [phone]"),
        ("numer telefonu: 912-345-401", "numer telefonu: [phone]"),
        ("mon numéro est le 57123619", "mon numéro est le [phone]"),
        ("电话：22004123", "电话：[phone]"),
        ("携帯は031234964です", "携帯は[phone]です"),
        ("мой номер 63-123-536", "мой номер [phone]"),
        ("sđt: 7215205974", "sđt: [phone]"),
    ],
)
def test_behind_a_word_of_any_of_these_languages_a_number_is_a_phone(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    ["Bestellnummer 0197523960", "pedido 0276823589", "tracking number 002930392254", "Vorgang 0480/04911", "00340434161094042557", "00999123456", "ref 0054-8065"],
)  # fmt: skip
def test_a_number_of_an_order_a_parcel_or_no_country_stays(text: str) -> None:
    assert mask(text) == text
