import pytest

from workbench.text.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('"ana smith"@example.com', "[email]"),
        ("ana&commat;example&#46;com, ana&#x40;example.com", "[email], [email]"),
        (r"ana\u0040example.com", "[email]"),
        ("ana@[203.0.113.7]", "[email]"),
        ("ana @ example . com", "[email]"),
        (r"ana@\nexample.com", "[email]"),
        ("Ana AT example DOT com", "[email]"),
        ("ana arroba ejemplo punto es", "[email]"),
        ("ana chiocciola esempio punto it", "[email]"),
        ("ana_at_example_dot_com", "[email]"),
        ("look at it dot it starts, meet me @ home. Thanks", "look at it dot it starts, meet me @ home. Thanks"),
        ("AT&amp;T and R&amp;D", "AT&amp;T and R&amp;D"),
    ],
)
def test_an_address_is_one_however_it_is_escaped_quoted_or_spelled_out(text: str, masked: str) -> None:
    assert mask(text) == masked
