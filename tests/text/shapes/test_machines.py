import pytest

from workbench.text.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("::ffff:198.51.100.7, 64:ff9b::198.51.100.7", "[ip], [ip]"),
        ("198[.]51[.]100[.]7", "[ip]"),
        ("ip-10-0-0-12.ec2.internal", "ip-[ip].ec2.internal"),
        (r"line\n57.234.234.93/24", r"line\n[ip]/24"),
        ("00:11:22:33, Foo::Bar, version 1.2.3.4", "00:11:22:33, Foo::Bar, version 1.2.3.4"),
    ],
)
def test_an_address_of_a_machine_in_any_spelling(text: str, masked: str) -> None:
    assert mask(text) == masked
